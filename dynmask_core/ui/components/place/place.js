// Brings the reader to the heading of what is new on the page: the keyboard's focus and what is in sight.
import { make } from "../../web/dom.js";
import { mount } from "../../web/mount.js";

const LITTLE = 200; // pixels; who is that near to the page's top sees its title whole rather than cut
const TRIES_MS = [0, 150, 400, 900]; // headings are drawn a little later, or once more

export default mount(createPlace);

function createPlace(signal) {
  const root = make("span", "web pl");
  let was = null;
  let waiting = [];
  const forget = () => { waiting.forEach(clearTimeout); waiting = []; };
  signal.addEventListener("abort", forget);
  // Who does something meanwhile is where they want to be.
  for (const type of ["pointerdown", "keydown", "wheel"]) {
    document.addEventListener(type, forget, { signal, capture: true, passive: true });
  }

  function receive({ where, key }) {
    if (was !== null && was !== where) {
      forget();
      waiting = TRIES_MS.map((after) => setTimeout(() => bringTo(key), after));
    }
    was = where;
  }
  return { root, receive };
}

function bringTo(key) {
  const heading = document.querySelector(`.st-key-${CSS.escape(key)} :is(h1, h2, h3)`);
  if (!heading || document.activeElement === heading) return;
  heading.tabIndex = -1; // can be given the focus, and is passed over by the tabulator
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "start" });
  const main = heading.closest("[data-testid=stMain]");
  if (main && main.scrollTop < LITTLE) main.scrollTop = 0;
}

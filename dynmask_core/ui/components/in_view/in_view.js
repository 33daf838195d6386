// Tells which cards that wait for their picture are in sight, or nearly so. It draws nothing.
import { make } from "../../web/dom.js";
import { mount } from "../../web/mount.js";

const NEAR = 300; // pixels below and above the window that count as in sight
const CHECK_MS = 1000;
const PAUSE_MS = 150; // so long nothing moves before it is told

export default mount(createInView);

function createInView(signal) {
  const root = make("span", "iv", { testid: "iv" });
  let told = null; // what the server was told last
  let send = () => {};
  let timer = 0;

  const seen = (prefix) => [...document.querySelectorAll(".mk-waiting")].filter((node) => {
    const { top, bottom, height } = node.getBoundingClientRect();
    return height > 0 && bottom > -NEAR && top < innerHeight + NEAR;
  }).flatMap((node) => [...node.closest(`[class*="${prefix}"]`)?.classList ?? []])
    .filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));

  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(() => send(), PAUSE_MS);
  };
  function receive({ prefix }, _theme, { setStateValue }) {
    send = () => {
      const names = seen(prefix);
      // With nothing waiting in sight there is nothing to draw.
      if (!names.length || names.join() === told) return;
      told = names.join();
      setStateValue("names", names);
    };
    look();
  }
  // Pages scroll inside their main part, whose events do not rise to the window.
  document.addEventListener("scroll", look, { signal, capture: true, passive: true });
  addEventListener("resize", look, { signal });
  // Pictures that arrive move those below them, and nobody says so.
  const watch = setInterval(() => send(), CHECK_MS);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    clearInterval(watch);
  });
  return { root, receive };
}

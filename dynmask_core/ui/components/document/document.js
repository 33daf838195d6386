// The language of the document, and a focus that is not lost.
import { make, setAttribute } from "../../web/dom.js";
import { mount } from "../../web/mount.js";

const FOCUSABLE = "button:enabled, input:enabled, textarea:enabled, select:enabled, summary, a[href]";

const HEADING = "[data-testid=stMain] h1";

const SETTLED_MS = 60;

export default mount(createDocument);

function createDocument(signal) {
  const root = make("span", "web dc");
  const listen = (type, listener) => document.addEventListener(type, listener, { signal, capture: true });
  // The keys of what has the focus and of the containers around it, from the inside out; and under which heading.
  let path = [];
  let title = "";
  listen("pointerdown", () => { path = []; }); // a click beside everything gives the focus up
  listen("focusin", ({ target }) => {
    if (target.matches?.(HEADING)) return;
    path = keysAround(target);
    title = headline();
  });

  // Browsers move the focus away from a disabled button some time after it was disabled.
  let waiting = 0;
  const watcher = new MutationObserver(() => {
    waiting ||= setTimeout(() => {
      waiting = 0;
      // A page inside a lesson takes the focus from nobody who is outside.
      if (path.length && document.activeElement === document.body && document.hasFocus()) {
        bringBack(path, headline() !== title);
      }
    }, SETTLED_MS);
  });
  watcher.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  signal.addEventListener("abort", () => watcher.disconnect());

  const receive = ({ lang, settle }, _theme, { setTriggerValue }) => {
    setAttribute(document.documentElement, "lang", lang);
    if (settle) setTriggerValue("settled", true);
  };
  return { root, receive };
}

const headline = () => document.querySelector(HEADING)?.textContent ?? "";

function keysAround(node) {
  const keys = [];
  for (let at = node; at instanceof Element; at = at.parentElement) {
    keys.push(...[...at.classList].filter((name) => name.startsWith("st-key-")));
  }
  return keys;
}

// To the same control if it is there again, else to the first one in the nearest container that is still there. If
// there is none: under another heading to that, under the same one nowhere, for more of the page is being drawn.
function bringBack(path, onAnother) {
  for (const key of path) {
    const next = [...document.getElementsByClassName(key)].flatMap((place) => [...place.querySelectorAll(FOCUSABLE)])
      .find((control) => control.getClientRects().length);
    if (next) return next.focus({ preventScroll: true });
  }
  const heading = onAnother ? document.querySelector(HEADING) : null;
  if (heading) heading.tabIndex = -1; // can be given the focus, and is passed over by the tabulator
  return heading?.focus({ preventScroll: true });
}

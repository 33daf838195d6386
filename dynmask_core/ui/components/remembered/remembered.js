// Keeps names of runs in the browser's storage, and tells the server which there are. It draws nothing.
import { make } from "../../web/dom.js";
import { mount } from "../../web/mount.js";

const PLACE = "dynmask.runs";
const MOST = 50;

export default mount(createMemory);

function createMemory(signal) {
  const root = make("div", "rm", { testid: "rm" });
  let last = null; // the arguments of the last `receive`
  let told = null; // what the server was told last

  // cleared: when this reader has last asked to forget, as far as the server knows; null before it was told.
  function receive({ names, cleared }, _theme, streamlit) {
    last = [{ names, cleared }, _theme, streamlit];
    const stored = recall();
    const asked = cleared !== null && cleared > stored.cleared;
    const elsewhere = cleared !== null && cleared < stored.cleared; // in another tab: this one must not undo it
    const kept = asked ? names : elsewhere ? stored.names : [...new Set([...names, ...stored.names])];
    const now = { names: kept.slice(0, MOST), cleared: asked ? cleared : stored.cleared };
    store(now);
    if (JSON.stringify(now) === told) return;
    told = JSON.stringify(now);
    streamlit.setStateValue("kept", now);
  }

  // Other tabs write here, too. What they add is read at the next drawing; what they forget, at once.
  window.addEventListener("storage", (event) => {
    if (event.key === PLACE && last && last[0].cleared !== null && recall().cleared > last[0].cleared) receive(...last);
  }, { signal });
  return { root, receive };
}

// A browser may forbid storage: then it remembers nothing.
function recall() {
  try {
    const { names, cleared } = JSON.parse(localStorage.getItem(PLACE) ?? "{}");
    return {
      names: Array.isArray(names) ? names.filter((name) => typeof name === "string") : [],
      cleared: Number.isSafeInteger(cleared) ? cleared : 0,
    };
  } catch {
    return { names: [], cleared: 0 };
  }
}

function store(now) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(now));
  } catch {
    // Nothing can be done, and nothing else depends on it.
  }
}

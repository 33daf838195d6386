// Keeps names of runs in the browser's storage, and tells the server which there are. It draws nothing.
import { make } from "../../web/dom.js";
import { mount } from "../../web/mount.js";

const PLACE = "dynmask.runs";
const MOST = 50;

export default mount(createMemory);

function createMemory() {
  const root = make("div", "rm", { testid: "rm" });
  let told = null; // what the server was told last

  function receive({ names, forgotten }, _theme, streamlit) {
    const asked = forgotten > Number(root.dataset.forgotten ?? 0);
    const kept = [...new Set(asked ? names : [...names, ...recall()])].slice(0, MOST);
    root.dataset.forgotten = String(forgotten);
    store(kept);
    const now = JSON.stringify({ forgotten, names: kept });
    if (now === told) return;
    told = now;
    streamlit.setStateValue("kept", { forgotten, names: kept });
  }
  return { root, receive };
}

// A browser may forbid storage: then it remembers nothing.
function recall() {
  try {
    const found = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

function store(names) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(names));
  } catch {
    // Nothing can be done, and nothing else depends on it.
  }
}

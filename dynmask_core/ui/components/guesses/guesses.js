// Keeps a reader's guesses in the browser's storage, and tells the server which there are. It draws nothing.
import { make } from "../../web/dom.js";
import { mount } from "../../web/mount.js";

const PLACE = "dynmask.guesses";
const MOST_LESSONS = 60; // of those read last
const MOST_CHARACTERS = 20000; // of one lesson

export default mount(createGuesses);

function createGuesses() {
  const root = make("div", "kg", { testid: "kg" });
  let told = null; // what the server was told last

  // guesses: of this visit, by step { at, shape, answers }; answers is null for a guess that was forgotten.
  function receive({ lesson, guesses }, _theme, streamlit) {
    const all = recall();
    const now = { ...(isObject(all[lesson]) ? all[lesson] : {}) };
    for (const [step, guess] of Object.entries(guesses)) {
      if (!isObject(now[step]) || !(now[step].at >= guess.at)) now[step] = guess;
    }
    delete all[lesson]; // the lesson that is read now comes last
    if (Object.keys(now).length) all[lesson] = now;
    store(all);
    const kept = JSON.stringify(now);
    if (kept === told || kept.length > MOST_CHARACTERS) return;
    told = kept;
    streamlit.setStateValue("kept", { lesson, guesses: now });
  }

  return { root, receive };
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// A browser may forbid storage: then it keeps nothing.
function recall() {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE) ?? "{}");
    return isObject(kept) ? kept : {};
  } catch {
    return {};
  }
}

function store(all) {
  try {
    const last = Object.entries(all).slice(-MOST_LESSONS);
    localStorage.setItem(PLACE, JSON.stringify(Object.fromEntries(last)));
  } catch {
    // Nothing can be done, and nothing else depends on it.
  }
}

// A scrubber over epochs: its buttons, slider and keys, its timer, and the epoch it shows when new data arrives.
import { labelEvery } from "./canvas.js";
import { builtOnce, make, makeSvg, onAction, onKey, setAttribute, setLabel, setText } from "./dom.js";

const STEP_MS = 500; // one epoch at speed 1
const STEPS = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };
const ICONS = {
  first: "M6 5h2.4v14H6zM19 5v14L9.4 12z",
  previous: "M16 5.8 14.2 4 6.2 12l8 8 1.8-1.8L9.8 12z",
  play: "M7 4v16l13-8z",
  pause: "M6 4h4.4v16H6zM13.6 4H18v16h-4.4z",
  next: "M8 5.8 9.8 4l8 8-8 8L8 18.2l6.2-6.2z",
  last: "M15.6 5H18v14h-2.4zM5 5v14l9.6-7z",
};
const SIGNS = { change: "◆", best: "★" }; // kinds of marks

// show(index, text): draws that epoch, whose displayed name is `text`; root.dataset has epoch, playing and live.
// t: gives the texts first, previous, next, last, play, pause, keys, epoch, epoch_of, and epoch_zero if there is an
// epoch 0; with marks also mark_change and mark_best. live: adds a button that follows an active run (texts live, live_title). extras: nodes before that button.
// longest: most milliseconds to play all epochs. prefix: of the ids for tests.
export function createScrubber({ root, signal, prefix, t, show, live = false, extras = [], longest = Infinity }) {
  const state = { index: 0, epoch: null, held: false, playing: false, speed: 1, pace: null };
  const once = builtOnce();
  let run = null; // the last data of `receive`
  let timer = 0;

  const control = (action, className, ...children) => make("button", `button ${className}`,
    { type: "button", "data-do": action, testid: `${prefix}-${action}` }, ...children);
  const icons = Object.fromEntries(Object.entries(ICONS).map(([name, d]) => [name,
    makeSvg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, makeSvg("path", { d }))]));
  const buttons = Object.fromEntries(["first", "previous", "play", "next", "last"].map((name) =>
    [name, control(name, name, icons[name])]));
  const range = make("input", "range", { type: "range", min: "0", step: "1", testid: `${prefix}-scrubber` });
  const ticks = make("div", "ticks", { "aria-hidden": "true" });
  const marks = make("ul", "marks", { testid: `${prefix}-marks` });
  const kinds = make("span", "kinds", { testid: `${prefix}-mark-kinds`, "aria-hidden": "true" }); // each mark says it itself
  const output = make("output", "epoch", { "aria-live": "polite", testid: `${prefix}-epoch` });
  const liveText = make("span");
  const liveButton = control("live", "live", make("i", "dot"), liveText);
  const node = make("div", "transport", { role: "group", testid: `${prefix}-transport` },
    make("span", "buttons", {}, ...Object.values(buttons)), make("div", "track", {}, range, ticks, marks), output,
    ...extras, ...(live ? [liveButton] : []), kinds);

  const last = () => run.epochs.length - 1;
  // The part of the track that has epochs; the rest is for those that are planned, so that none moves when more arrive.
  const reach = () => {
    const [first, end] = [run.epochs[0], run.epochs[last()]];
    return run.planned > end ? Math.max(0, (end - first) / (run.planned - first)) : 1;
  };
  const placeOf = (index) => (last() ? (index / last()) * reach() : 0);
  const following = () => live && run.running && !state.held;

  // ---- data ----------------------------------------------------------------------------------------------------

  // epochs: numbers, ascending. recorded[i]: false for a pale mark. newest: the epoch to show while following. The
  // epoch changes only while following; redraw() draws it. planned: the last epoch that will come while it runs.
  // changes: [{ epoch, text, kind }], shown as marks; kind is one of SIGNS.
  function receive({ epochs, recorded = null, newest = epochs.at(-1) ?? -1, running = false, planned = 0, marks: changes = [] }) {
    const before = run;
    // The end of a run and its last epoch may arrive together: if following until now, show that epoch too. Without
    // `live`, a reader at the end stays at the end.
    let follows = before !== null && (live ? following() : state.index === last());
    run = { epochs, recorded, newest, running, planned: running ? planned : 0, changes };
    // An earlier newest epoch means a new run, in which the reader has not moved the scrubber yet.
    if (before && running && newest < before.newest) state.held = false;
    follows ||= following();
    if (!epochs.length) delete root.dataset.epoch;
    else place(state.epoch === null || (follows && !state.playing) ? newest : state.epoch);
  }

  // Moves to this epoch, or to the closest earlier one if it is gone.
  function place(epoch) {
    const after = run.epochs.findIndex((e) => e > epoch);
    state.index = after < 0 ? last() : Math.max(0, after - 1);
    state.epoch = run.epochs[state.index];
  }

  function name() {
    for (const action of ["first", "previous", "next", "last"]) setLabel(buttons[action], t(action));
    setText(liveText, t("live"));
    setAttribute(liveButton, "title", t("live_title"));
    setAttribute(liveButton, "aria-label", `${t("live")}: ${t("live_title")}`);
    node.title = t("keys");
    setAttribute(range, "aria-label", t("epoch"));
  }

  // ---- one step ------------------------------------------------------------------------------------------------

  function go(index) {
    if (!run?.epochs.length) return;
    state.index = Math.max(0, Math.min(last(), index));
    state.epoch = run.epochs[state.index];
    const text = t(state.epoch === 0 ? "epoch_zero" : "epoch_of", { epoch: state.epoch, last: run.epochs[last()] });
    setAttribute(range, "max", String(last()));
    if (range.valueAsNumber !== state.index) range.value = String(state.index);
    const here = run.changes.filter(({ epoch }) => epoch === state.epoch).map(toldOf);
    setAttribute(range, "aria-valuetext", [text, ...here].join(" · "));
    range.style.setProperty("--done", last() ? state.index / last() : 0);
    for (const mark of marks.children) mark.classList.toggle("mark-now", Number(mark.dataset.epoch) === state.epoch);
    setText(output, text);
    show(state.index, text);
    showState();
    root.dataset.epoch = state.epoch;
  }

  function showState() {
    buttons.first.disabled = buttons.previous.disabled = state.index === 0;
    buttons.next.disabled = buttons.last.disabled = state.index === last();
    const wanted = state.playing ? icons.pause : icons.play;
    if (buttons.play.firstChild !== wanted) buttons.play.replaceChildren(wanted);
    setLabel(buttons.play, t(state.playing ? "pause" : "play"));
    buttons.play.disabled = last() === 0;
    liveButton.hidden = !run.running;
    setAttribute(liveButton, "aria-pressed", String(following()));
    // Screen readers announce only the epoch where the reader stops, not every epoch while playing.
    setAttribute(output, "aria-live", state.playing || following() ? "off" : "polite");
    Object.assign(root.dataset, { playing: state.playing, live: following() });
  }

  function drawTicks() {
    if (!run || !range.clientWidth) return; // a closed tab cannot be measured
    const { epochs, recorded } = run;
    range.style.width = `calc(20px + (100% - 20px) * ${reach()})`;
    const end = Math.max(1, last());
    const every = labelEvery(epochs.length, (Math.max(1, ticks.clientWidth - 20) * reach()) / end, 30);
    ticks.replaceChildren(...epochs.map((epoch, i) => {
      // The newest epoch always has its number; neighbours that would touch it have none.
      const numbered = i === last() || (i % every === 0 && last() - i >= every * 0.7);
      const look = `tick${recorded?.[i] === false ? " tick-bare" : ""}${numbered ? "" : " tick-small"}`;
      return make("span", look, { style: at(placeOf(i)) }, numbered ? String(epoch) : "");
    }));
    if (reach() < 1) ticks.append(make("span", "tick tick-bare", { style: at(1) }, String(run.planned)));
    once("marks", [run.changes, epochs, t("mark_change")], drawMarks);
  }

  function drawMarks() {
    const { epochs, changes } = run;
    const known = changes.filter(({ epoch }) => epochs.includes(epoch));
    marks.replaceChildren(...known.map((mark, i) => {
      const { epoch, kind } = mark;
      const beside = known.slice(0, i).some((other) => other.epoch === epoch); // two kinds of marks at one epoch
      return make("li", `mark mark-${kind}${beside ? " mark-beside" : ""}`, { style: at(placeOf(epochs.indexOf(epoch))),
        "data-epoch": epoch, title: `${epoch}: ${toldOf(mark)}` }, make("span", "mark-sign", { "aria-hidden": "true" }, SIGNS[kind]),
        make("span", "mark-text", {}, toldOf(mark)));
    }));
    const shown = Object.keys(SIGNS).filter((kind) => known.some((mark) => mark.kind === kind));
    kinds.replaceChildren(...shown.map((kind) => make("span", "", {}, `${SIGNS[kind]} ${t(`mark_${kind}`)}`)));
    kinds.hidden = !shown.length;
  }

  const toldOf = ({ kind, text }) => `${t(`mark_${kind}`)}: ${text}`;

  function at(place) {
    return `left: calc(10px + (100% - 20px) * ${place})`;
  }

  function redraw() {
    drawTicks();
    go(state.index);
  }

  // ---- the timer and the reader's actions ----------------------------------------------------------------------

  // pace: milliseconds per step, until a speed is chosen.
  function play(pace = null) {
    if (state.index === last()) go(0);
    Object.assign(state, { playing: true, pace });
    showState();
    wait();
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(tick, (state.pace ?? Math.min(STEP_MS, longest / last())) / state.speed);
  }

  function tick() {
    go(state.index + 1);
    if (state.index === last()) pause();
    else wait();
  }

  function pause() {
    clearTimeout(timer);
    if (!state.playing) return;
    state.playing = false;
    showState();
  }

  // Goes to an epoch. After this, new data does not move the reader.
  function hold(index) {
    state.held = true;
    pause();
    go(index);
  }

  const actions = {
    first: () => hold(0),
    previous: () => hold(state.index - 1),
    next: () => hold(state.index + 1),
    last: () => hold(last()),
    play: () => {
      state.held = true;
      if (state.playing) pause();
      else play();
    },
    live: () => {
      pause();
      state.held = following();
      if (!state.held) place(run.newest);
      go(state.index);
    },
  };
  onAction(node, actions, signal);
  range.addEventListener("input", () => hold(range.valueAsNumber), { signal });
  onKey(root, (event) => {
    const step = STEPS[event.key] ?? (event.key === " " && event.target.tagName !== "BUTTON" ? "play" : null);
    if (!step || !run?.epochs.length || node.closest("[hidden]")) return false;
    actions[step]();
    return true;
  }, signal);
  const resized = new ResizeObserver(() => requestAnimationFrame(drawTicks));
  resized.observe(node);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resized.disconnect();
  });

  return {
    node, receive, name, redraw, hold, play, pause,
    get index() { return state.index; },
    rewind: () => place(run.epochs[0]),
    setSpeed: (speed) => Object.assign(state, { speed, pace: null }),
    focus: () => range.focus({ preventScroll: true }),
  };
}

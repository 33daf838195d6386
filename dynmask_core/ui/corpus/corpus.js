// A page of the corpus: the epoch and the line the reader looks at, the clock, and what is redrawn when. Streamlit
// calls the default export again with the same parentElement whenever data or theme change: what must survive hangs
// on that element.

const PAGES = new WeakMap();
const STEP_MS = 500; // one epoch while playing
const WIDE = 880; // pixels from which the arms stand side by side
const TRIED = 24; // epochs that are tried out to find how tall the chosen line gets

export default function ({ data, parentElement }) {
  if (!data) return undefined;
  let page = PAGES.get(parentElement);
  if (!page) PAGES.set(parentElement, (page = createPage()));
  if (page.root.parentNode !== parentElement) parentElement.append(page.root);
  page.receive(data);
  // A cleanup also runs for a call that newer data overtook: only a page that has left the document is taken down.
  return () => setTimeout(() => {
    if (page.root.isConnected) return;
    page.destroy();
    if (PAGES.get(parentElement) === page) PAGES.delete(parentElement);
  });
}

function createPage() {
  const v = buildCorpus();
  const root = v.root;
  const state = { index: 0, line: 0, arm: 0, held: false, playing: false }; // arm is the one shown where it is narrow
  const gone = new AbortController();
  const built = {}; // what the current elements were built for, so that equal data leaves them alone
  let model = null;
  let theme = null;
  let squares = null; // the geometry of the squares, null while nothing can be measured
  let shades = [];
  let timer = 0;
  let pointed = null; // gives the text of the tip, again for every epoch that passes by

  const t = (name, values = {}) =>
    (model.strings[`corpus.${name}`] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const last = () => model.shape[1] - 1;
  const following = () => model.running && !state.held;
  const narrow = () => root.clientWidth < WIDE;
  const panels = () => [...v.heats.children].map((panel) => panel.parts);
  const columns = () => [...v.texts.children].map((column) => column.parts);
  const once = (name, value, build) => {
    const signature = JSON.stringify(value);
    if (built[name] === signature) return;
    built[name] = signature;
    build();
  };

  // ---- data ----------------------------------------------------------------------------------------------------

  function receive(bytes) {
    const next = openCorpus(bytes);
    const fresh = readTheme(root);
    const recoloured = theme?.signature !== fresh.signature;
    theme = fresh;
    if (next.digest === model?.digest) {
      if (recoloured) layOut();
      return;
    }
    const before = model;
    const followed = before !== null && following();
    model = next;
    // An epoch that lies further back belongs to a new run: nobody has taken hold of that one yet.
    if (before && model.running && model.epoch < before.epoch) state.held = false;
    const [A, E, N] = model.shape;
    state.arm = Math.min(state.arm, Math.max(0, A - 1));
    state.line = Math.min(state.line, Math.max(0, N - 1));
    if (!before || ((followed || following()) && !state.playing)) state.index = model.epoch - 1;
    state.index = Math.max(0, Math.min(E - 1, state.index));
    v.empty.hidden = A * E * N > 0;
    v.main.hidden = !v.empty.hidden;
    rebuild();
    layOut();
  }

  function rebuild() {
    const { lang, strings, arms, words, gaps, first } = model;
    setAttribute(root, "lang", lang);
    once("strings", [lang, strings], () => {
      for (const name of ["intro", "empty"]) setText(v[name], t(name));
      for (const name of ["first", "previous", "next", "last"]) label(v[name], t(name));
      v.live.title = t("live_title");
      setText(v.liveText, t("live"));
      v.transport.title = t("keys");
      setAttribute(v.range, "aria-label", t("epoch"));
    });
    once("page", [lang, strings, arms, words, gaps, first], () => {
      buildLegends(v, model, t);
      buildHeats(v, model, t);
      buildTexts(v, model, t);
      built.line = undefined;
      point(null);
    });
    buildChoice(v.which, "arm", t("which"), arms.map((arm, a) => [a, arm.name]));
    v.which.several = arms.length > 1;
    const longest = Math.max(0, ...words.map((line) => line.length));
    v.cut.hidden = longest <= COLUMNS;
    setText(v.cut, t("cut", { shown: COLUMNS, total: longest }));
  }

  function label(node, text) {
    setAttribute(node, "aria-label", text);
    setAttribute(node, "title", text);
  }

  // ---- geometry: after new data, a new size, a new theme, another line or arm -----------------------------------

  function layOut() {
    if (!model || v.main.hidden) return;
    squares = null;
    if (!root.clientWidth) return; // in a closed tab nothing can be measured; opening it changes the width
    root.dataset.theme = theme.dark ? "dark" : "light";
    root.dataset.narrow = narrow();
    v.which.hidden = !narrow() || !v.which.several;
    press(v.which, state.arm);
    setAttribute(v.range, "max", String(last()));
    const epochs = Array.from({ length: last() + 1 }, (_, e) => e + 1);
    buildTicks(v, epochs, epochs.map(() => true));

    shades = model.arms.map((arm) => shadesOf(theme, arm.color));
    const marks = v.squares.querySelectorAll(".cm-square");
    marks.forEach((mark) => [...mark.children].forEach((part, a) => {
      const { now, before, never } = shades[a];
      part.hidden = narrow() && a !== state.arm;
      const earlier = `linear-gradient(to top, ${before.at(-1)}, ${before[0]})`;
      part.style.background = { now, before: earlier, never }[mark.dataset.shade];
    }));
    for (const grid of [v.heats, v.texts]) {
      [...grid.children].forEach((node, a) => {
        node.hidden = narrow() && a !== state.arm;
        node.style.setProperty("--arm", css(theme.arm(model.arms[a].color)));
      });
    }
    squares = squareLayout(model, v.heats.children[narrow() ? state.arm : 0].clientWidth);
    for (const { canvas, rows } of panels()) {
      fit(canvas, squares.width, squares.height);
      rows.forEach((row, n) => {
        row.style.top = `${squares.top + n * squares.row}px`;
        row.style.height = `${squares.row}px`;
      });
    }
    showLine();
  }

  function showLine() {
    const words = model.words[state.line];
    once("line", [state.line, words], () =>
      columns().forEach((parts) => buildLine(parts, words, model.gaps[state.line], state.line)));
    for (const { rows } of panels()) {
      rows.forEach((row, n) => {
        setAttribute(row, "aria-selected", String(n === state.line));
        row.tabIndex = n === state.line ? 0 : -1;
      });
    }
    columns().forEach((parts, a) => {
      setText(parts.title, t("line", { line: numberOf(model, state.line), arm: model.arms[a].name }));
      parts.lines.forEach((line, n) => line.classList.toggle("cm-chosen", n === state.line));
    });
    root.dataset.line = state.line + 1;
    reserve();
    show(state.index);
  }

  // [MASK] is wider than many a word: room for the tallest the line gets, so that nothing below it moves while playing.
  function reserve() {
    const all = columns();
    let most = 0;
    for (const { line } of all) line.style.minHeight = "";
    for (let e = 0; e <= last(); e += Math.ceil((last() + 1) / TRIED)) {
      all.forEach((parts, a) => fillLine(parts, a, e));
      for (const { line } of all) most = Math.max(most, line.offsetHeight);
    }
    for (const { line } of all) line.style.minHeight = `${most}px`;
  }

  // ---- one epoch: all that a step of the scrubber costs --------------------------------------------------------

  function show(index) {
    state.index = Math.max(0, Math.min(last(), index));
    if (!squares) return;
    const [e, of] = [state.index, { epoch: state.index + 1, last: last() + 1 }];
    if (v.range.valueAsNumber !== e) v.range.value = String(e);
    setAttribute(v.range, "aria-valuetext", t("epoch_of", of));
    v.range.style.setProperty("--done", last() ? e / last() : 0);
    setText(v.epoch, t("epoch_of", of));
    panels().forEach((parts, a) => {
      const share = model.ever[a][e];
      parts.fill.style.transform = `scaleX(${share})`;
      // 100 % is said only when nothing is left.
      setText(parts.share, t("share", { share: share < 1 ? Math.min(99, Math.round(share * 100)) : 100 }));
      if (!narrow() || a === state.arm) drawPage(parts.canvas, model, theme, squares, shades[a], a, e);
      parts.rows.forEach((row, n) => setAttribute(row, "aria-label", lineText(a, n)));
    });
    columns().forEach((parts, a) => {
      fillPage(parts, a, e);
      fillLine(parts, a, e);
    });
    showTransport();
    if (pointed) setText(v.tip, pointed());
    root.dataset.epoch = e + 1;
  }

  function fillPage(parts, a, e) {
    parts.words.forEach((nodes, n) => nodes.forEach((node, i) => {
      const name = `cm-word cm-${KINDS[model.masks[model.at(a, e, n, i)]]}`;
      if (node.className !== name) node.className = name;
    }));
  }

  function fillLine(parts, a, e) {
    const words = model.words[state.line];
    words.forEach((word, i) => {
      const at = model.at(a, e, state.line, i);
      const kind = model.masks[at];
      const shown = kind === 2 ? 4 + at : kind; // two random words at one place differ
      if (parts.shown[i] === shown) return;
      parts.shown[i] = shown;
      fillChip(parts.chips[i], kind, word, model.written.get(at));
    });
  }

  function lineText(a, n) {
    const words = model.words[n];
    const asked = words.filter((_, i) => model.masks[model.at(a, state.index, n, i)] > 0).length;
    return t("line_label", { line: numberOf(model, n), asked, total: words.length });
  }

  function tokenText(a, n, i) {
    const at = model.at(a, state.index, n, i);
    const kind = KINDS[model.masks[at]];
    const now = t(kind === "visible" ? "visible" : `tip_${kind}`, { written: model.written.get(at) });
    const seen = t("tip_seen", { count: model.counts[at], epoch: state.index + 1 });
    return t("tip", { word: model.words[n][i], state: now, seen });
  }

  function showTransport() {
    v.first.disabled = v.previous.disabled = state.index === 0;
    v.next.disabled = v.last.disabled = state.index === last();
    const wanted = state.playing ? v.pauseIcon : v.playIcon;
    if (v.play.firstChild !== wanted) v.play.replaceChildren(wanted);
    label(v.play, t(state.playing ? "pause" : "play"));
    v.play.disabled = last() === 0;
    v.live.hidden = !model.running;
    setAttribute(v.live, "aria-pressed", String(following()));
    // Read out where the reader stopped, not every epoch that flies past.
    setAttribute(v.epoch, "aria-live", state.playing || following() ? "off" : "polite");
    Object.assign(root.dataset, { playing: state.playing, live: following() });
  }

  // ---- the clock and the reader's hand -------------------------------------------------------------------------

  function play() {
    if (state.index === last()) show(0);
    state.playing = true;
    showTransport();
    timer = setTimeout(tick, STEP_MS);
  }

  function tick() {
    show(state.index + 1);
    if (state.index === last()) pause();
    else timer = setTimeout(tick, STEP_MS);
  }

  function pause() {
    clearTimeout(timer);
    state.playing = false;
    showTransport();
  }

  // From here on new data may move the run but not the reader.
  function hold(index) {
    state.held = true;
    if (state.playing) pause();
    show(index);
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
      if (state.playing) pause();
      state.held = following();
      show(state.held ? state.index : model.epoch - 1);
    },
    arm: (value) => {
      state.arm = Number(value);
      layOut();
    },
  };

  function choose(line) {
    const chosen = Math.max(0, Math.min(model.words.length - 1, line));
    if (chosen === state.line) return;
    state.line = chosen;
    showLine();
  }

  // A line under the pointer is marked in every panel at once.
  function point(line, words = null, x = 0, y = 0) {
    pointed = words;
    v.tip.hidden = !words;
    if (words) showTip(v, words(), x, y);
    for (const { rows } of panels()) rows.forEach((row, n) => row.classList.toggle("cm-pointed", n === line));
    for (const { lines } of columns()) lines.forEach((node, n) => node.classList.toggle("cm-pointed", n === line));
  }

  const armOf = (node) => Number(node.closest("[data-arm]").dataset.arm);
  const lineOf = (event) => event.target.closest(".cm-row, .cm-chip, .cm-page [data-line]");
  const on = (node, type, listener) => node.addEventListener(type, listener, { signal: gone.signal });

  on(v.heats, "pointermove", (event) => {
    const row = lineOf(event);
    if (!row) return point(null);
    const [a, n] = [armOf(row), Number(row.dataset.line)];
    const i = Math.floor((event.clientX - row.getBoundingClientRect().left - squares.label) / squares.cell);
    const there = i >= 0 && i < Math.min(squares.columns, model.words[n].length);
    return point(n, there ? () => tokenText(a, n, i) : null, event.clientX, event.clientY - 6);
  });
  on(v.texts, "pointerover", (event) => {
    const node = lineOf(event);
    if (!node) return point(null);
    const [a, n, i] = [armOf(node), Number(node.dataset.line), node.dataset.token];
    const box = node.getClientRects()[0];
    return point(n, i === undefined ? null : () => tokenText(a, n, Number(i)), box.left + box.width / 2, box.top);
  });
  for (const area of [v.heats, v.texts]) on(area, "pointerleave", () => point(null));

  on(root, "click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) return button.disabled ? undefined : actions[button.dataset.do](button.dataset.value);
    const node = lineOf(event);
    return node && choose(Number(node.dataset.line));
  });
  on(v.range, "input", () => hold(v.range.valueAsNumber));
  on(root, "keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !model || v.main.hidden) return;
    const steps = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };
    const row = event.target.closest(".cm-row");
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (steps[event.key]) actions[steps[event.key]]();
    else if (event.key === " " && event.target.tagName !== "BUTTON") actions.play();
    else if (row && by) {
      choose(state.line + by);
      panels()[armOf(row)].rows[state.line].focus({ preventScroll: true });
    } else if (event.key === "Escape" && !v.tip.hidden) point(null);
    else return;
    event.preventDefault();
  });

  // ---- size and fonts ------------------------------------------------------------------------------------------

  let width = 0;
  const resized = new ResizeObserver(() => {
    // Height follows from what is drawn; reacting to it would chase its own tail.
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    requestAnimationFrame(layOut);
  });
  resized.observe(root);
  // Lines measured before the page's fonts arrived are measured again.
  on(document.fonts, "loadingdone", () => layOut());

  function destroy() {
    clearTimeout(timer);
    resized.disconnect();
    gone.abort();
  }

  return { root, receive, destroy };
}

// A page of the corpus: the epoch and the line the reader looks at, and what is redrawn when.
import { builtOnce, onAction, onKey, setAttribute, setText, textsOf } from "../../web/dom.js";
import { mount, onResize } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { createScrubber } from "../../web/scrubber.js";
import { createTip } from "../../web/tip.js";
import { COLUMNS, drawSquares, openMasks, shadesOf, squareLayout } from "./squares.js";
import { KINDS, buildHeats, buildLegends, buildLine, buildTexts, buildView, fillChip, numberOf } from "./view.js";

const WIDE = 880; // pixels; from this width on the arms are side by side
const TRIED = 24; // most epochs tried to find the largest height of the chosen line

export default mount(createPage);

function createPage(signal) {
  const v = buildView();
  const { root } = v;
  const once = builtOnce();
  const state = { line: 0, arm: 0 }; // arm: the one shown on a narrow page
  let model = null;
  let theme = null;
  let squares = null; // geometry of the squares, null while nothing can be measured
  let shades = [];

  const t = textsOf("page", () => model.strings);
  const scrubber = createScrubber({ root, signal, t, show, prefix: "page", live: true });
  v.main.prepend(scrubber.node);
  const tip = createTip(root);
  const narrow = () => root.clientWidth < WIDE;
  const hides = (a) => narrow() && a !== state.arm;
  const panels = () => [...v.heats.children].map((panel) => panel.parts);
  const columns = () => [...v.texts.children].map((column) => column.parts);

  // ---- data ----------------------------------------------------------------------------------------------------

  function receive(data, theirs) {
    [model, theme] = [openMasks(data), theirs];
    const [A, E, N] = model.shape;
    state.arm = Math.min(state.arm, Math.max(0, A - 1));
    state.line = Math.min(state.line, Math.max(0, N - 1));
    setAttribute(root, "lang", model.lang);
    scrubber.receive({
      epochs: Array.from({ length: E }, (_, e) => e + 1), newest: model.epoch, running: model.running,
    });
    v.empty.hidden = A * E * N > 0;
    v.main.hidden = !v.empty.hidden;
    rebuild();
    layOut();
  }

  function rebuild() {
    const { lang, strings, arms, words, gaps, first } = model;
    once("strings", [lang, strings], () => {
      for (const name of ["intro", "empty"]) setText(v[name], t(name));
      scrubber.name();
    });
    once("page", [lang, strings, arms, words, gaps, first], () => {
      for (const build of [buildLegends, buildHeats, buildTexts]) build({ v, model, t });
      once.forget("line");
      point(null);
    });
    v.which.offer(t("which"), arms.map((arm, a) => [a, arm.name]));
    const longest = Math.max(0, ...words.map((line) => line.length));
    v.cut.hidden = longest <= COLUMNS;
    setText(v.cut, t("cut", { shown: COLUMNS, total: longest }));
  }

  // ---- geometry: after new data, a new size, a new theme, another line or arm -----------------------------------

  function layOut() {
    if (!model || v.main.hidden) return;
    squares = null;
    if (!root.clientWidth) return; // a closed tab cannot be measured; opening it changes the width
    root.dataset.theme = theme.name;
    root.dataset.narrow = narrow();
    v.which.node.hidden = !narrow() || model.arms.length < 2;
    v.which.press(state.arm);

    shades = model.arms.map((arm) => shadesOf(theme, arm.color));
    v.squares.querySelectorAll(".pt-square").forEach((mark) => [...mark.children].forEach((part, a) => {
      const { now, before, never } = shades[a];
      part.hidden = hides(a);
      const earlier = `linear-gradient(to top, ${before.at(-1)}, ${before[0]})`;
      part.style.background = { now, before: earlier, never }[mark.dataset.shade];
    }));
    for (const grid of [v.heats, v.texts]) {
      [...grid.children].forEach((node, a) => {
        node.hidden = hides(a);
        node.style.setProperty("--arm", css(theme.arm(model.arms[a].color)));
      });
    }
    squares = squareLayout(model, theme, v.heats.children[narrow() ? state.arm : 0].clientWidth);
    for (const { rows } of panels()) {
      rows.forEach((row, n) => {
        row.style.top = `${squares.top + n * squares.row}px`;
        row.style.height = `${squares.row}px`;
      });
    }
    showLine();
  }

  function showLine() {
    once("line", [state.line, model.words[state.line]], () =>
      columns().forEach((parts) => buildLine(parts, model, state.line)));
    for (const { rows } of panels()) {
      rows.forEach((row, n) => {
        setAttribute(row, "aria-selected", String(n === state.line));
        row.tabIndex = n === state.line ? 0 : -1;
      });
    }
    columns().forEach((parts, a) => {
      setText(parts.title, t("line", { line: numberOf(model, state.line), arm: model.arms[a].name }));
      parts.lines.forEach((line, n) => line.classList.toggle("pt-chosen", n === state.line));
    });
    root.dataset.line = state.line + 1;
    reserve();
    scrubber.redraw();
  }

  // [MASK] is wider than many words. Reserve the line's largest height, so that nothing below it moves while playing.
  function reserve() {
    const all = columns();
    let most = 0;
    for (const { line } of all) line.style.minHeight = "";
    for (let e = 0; e < model.shape[1]; e += Math.ceil(model.shape[1] / TRIED)) {
      all.forEach((parts, a) => fillLine(parts, a, e));
      for (const { line } of all) most = Math.max(most, line.offsetHeight);
    }
    for (const { line } of all) line.style.minHeight = `${most}px`;
  }

  // ---- one epoch: everything that a step of the scrubber redraws -----------------------------------------------

  function show(e) {
    if (!squares) return;
    panels().forEach((parts, a) => {
      const share = model.ever[a][e];
      parts.fill.style.transform = `scaleX(${share})`;
      // Show 100 % only when nothing is left.
      setText(parts.share, t("share", { share: share < 1 ? Math.min(99, Math.round(share * 100)) : 100 }));
      if (!hides(a)) drawSquares(parts.canvas, model, theme, squares, shades[a], a, e);
      parts.rows.forEach((row, n) => setAttribute(row, "aria-label", lineText(a, e, n)));
    });
    columns().forEach((parts, a) => {
      fillPage(parts, a, e);
      fillLine(parts, a, e);
    });
    tip.refresh();
  }

  function fillPage(parts, a, e) {
    parts.words.forEach((nodes, n) => nodes.forEach((node, i) => {
      const name = `pt-word pt-${KINDS[model.masks[model.at(a, e, n, i)]]}`;
      if (node.className !== name) node.className = name;
    }));
  }

  function fillLine(parts, a, e) {
    model.words[state.line].forEach((word, i) => {
      const at = model.at(a, e, state.line, i);
      const kind = model.masks[at];
      const shown = kind === 2 ? 4 + at : kind; // random words differ by epoch, so each counts as another state
      if (parts.shown[i] === shown) return;
      parts.shown[i] = shown;
      fillChip(parts.chips[i], kind, word, model.written.get(at));
    });
  }

  function lineText(a, e, n) {
    const words = model.words[n];
    const asked = words.filter((_, i) => model.masks[model.at(a, e, n, i)] > 0).length;
    return t("line_label", { line: numberOf(model, n), asked, total: words.length });
  }

  function tokenText(a, n, i) {
    const e = scrubber.index;
    const at = model.at(a, e, n, i);
    const kind = KINDS[model.masks[at]];
    const now = t(kind === "visible" ? "visible" : `tip_${kind}`, { written: model.written.get(at) });
    const seen = t("tip_seen", { count: model.counts[at], epoch: e + 1 });
    return t("tip", { word: model.words[n][i], state: now, seen });
  }

  // ---- the reader's actions ------------------------------------------------------------------------------------

  function choose(line) {
    const chosen = Math.max(0, Math.min(model.words.length - 1, line));
    if (chosen === state.line) return;
    state.line = chosen;
    showLine();
  }

  // A line under the pointer is marked in every panel at once.
  function point(line, words = null, x = 0, y = 0) {
    if (words) tip.show(words, x, y);
    else tip.hide();
    for (const { rows } of panels()) rows.forEach((row, n) => row.classList.toggle("pt-pointed", n === line));
    for (const { lines } of columns()) lines.forEach((node, n) => node.classList.toggle("pt-pointed", n === line));
  }

  const armOf = (node) => Number(node.closest("[data-arm]").dataset.arm);
  const lineOf = (event) => event.target.closest(".pt-row, .pt-chip, .pt-page [data-line]");
  const on = (node, type, listener) => node.addEventListener(type, listener, { signal });

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
    const node = lineOf(event);
    if (node) choose(Number(node.dataset.line));
  });
  onAction(root, {
    arm: (value) => {
      state.arm = Number(value);
      layOut();
    },
  }, signal);
  onKey(root, ({ key, target }) => {
    const row = target.closest(".pt-row");
    const by = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (row && by) {
      choose(state.line + by);
      panels()[armOf(row)].rows[state.line].focus({ preventScroll: true });
    } else if (key === "Escape" && tip.isShown()) point(null);
    else return false;
    return true;
  }, signal);
  onResize(root, layOut, signal);

  function recolour(fresh) {
    theme = fresh;
    layOut();
  }
  return { root, receive, recolour, picture: { name: "page" } };
}

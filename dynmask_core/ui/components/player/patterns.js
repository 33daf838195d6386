// The mask of an arm that is laid over edges, not over words: which query may look at which key.
import { fit } from "../../web/canvas.js";
import { make, setAttribute, setText } from "../../web/dom.js";
import { css } from "../../web/scale.js";
import { countEdges, recordOf } from "./attention.js";
import { edgeScale, fillRecord, makeCells, placeCells, ruleCells, showCells } from "./cells.js";
import { shorten, widest } from "./labels.js";

const TALLEST_PATTERN = 238; // pixels of a pattern

export function buildPatterns({ v, model }) {
  v.patterns = model.arms.map((arm) => {
    const canvas = make("canvas", "canvas", { role: "img", testid: "mp-pattern" });
    const cells = makeCells();
    const figure = make("figure", "mp-map", {}, make("figcaption", "", {}, make("i", "swatch"),
      make("span", "", { title: arm.name }, arm.name)), make("div", "mp-map-inner", {}, cells.canvas, canvas));
    return Object.assign(figure, { parts: { canvas, cells } });
  });
  v.patternBox.replaceChildren(...v.patterns);
}

export function layOutPatterns(player) {
  const { v, model, theme, ruler, t } = player;
  const [, , , , , S] = model.shape;
  const among = player.shownArms();
  const shown = among.filter((a) => model.arms[a].shows === "edges");
  v.patternBox.hidden = !shown.length;
  // An arm without a mask has nothing to draw: a sentence says so.
  const bare = among.filter((a) => model.arms[a].shows === "none").map((a) => t("no_mask", { arm: model.arms[a].name }));
  v.noMask.hidden = bare.length < among.length; // beside other pictures the arm's head says it
  setText(v.noMask, bare.join("\n"));
  const labels = S <= 33 ? ["[CLS]", ...model.words.slice(0, S - 1)] : [];
  ruler.font = `${11 * theme.letters}px ${theme.font}`;
  const label = labels.length ? Math.ceil(widest(ruler, labels, 90 * theme.letters)) + 8 : 0;
  const width = Math.min(v.patternBox.parentNode.clientWidth, 620) / Math.min(Math.max(shown.length, 1), 2) - label - 16;
  let cell = Math.min(14 * theme.letters, TALLEST_PATTERN * theme.letters / S, width / S);
  if (cell > 4) cell = Math.floor(cell);
  v.patterns.forEach((figure, a) => {
    figure.hidden = !shown.includes(a);
    if (figure.hidden) return;
    figure.style.setProperty("--arm", css(theme.arm(model.arms[a].color)));
    figure.style.maxWidth = `${label + cell * S + 40}px`;
    const context = fit(figure.parts.canvas, label + cell * S, cell * S);
    context.font = `${11 * theme.letters}px ${theme.font}`;
    context.textBaseline = "middle";
    context.textAlign = "right";
    ruleCells(context, label, 0, S, cell, theme);
    placeCells(figure.parts.cells, S, S, cell, label, 0);
    context.fillStyle = css(theme.text);
    const every = Math.ceil(11 * theme.letters / cell); // labels must not lie over each other
    labels.forEach((word, i) => {
      if (i % every === 0) context.fillText(shorten(context, word, label - 6), label - 6, (i + 0.5) * cell);
    });
  });
  return { shown, scale: edgeScale(theme.mask[255]) };
}

export function showPatterns({ v, model, patterns, state, t }, index) {
  const [, , , , , S] = model.shape;
  for (const a of patterns.shown) {
    const { canvas, cells } = v.patterns[a].parts;
    const head = state.head === "mean" ? 0 : state.head;
    fillRecord(cells, S, recordOf(model, a, index, state.layer, head), true, patterns.scale);
    showCells(cells);
    const [forbidden, total] = countEdges(model, a, index, state.layer, head);
    const told = t("edges_forbidden", { forbidden, total });
    setAttribute(canvas, "aria-label", `${t("pattern_label", { arm: model.arms[a].name })}. ${told}`);
  }
}

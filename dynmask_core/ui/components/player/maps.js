// Large attention maps: one per arm, and with several arms one more for the difference to the baseline.
import { fit } from "../../web/canvas.js";
import { make, setAttribute, setText } from "../../web/dom.js";
import { css, divergingRamp, gradient } from "../../web/scale.js";
import { differenceOf, differenceRange, openness, overviewGroups, readMap, recordOf } from "./attention.js";
import { fillRecord, makeCells, paintCells, placeCells, ruleCells, scaleOf, showCells, SPAN } from "./cells.js";
import { drawUpwards, shorten, widest } from "./labels.js";

const LABELLED = 33; // most positions ([CLS] and 32 words) of a map with words beside its cells
const MAPS_FRAME = 8; // space around the maps in the style sheet, so that outlines at their edge are not cut
const TALLEST = 330; // pixels of a map, so that words, maps and scrubber are seen together

export function buildMaps(v, arms) {
  const names = arms.map((arm, a) => ({ id: `arm-${a}`, text: arm.name, swatch: [make("i", "swatch")] }));
  if (arms.length > 1) names.push({ id: "difference", text: "", swatch: [] }); // named when the maps are laid out
  v.figures = names.map(({ id, text, swatch }) => {
    const title = make("span", "", { title: text }, text);
    const note = make("small", "note", { testid: "mp-head-open" });
    const canvas = make("canvas", "canvas", { role: "img", testid: "mp-map", "data-map": id });
    const row = make("div", "mp-row", { hidden: "" });
    const word = make("div", "mp-word", { hidden: "", "aria-hidden": "true" });
    const chosen = make("div", "mp-chosen", { hidden: "", testid: "mp-picked" });
    const cells = makeCells();
    const figure = make("figure", "mp-map", {}, make("figcaption", "", {}, ...swatch, title, note),
      make("div", "mp-map-inner", {}, cells.canvas, canvas, row, word, chosen));
    return Object.assign(figure, { parts: { canvas, cells, row, word, chosen, title, note } });
  });
  v.maps.replaceChildren(...v.figures);
}

// Returns { layout, groups, full, labels, list: [{ figure, arm, difference, hidden, scale, withRows, map }] }. map(): the numbers
// of the epoch that is shown, see readMap; null where nothing is.
export function layOutMaps(player) {
  const { v, model, theme, t, state } = player;
  const [A, , , , , S] = model.shape;
  v.maps.hidden = state.grid;
  const groups = player.folded() ? overviewGroups(S) : null;
  const positions = ["[CLS]", ...model.words.slice(0, S - 1).map((word) => word || "·")];
  const labels = groups ? groups.map(([a, b]) => (a ? `${a}–${b - 1}` : "[CLS]")) : positions;
  const full = groups ? groups.map(([a, b]) => positions.slice(a, b).join(" ")) : positions;
  const shown = player.shownMaps();
  const layout = mapLayout(player, labels, v.mapsBox.clientWidth - MAPS_FRAME, shown.length);
  const rows = groups && groups.length > 1 && !state.grid
    ? t("overview_note", { n: groups[1][1] - groups[1][0] }) : t("attention_rows");
  setText(v.rows, rows);
  setText(v.opens, model.opens && !groups && !state.grid ? ` · ${t("opens")}` : "");
  const range = !state.raw ? SPAN : A > 1 ? differenceRange(model, state.other) : 1;
  const colour = (a) => theme.arm(model.arms[a].color);
  const diverging = A > 1 && divergingRamp(colour(0), theme.neutral, colour(state.other));
  const difference = diverging && scaleOf(diverging, -range, range);
  let place = 0;
  const list = v.figures.map((figure, i) => {
    figure.hidden = !shown.includes(i);
    const withRows = place % layout.across === 0;
    if (figure.hidden) return { figure, arm: i, difference: i === A, map: null, hidden: true };
    place += 1;
    drawLabels(figure.parts.canvas, layout, labels, theme, withRows);
    placeCells(figure.parts.cells, layout.n, layout.n, layout.cell, withRows ? layout.labelSpace : 0, layout.labelSpace);
    figure.style.marginInlineStart = withRows ? "0" : `${layout.gap}px`;
    figure.firstChild.style.paddingInlineStart = withRows ? `${layout.labelSpace}px` : "0";
    figure.firstChild.style.maxWidth = `${layout.side + (withRows ? layout.labelSpace : 0)}px`;
    return { figure, arm: i, difference: i === A, scale: i === A ? difference : player.scale, withRows, map: null };
  });
  // Exactly as wide as one row of maps, so that the rows break where the layout says.
  v.maps.style.width = `${layout.labelSpace + layout.across * layout.side + (layout.across - 1) * layout.gap}px`;
  v.differenceLegend.hidden = A < 2 || state.grid || !shown.includes(A);
  if (A > 1) {
    const [baseline, other] = [model.arms[0].name, model.arms[state.other].name];
    const end = state.raw ? String(range) : `×${2 ** range}`;
    v.differenceBar.style.background = gradient(diverging);
    setText(v.differenceLess, `${t("more_in", { arm: baseline })} ${end}`);
    setText(v.differenceMore, `${end} ${t("more_in", { arm: other })}`);
    const { title } = v.figures[A].parts;
    setText(title, t("difference_label", { arm: other, baseline }));
    setAttribute(title, "title", title.textContent);
  }
  return { layout, groups, full, labels, list };
}

// epochText: the displayed name of the epoch.
export function showMaps(player, index, epochText) {
  const { model, maps, t, state } = player;
  const { layout, groups } = maps;
  const plain = !groups && state.head !== "mean";
  const read = maps.list.slice(0, model.arms.length).map((_, arm) => lazy(() =>
    readMap(model, arm, index, state.layer, state.head, groups)));
  for (const one of maps.list) {
    const { figure: { parts: { canvas, cells, title, note } }, scale, difference, arm } = one;
    one.map = one.hidden ? null : difference ? lazy(() => differenceOf(read[0](), read[state.other]())) : read[arm];
    if (one.hidden) continue;
    if (plain && !difference) {
      fillRecord(cells, layout.n, recordOf(model, arm, index, state.layer, state.head), state.raw, scale);
      showCells(cells);
    } else paintCells(cells, state.raw ? one.map().weight : one.map().level, scale);
    const open = difference || state.head === "mean" ? 1 : openness(model, arm, index, state.layer, state.head);
    setText(note, open === 1 ? "" : t("head_open", { value: open.toFixed(2) }));
    setAttribute(canvas, "aria-label", t("attention_label", {
      name: title.textContent, layer: state.layer + 1,
      head: state.head === "mean" ? t("mean") : state.head + 1, epoch: epochText,
    }));
  }
}

// Called once at most.
function lazy(read) {
  let found = null;
  return () => (found ??= read());
}

// Common geometry of the maps: as many side by side as keep their cells legible.
function mapLayout({ ruler, theme }, labels, width, count) {
  const n = labels.length;
  const words = n <= LABELLED;
  const gap = 14;
  const { letters } = theme;
  ruler.font = `${12 * letters}px ${theme.font}`;
  const labelSpace = words ? Math.ceil(widest(ruler, labels, (n > 21 ? 60 : 72) * letters)) + 6 : 0;
  const cellOf = (across) => (width - labelSpace - gap * (across - 1)) / across / n;
  const wanted = words ? 7 : 2; // least pixels per cell, so that words or cells stay legible
  let across = Math.min(count, count === 4 ? 2 : 3);
  while (across > 1 && cellOf(across) < wanted) across -= 1;
  let cell = Math.min(cellOf(across), words ? Math.max(18 * letters, 130 / n) : Infinity, (TALLEST * letters - labelSpace) / n);
  if (cell > 4) cell = Math.floor(cell);
  return { n, across, cell, side: cell * n, labelSpace, words, gap, ...labelling(cell, letters) };
}

// size: of a label, in pixels. every: so many cells apart are two labels, or they would lie over each other.
function labelling(cell, letters) {
  const size = cell >= 12 * letters ? 12 * letters : Math.max(10 * letters, Math.floor(cell));
  return { size, every: Math.ceil(size / cell) };
}

function drawLabels(canvas, layout, labels, theme, withRows) {
  const left = withRows ? layout.labelSpace : 0;
  const context = fit(canvas, left + layout.side, layout.labelSpace + layout.side);
  ruleCells(context, left, layout.labelSpace, layout.n, layout.cell, theme);
  if (!layout.words) return;
  context.font = `${layout.size}px ${theme.font}`;
  context.fillStyle = css(theme.text);
  context.textBaseline = "middle";
  labels.forEach((label, i) => {
    if (i % layout.every) return;
    const middle = (i + 0.5) * layout.cell;
    const text = shorten(context, label, layout.labelSpace - 6);
    if (withRows) {
      context.textAlign = "right";
      context.fillText(text, left - 5, layout.labelSpace + middle);
    }
    drawUpwards(context, text, left + middle, layout.labelSpace - 4, layout.size);
  });
}

// Attention maps: one per arm, and with several arms one more for the difference to the baseline.
import { fit } from "../../web/canvas.js";
import { make, setAttribute, setText } from "../../web/dom.js";
import { css, divergingRamp, gradient } from "../../web/scale.js";
import { differenceRange, overviewGroups, readAttention } from "./attention.js";
import { drawUpwards, shorten, widest } from "./labels.js";

const LABELLED = 21; // most positions ([CLS] and 20 words) of a map with words beside its cells
const MAPS_FRAME = 8; // space around the maps in the style sheet, so that outlines at their edge are not cut

export function buildMaps(v, arms) {
  const names = arms.map((arm, a) => ({ id: `arm-${a}`, text: arm.name, swatch: [make("i", "swatch")] }));
  if (arms.length > 1) names.push({ id: "difference", text: "", swatch: [] }); // named when the maps are laid out
  v.figures = names.map(({ id, text, swatch }) => {
    const title = make("span", "", { title: text }, text);
    const canvas = make("canvas", "canvas", { role: "img", testid: "mp-map", "data-map": id });
    const row = make("div", "mp-row", { hidden: "" });
    const figure = make("figure", "mp-map", {}, make("figcaption", "", {}, ...swatch, title),
      make("div", "mp-map-inner", {}, canvas, row));
    return Object.assign(figure, { parts: { canvas, row, title } });
  });
  v.maps.replaceChildren(...v.figures);
}

// Returns { layout, groups, full, list: [{ figure, arm, difference, colourOf, withRows, values }] }.
export function layOutMaps(player) {
  const { v, model, theme, t, state } = player;
  const [A, , , , , S] = model.shape;
  const groups = player.folded() ? overviewGroups(S) : null;
  const positions = ["[CLS]", ...model.words.slice(0, S - 1).map((word) => word || "·")];
  const labels = groups ? groups.map(([a, b]) => (a ? `${a}–${b - 1}` : "[CLS]")) : positions;
  const full = groups ? groups.map(([a, b]) => positions.slice(a, b).join(" ")) : positions;
  const layout = mapLayout(player, labels, v.mapsBox.clientWidth - MAPS_FRAME, v.figures.length);
  setText(v.mapRows, groups ? t("overview_note", { n: groups[1][1] - groups[1][0] }) : t("attention_rows"));
  const range = A > 1 ? differenceRange(model, state.other) : 1;
  const colour = (a) => theme.arm(model.arms[a].color);
  const diverging = A > 1 && divergingRamp(colour(0), theme.neutral, colour(state.other));
  const list = v.figures.map((figure, i) => {
    const difference = i === A;
    const colourOf = difference
      ? (value) => diverging[127 + Math.max(-127, Math.min(127, Math.round((value / range) * 127)))]
      : (value) => theme.attention[Math.min(255, Math.round(value * 255))];
    const withRows = i % layout.across === 0;
    drawLabels(figure.parts.canvas, layout, labels, theme, withRows);
    figure.style.marginInlineStart = withRows ? "0" : `${layout.gap}px`;
    figure.firstChild.style.paddingInlineStart = withRows ? `${layout.labelSpace}px` : "0";
    figure.firstChild.style.maxWidth = `${layout.side + (withRows ? layout.labelSpace : 0)}px`;
    return { figure, arm: i, difference, colourOf, withRows, values: null };
  });
  // Exactly as wide as one row of maps, so that the rows break where the layout says.
  v.maps.style.width = `${layout.labelSpace + layout.across * layout.side + (layout.across - 1) * layout.gap}px`;
  v.differenceLegend.hidden = A < 2;
  if (A > 1) {
    const [baseline, other] = [model.arms[0].name, model.arms[state.other].name];
    v.differenceBar.style.background = gradient(diverging);
    setText(v.differenceLess, `${t("more_in", { arm: baseline })} −${range}`);
    setText(v.differenceMore, `+${range} ${t("more_in", { arm: other })}`);
    const { title } = v.figures[A].parts;
    setText(title, t("difference_label", { arm: other, baseline }));
    setAttribute(title, "title", title.textContent);
  }
  return { layout, groups, full, list };
}

// epochText: the displayed name of the epoch.
export function showMaps({ v, model, theme, maps, t, state }, index, epochText) {
  const [, , , L, H] = model.shape;
  const recorded = model.recorded[index] && L > 0 && H > 0 && model.words.length > 0;
  v.empty.hidden = recorded;
  v.maps.classList.toggle("mp-veiled", !recorded);
  for (const map of maps.list) {
    const { canvas, title } = map.figure.parts;
    map.values = null;
    if (!recorded) continue;
    if (map.difference) {
      const [first, second] = [maps.list[0].values, maps.list[state.other].values];
      map.values = second.map((value, i) => value - first[i]);
    } else map.values = readAttention(model, map.arm, index, state.layer, state.head, maps.groups);
    drawCells(canvas, maps.layout, map, theme);
    setAttribute(canvas, "aria-label", t("attention_label", {
      name: title.textContent, layer: state.layer + 1,
      head: state.head === "mean" ? t("mean") : state.head + 1, epoch: epochText,
    }));
  }
}

// Common geometry of the maps: as many side by side as keep their cells legible.
function mapLayout({ ruler, theme }, labels, width, count) {
  const n = labels.length;
  const words = n <= LABELLED;
  const gap = 16;
  ruler.font = `12px ${theme.font}`;
  const labelSpace = words ? Math.ceil(widest(ruler, labels, 76)) + 6 : 0;
  const cellOf = (across) => (width - labelSpace - gap * (across - 1)) / across / n;
  const wanted = words ? 11.5 : 6; // least pixels per cell, so that words or cells stay legible
  let across = Math.min(count, count === 4 ? 2 : 3);
  while (across > 1 && cellOf(across) < wanted) across -= 1;
  let cell = Math.min(cellOf(across), words ? Math.max(30, 130 / n) : 320 / n);
  if (cell > 4) cell = Math.floor(cell);
  return { n, across, cell, side: cell * n, labelSpace, words, gap, size: Math.max(9, Math.min(12, cell - 1)) };
}

function drawLabels(canvas, layout, labels, theme, withRows) {
  const left = withRows ? layout.labelSpace : 0;
  const context = fit(canvas, left + layout.side, layout.labelSpace + layout.side);
  if (!layout.words) return;
  context.font = `${layout.size}px ${theme.font}`;
  context.fillStyle = css(theme.text);
  context.textBaseline = "middle";
  labels.forEach((label, i) => {
    const middle = (i + 0.5) * layout.cell;
    const text = shorten(context, label, layout.labelSpace - 6);
    if (withRows) {
      context.textAlign = "right";
      context.fillText(text, left - 5, layout.labelSpace + middle);
    }
    drawUpwards(context, text, left + middle, layout.labelSpace - 4, layout.size);
  });
}

const stamp = document.createElement("canvas"); // one pixel per cell, enlarged by a single drawing call

function drawCells(canvas, layout, { values, colourOf, withRows }, theme) {
  const { n, side, cell } = layout;
  if (stamp.width !== n || stamp.height !== n) Object.assign(stamp, { width: n, height: n });
  const small = stamp.getContext("2d");
  const image = small.createImageData(n, n);
  for (let i = 0; i < n * n; i += 1) image.data.set([...colourOf(values[i]), 255], i * 4);
  small.putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  const [x, y] = [withRows ? layout.labelSpace : 0, layout.labelSpace];
  context.imageSmoothingEnabled = false;
  context.drawImage(stamp, x, y, side, side);
  if (cell < 8) return;
  context.fillStyle = css(theme.background);
  for (let i = 1; i < n; i += 1) {
    context.fillRect(x + i * cell - 1, y, 1, side);
    context.fillRect(x, y + i * cell - 1, side, 1);
  }
}

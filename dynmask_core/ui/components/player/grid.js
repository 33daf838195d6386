// The overview of all layers and heads: one small map each, per arm; a button over each opens it as a large map.
import { fit } from "../../web/canvas.js";
import { make, setAttribute, setLabel } from "../../web/dom.js";
import { css } from "../../web/scale.js";
import { openness, recordOf } from "./attention.js";
import { fillRecord, makeCells, placeCells, showCells } from "./cells.js";

const GAP = 6; // least pixels between two tiles
const LARGEST_CELL = 12;
const HEAD_ROW = 16; // above the first layer, for the heads' numbers

export function buildGrid({ v, model, t }) {
  const [, , , L, H] = model.shape;
  v.grids = model.arms.map((arm, a) => {
    const tiles = Array.from({ length: L * H }, (_, i) => make("button", "mp-tile",
      { type: "button", "data-do": "open", "data-value": i, testid: `mp-tile-${a}-${i}` }));
    const canvas = make("canvas", "canvas", { "aria-hidden": "true", testid: "mp-grid" });
    const cells = makeCells("mp-cells mp-over"); // above the buttons, whose hatching shows where an edge is forbidden
    const inner = make("div", "mp-map-inner", {}, canvas, ...tiles, cells.canvas);
    const figure = make("figure", "mp-map", { "aria-label": t("grid_label", { arm: arm.name }) },
      make("figcaption", "", {}, make("i", "swatch"), make("span", "", { title: arm.name }, arm.name)), inner);
    return Object.assign(figure, { parts: { canvas, cells, tiles } });
  });
  v.gridBox.replaceChildren(...v.grids);
}

// Where everything is; null while something else is shown.
export function layOutGrid(player) {
  const { v, model, theme, t, state } = player;
  v.gridBox.hidden = !state.grid;
  if (!state.grid) return null;
  const [, , , L, H, S] = model.shape;
  const shown = player.shownArms();
  const across = Math.min(shown.length, 2);
  const width = (v.mapsBox.clientWidth - 16 * (across - 1) - 8) / across;
  const labels = 18 * theme.letters;
  const top = HEAD_ROW * theme.letters;
  const tile = Math.max(14, Math.min(132, LARGEST_CELL * S, Math.floor((width - labels) / H) - GAP));
  const cell = tile / S;
  const between = Math.ceil(GAP / cell); // cells between two tiles, as all of an arm are one picture
  const pitch = (S + between) * cell;
  v.grids.forEach((figure, a) => {
    figure.hidden = !shown.includes(a);
    figure.style.setProperty("--arm", css(theme.arm(model.arms[a].color)));
    figure.style.width = `${labels + H * pitch}px`;
    const { canvas, cells, tiles } = figure.parts;
    placeCells(cells, H * (S + between) - between, L * (S + between) - between, cell, labels, top);
    const context = fit(canvas, labels + H * pitch, top + L * pitch);
    context.font = `${11 * theme.letters}px ${theme.font}`;
    context.fillStyle = theme.muted;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let h = 0; h < H; h += 1) context.fillText(String(h + 1), labels + h * pitch + tile / 2, top / 2);
    for (let l = 0; l < L; l += 1) {
      context.fillText(String(l + 1), labels / 2 - 2, top + l * pitch + tile / 2);
    }
    tiles.forEach((button, i) => {
      const [left, above] = [labels + (i % H) * pitch, top + Math.floor(i / H) * pitch];
      Object.assign(button.style, { left: `${left}px`, top: `${above}px`, width: `${tile}px`, height: `${tile}px` });
      setLabel(button, `${model.arms[a].name} · ${t("layer")} ${Math.floor(i / H) + 1} · ${t("head")} ${(i % H) + 1}`);
    });
  });
  return { shown, pitch: S + between, S };
}

export function showGrid({ v, model, grid, state, scale }, index) {
  const [, , , L, H] = model.shape;
  for (const a of grid.shown) {
    const { cells, tiles } = v.grids[a].parts;
    for (let i = 0; i < L * H; i += 1) {
      const [layer, head] = [Math.floor(i / H), i % H];
      const record = recordOf(model, a, index, layer, head);
      fillRecord(cells, grid.S, record, state.raw, scale, head * grid.pitch, layer * grid.pitch);
      setAttribute(tiles[i], "data-open", openness(model, a, index, layer, head).toFixed(2));
    }
    showCells(cells);
  }
}

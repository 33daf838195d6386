// Cells of a map as pixels: a canvas with one pixel per cell, which the style sheet enlarges; so a step of the scrubber
// writes n × n numbers and nothing else. Cells without a value stay open, and the hatching below them shows.
import { make } from "../../web/dom.js";
import { WEIGHT } from "./attention.js";

export const SPAN = COLORS.attention_span; // levels from -3 to 3 have colours of their own: ×1/8 to ×8

// A scale of colours: values from `low` to `high`, both ends for all that lies beyond.
export function scaleOf(colours, low, high) {
  const packed = packedOf(colours);
  const last = colours.length - 1;
  const per = last / (high - low);
  const colourOf = (value) => {
    const place = (value - low) * per + 0.5;
    return packed[place < 0 ? 0 : place > last ? last : place | 0];
  };
  const tables = [];
  // For recorded bytes: the colour of each code in a row with that many keys; 0 keys stands for weights as they are.
  const tableOf = (keys) => (tables[keys] ??= Uint32Array.from(WEIGHT, (weight, code) =>
    (code ? colourOf(keys ? Math.log2(weight * keys) : weight) : 0)));
  return { colourOf, tableOf };
}

// One colour for every edge that there is.
export function edgeScale(colour) {
  const table = new Uint32Array(256).fill(packedOf([colour])[0]);
  table[0] = 0;
  return { tableOf: () => table };
}

const packedOf = (colours) =>
  Uint32Array.from(colours, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);

export function makeCells(className = "mp-cells") {
  const canvas = make("canvas", className, { "aria-hidden": "true" });
  return { canvas, context: canvas.getContext("2d"), image: null, pixels: null };
}

// Gives it width × height pixels of `cell` CSS pixels each, its corner at (left, top).
export function placeCells(cells, width, height, cell, left, top) {
  const { canvas, context } = cells;
  if (cells.image?.width !== width || cells.image.height !== height) {
    Object.assign(canvas, { width, height });
    cells.image = context.createImageData(width, height);
    cells.pixels = new Uint32Array(cells.image.data.buffer);
  }
  Object.assign(canvas.style, {
    left: `${left}px`, top: `${top}px`, width: `${width * cell}px`, height: `${height * cell}px`,
  });
}

// values: n × n numbers, NaN where there is no edge.
export function paintCells(cells, values, scale) {
  const { pixels } = cells;
  for (let i = 0; i < pixels.length; i += 1) {
    const value = values[i];
    pixels[i] = value === value ? scale.colourOf(value) : 0; // NaN is not itself
  }
  showCells(cells);
}

// One recorded head, with its corner at pixel (x, y); showCells() shows it.
export function fillRecord({ pixels, image }, n, { codes, keys }, raw, scale, x = 0, y = 0) {
  for (let q = 0, i = 0; q < n; q += 1) {
    const table = scale.tableOf(raw ? 0 : keys[q]);
    for (let k = 0, at = (y + q) * image.width + x; k < n; k += 1, i += 1, at += 1) pixels[at] = table[codes[i]];
  }
}

export function showCells({ context, image }) {
  context.putImageData(image, 0, 0);
}

// Lines between cells that are large enough to be told apart.
export function ruleCells(context, x, y, n, cell, theme) {
  if (cell < 8) return;
  context.fillStyle = theme.backgroundCss;
  for (let i = 1; i < n; i += 1) {
    context.fillRect(x + i * cell - 1, y, 1, n * cell);
    context.fillRect(x, y + i * cell - 1, n * cell, 1);
  }
}

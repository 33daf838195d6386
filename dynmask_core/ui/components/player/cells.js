// Cells of a map as pixels: one picture element each, enlarged by a single drawing call. Cells without a value are left
// open, so that the hatching below them shows.
import { WEIGHT } from "./attention.js";

export const SPAN = COLORS.attention_span; // levels from -3 to 3 have colours of their own: ×1/8 to ×8

// A scale of colours: values from `low` to `high`, both ends for all that lies beyond.
export function scaleOf(colours, low, high) {
  const packed = Uint32Array.from(colours, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
  const last = colours.length - 1;
  const per = last / (high - low);
  // For recorded bytes: the place of a weight, and of a weight against one key, without the row's number of keys.
  return { packed, last, per, low, weights: WEIGHT.map((w) => w * per), levels: WEIGHT.map((w) => Math.log2(w) * per) };
}

const stamp = document.createElement("canvas");
let image = null;

// values: n × n numbers, NaN where there is no edge.
export function paintCells(context, box, values, { packed, low, per, last }, theme) {
  const pixels = sheet(box.n);
  let holes = false;
  for (let i = 0; i < pixels.length; i += 1) {
    const value = values[i];
    const place = (value - low) * per + 0.5;
    if (value === value) pixels[i] = packed[place < 0 ? 0 : place > last ? last : place | 0];
    else { // NaN is not itself
      pixels[i] = 0;
      holes = true;
    }
  }
  enlarge(context, box, holes, theme);
}

// The same for one recorded head, without a number for each cell in between: this is what a step of the scrubber costs.
export function paintRecord(context, box, { codes, keys }, raw, { packed, last, per, low, weights, levels }, theme) {
  const { n } = box;
  const pixels = sheet(n);
  const table = raw ? weights : levels;
  let holes = false;
  for (let q = 0, i = 0; q < n; q += 1) {
    const base = (raw ? -low : Math.log2(keys[q]) - low) * per + 0.5;
    for (let k = 0; k < n; k += 1, i += 1) {
      const code = codes[i];
      if (code) {
        const place = table[code] + base;
        pixels[i] = packed[place < 0 ? 0 : place > last ? last : place | 0];
      } else {
        pixels[i] = 0;
        holes = true;
      }
    }
  }
  enlarge(context, box, holes, theme);
}

// The pixels of the stamp, n × n.
function sheet(n) {
  if (stamp.width !== n || image === null) {
    Object.assign(stamp, { width: n, height: n });
    image = stamp.getContext("2d", { willReadFrequently: true }).createImageData(n, n);
  }
  return new Uint32Array(image.data.buffer);
}

function enlarge(context, { x, y, side }, holes, theme) {
  stamp.getContext("2d").putImageData(image, 0, 0);
  if (holes) hatch(context, x, y, side, side, theme);
  context.imageSmoothingEnabled = false;
  context.drawImage(stamp, x, y, side, side);
}

// Diagonal lines: there is nothing here, because the mask forbids it.
function hatch(context, x, y, width, height, theme) {
  context.fillStyle = theme.backgroundCss;
  context.fillRect(x, y, width, height);
  context.fillStyle = theme.hatch(context);
  context.fillRect(x, y, width, height);
}

// Lines between cells that are large enough to be told apart.
export function ruleCells(context, { x, y, side, n }, theme) {
  const cell = side / n;
  if (cell < 8) return;
  context.fillStyle = theme.backgroundCss;
  for (let i = 1; i < n; i += 1) {
    context.fillRect(x + i * cell - 1, y, 1, side);
    context.fillRect(x, y + i * cell - 1, side, 1);
  }
}

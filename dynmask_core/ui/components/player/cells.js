// Cells of a map as pixels: one picture element each, enlarged by a single drawing call. Cells without a value are left
// open, so that the hatching below them shows.

export const SPAN = COLORS.attention_span; // levels from -3 to 3 have colours of their own: ×1/8 to ×8

// A scale of colours: values from `low` to `high`, both ends for all that lies beyond.
export function scaleOf(colours, low, high) {
  const packed = Uint32Array.from(colours, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
  return { packed, low, per: (colours.length - 1) / (high - low), last: colours.length - 1 };
}

const stamp = document.createElement("canvas");
let image = null;

// values: n × n numbers, NaN where there is no edge.
export function paintCells(context, { x, y, side, n }, values, { packed, low, per, last }, theme) {
  if (stamp.width !== n || image === null) {
    Object.assign(stamp, { width: n, height: n });
    image = stamp.getContext("2d").createImageData(n, n);
  }
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < n * n; i += 1) {
    const value = values[i];
    const place = (value - low) * per + 0.5;
    pixels[i] = value !== value ? 0 : packed[place < 0 ? 0 : place > last ? last : place | 0]; // NaN is not itself
  }
  stamp.getContext("2d").putImageData(image, 0, 0);
  hatch(context, x, y, side, side, theme);
  context.imageSmoothingEnabled = false;
  context.drawImage(stamp, x, y, side, side);
}

// Diagonal lines: there is nothing here, because the mask forbids it.
function hatch(context, x, y, width, height, theme) {
  context.fillStyle = theme.backgroundCss;
  context.fillRect(x, y, width, height);
  context.fillStyle = context.createPattern(theme.hatch, "repeat");
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

// Which positions of which lines an arm asks for, as squares.
import { edge, fit, labelEvery } from "../../web/canvas.js";
import { blend, css, inkOn } from "../../web/scale.js";
import { numberOf } from "./view.js";

export const COLUMNS = 48; // positions of a line that have a square
const SHADES = 24;

// What a position shows at an epoch, and how often it was asked for until then.
export function openMasks(data) {
  const [masks, [, E, N, T]] = [data.body, data.shape];
  const stretch = N * T; // positions of one epoch
  const counts = new Uint16Array(masks.length);
  for (let i = 0; i < masks.length; i += 1) {
    const first = Math.floor(i / stretch) % E === 0;
    counts[i] = (first ? 0 : counts[i - stretch]) + (masks[i] > 0 ? 1 : 0);
  }
  const at = (a, e, n, i) => ((a * E + e) * N + n) * T + i;
  const written = new Map(data.written.map(([a, e, n, i, word]) => [at(a, e, n, i), word]));
  return Object.assign(data, { masks, counts, at, written });
}

export function squareLayout(model, theme, width) {
  const columns = Math.min(COLUMNS, model.shape[3]);
  const label = 10 + 7 * theme.letters * Math.max(2, String(numberOf(model, model.words.length - 1)).length);
  const cell = Math.min(20, (width - label) / Math.max(1, columns));
  const row = Math.max(14, Math.min(18, cell)) * theme.letters;
  const top = 18 * theme.letters;
  return { columns, label, cell, row, top, width, height: top + model.words.length * row };
}

// The colours of one arm's squares: asked for now, before (rare to frequent), never.
export function shadesOf(theme, hex) {
  const arm = theme.arm(hex);
  return {
    now: css(arm), ink: inkOn(arm), never: css(blend(theme.background, theme.text, theme.dark ? 0.11 : 0.07)),
    before: Array.from({ length: SHADES }, (_, i) =>
      css(blend(theme.background, arm, 0.2 + 0.4 * Math.sqrt((i + 1) / SHADES)))),
  };
}

export function drawSquares(canvas, model, theme, layout, shades, a, e) {
  const { columns, label, cell, row, top } = layout;
  const context = fit(canvas, layout.width, layout.height);
  context.font = `${11 * theme.letters}px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.textBaseline = "middle";
  context.textAlign = "center";
  const every = labelEvery(columns, cell, 22 * theme.letters);
  for (let t = 0; t < columns; t += 1) {
    const numbered = (t + 1) % every === 0 || (t === 0 && every > 2);
    if (numbered) context.fillText(String(t + 1), label + (t + 0.5) * cell, top / 2);
  }
  context.textAlign = "right";
  model.words.forEach((words, n) => {
    const [y, bottom] = [edge(top + n * row), edge(top + (n + 1) * row)];
    context.fillStyle = theme.muted;
    context.fillText(String(numberOf(model, n)), label - 7, (y + bottom) / 2);
    for (let t = 0; t < Math.min(columns, words.length); t += 1) {
      const at = model.at(a, e, n, t);
      const [x, right] = [edge(label + t * cell), edge(label + (t + 1) * cell)];
      const [today, count] = [model.masks[at] > 0, model.counts[at]];
      const share = Math.ceil((count / (e + 1)) * SHADES) - 1;
      context.fillStyle = today ? shades.now : count ? shades.before[share] : shades.never;
      context.fillRect(x, y, right - x - 1, bottom - y - 1);
      if (!today) continue;
      // A dot, so that the current epoch's squares can be recognised without colour.
      const dot = Math.max(2, Math.round(Math.min(cell, row) * 0.3));
      context.fillStyle = shades.ink;
      context.fillRect(edge((x + right - 1 - dot) / 2), edge((y + bottom - 1 - dot) / 2), dot, dot);
    }
  });
}

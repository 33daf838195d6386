// The mask of every word at every epoch; arms are side by side and share rows.
import { edge, fit, labelEvery } from "../../web/canvas.js";
import { make } from "../../web/dom.js";
import { css } from "../../web/scale.js";
import { shorten, widest } from "./labels.js";

const FRAME = 8; // space around the canvas in the style sheet, so that outlines at its edge are not cut

export function layOutHeat(player) {
  const { v, model, theme } = player;
  const heat = heatLayout(player, v.heatBox.clientWidth - FRAME, player.folded());
  drawHeat(v.heat, model, theme, heat);
  v.heatCursors.replaceChildren(...heat.panels.map(({ y }) => {
    const cursor = make("div", "mp-cursor");
    Object.assign(cursor.style, {
      width: `${heat.column}px`, height: `${model.words.length * heat.row}px`, top: `${y}px`,
    });
    return cursor;
  }));
  return heat;
}

export function showCursors({ v, heat }, index) {
  [...v.heatCursors.children].forEach((cursor, a) => {
    cursor.style.transform = `translateX(${heat.panels[a].x + index * heat.column}px)`;
  });
}

// The place of everything: the arms wrap when they get too narrow.
function heatLayout({ ruler, model, theme }, width, overview) {
  const { words, arms, epochs } = model;
  const row = overview ? 5 : words.length <= 14 ? 20 : 16;
  const size = overview ? 11 : Math.min(13, row - 3);
  ruler.font = `${size}px ${theme.font}`;
  const label = overview ? 0 : Math.ceil(widest(ruler, words, Math.min(120, width * 0.28))) + 10;
  const gap = 18;
  let across = arms.length;
  const pitchOf = (n) => (width - label - 8 - gap * (n - 1)) / n; // 8: half of the last epoch's number
  while (across > 1 && pitchOf(across) < 110) across -= 1;
  const pitch = pitchOf(across);
  const column = Math.min(28, pitch / Math.max(1, epochs.length));
  const [header, axis] = [22, 20];
  const block = header + words.length * row + axis;
  const placeOf = (a) => ({ x: label + (a % across) * (pitch + gap), y: header + Math.floor(a / across) * block });
  const panels = arms.map((_, a) => placeOf(a));
  const height = Math.ceil(arms.length / across) * block;
  return { row, size, label, pitch, column, block, panels, across, width, height };
}

function drawHeat(canvas, model, theme, layout) {
  const { words, arms, epochs, masks, states } = model;
  const [E, T] = [epochs.length, words.length];
  const context = fit(canvas, layout.width, layout.height);
  context.textBaseline = "middle";
  arms.forEach((arm, a) => {
    const { x, y } = layout.panels[a];
    context.font = `600 13px ${theme.sans}`;
    context.fillStyle = css(theme.arm(arm.color));
    context.fillRect(x, y - 18, 10, 10);
    context.fillStyle = css(theme.text);
    context.fillText(shorten(context, arm.name, layout.pitch - 18), x + 16, y - 12.5);
    if (layout.label && a % layout.across === 0) {
      context.font = `${layout.size}px ${theme.font}`;
      context.textAlign = "right";
      words.forEach((word, t) =>
        context.fillText(shorten(context, word, layout.label - 10), layout.label - 8, y + (t + 0.5) * layout.row));
      context.textAlign = "left";
    }
    for (let e = 0; e < E; e += 1) {
      const [left, right] = [edge(x + e * layout.column), edge(x + (e + 1) * layout.column)];
      const inset = layout.column >= 6 ? 1 : 0;
      for (let t = 0; t < T; t += 1) {
        const at = (a * E + e) * T + t;
        const [top, bottom] = [edge(y + t * layout.row), edge(y + (t + 1) * layout.row)];
        if (states[at] === 2) continue;
        context.fillStyle = css(theme.mask[masks[at]]);
        context.fillRect(left, top, right - left - inset, bottom - top - (layout.row >= 8 ? 1 : 0));
        if (states[at] === 1) {
          // A removed cell is struck through like the removed word above it.
          context.fillStyle = theme.maskInk[masks[at]];
          context.globalAlpha = 0.5;
          context.fillRect(left, edge((top + bottom) / 2) - (layout.row >= 8 ? 1 : 0), right - left, 1);
          context.globalAlpha = 1;
        }
      }
    }
    drawEpochAxis(context, model, theme, x, y + T * layout.row + 11, layout);
  });
}

function drawEpochAxis(context, model, theme, x, y, layout) {
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.textAlign = "center";
  const every = labelEvery(model.epochs.length, layout.column, 26);
  model.epochs.forEach((epoch, e) => {
    const centre = x + (e + 0.5) * layout.column;
    if (e % every === 0) context.fillText(String(epoch), Math.max(centre, x + 4), y);
  });
  context.textAlign = "left";
}

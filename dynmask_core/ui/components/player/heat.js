// The mask of every word (or head) at every epoch; arms are side by side, and those with the same rows share labels.
import { edge, fit, labelEvery } from "../../web/canvas.js";
import { make } from "../../web/dom.js";
import { css } from "../../web/scale.js";
import { shorten, widest } from "./labels.js";

const FRAME = 8; // space around the canvas in the style sheet, so that outlines at its edge are not cut
const HEADER = 20; // for the arm's name; as all that holds words, in pixels of usual letters
const AXIS = 18; // for the epochs' numbers

export function layOutHeat(player) {
  const { v, model, theme, t } = player;
  const shown = player.shownArms().filter((a) => ["words", "heads"].includes(model.arms[a].shows));
  v.heatBox.hidden = v.heatNote.hidden = !shown.length;
  const heat = heatLayout(player, shown, Math.max(120, v.heatBox.clientWidth - FRAME));
  drawHeat(v.heat, player, heat);
  v.heatCursors.replaceChildren(...heat.panels.map(({ y, rows }) => {
    const cursor = make("div", "mp-cursor");
    Object.assign(cursor.style, { width: `${heat.column}px`, height: `${rows.length * heat.row}px`, top: `${y}px` });
    return cursor;
  }));
  // All rows are seen, unless every one of many words has a readable row.
  const scrolls = heat.height > 480 * theme.letters;
  v.heatBox.classList.toggle("mp-scrolls", scrolls);
  v.heatBox.tabIndex = scrolls ? 0 : -1;
  v.heatHint.hidden = !scrolls;
  v.heatHint.textContent = t("scroll", { n: model.words.length });
  return heat;
}

export function showCursors({ v, heat }, index) {
  [...v.heatCursors.children].forEach((cursor, i) => {
    cursor.style.transform = `translateX(${heat.panels[i].x + index * heat.column}px)`;
  });
}

// The place of everything: panels wrap when they get too narrow.
function heatLayout(player, shown, width) {
  const { ruler, model, theme, t } = player;
  const { words, arms, epochs } = model;
  const [, , , L, H] = model.shape;
  const overview = player.folded();
  const { letters } = theme;
  const [header, axis] = [HEADER * letters, AXIS * letters];
  const row = overview ? 3 : (words.length < 15 ? 13 : 12) * letters;
  const size = overview ? 11 * letters : Math.min(12 * letters, row - 1);
  ruler.font = `${size}px ${theme.font}`;
  const heads = Array.from({ length: L * H }, (_, i) => `${t("layer")} ${Math.floor(i / H) + 1} · ${(i % H) + 1}`);
  const rowsOf = (a) => (arms[a].shows === "heads" ? heads : words);
  const labelOf = (rows) => (overview && rows === words ? 0 : Math.ceil(widest(ruler, rows, Math.min(110 * letters, width * 0.28))) + 10);
  const gap = 16;
  const spaces = (across) => shown.map((a, i) =>
    (i % across && rowsOf(a) === rowsOf(shown[i - 1]) ? 0 : labelOf(rowsOf(a))));
  const pitchOf = (across) => {
    const used = Array.from({ length: Math.ceil(shown.length / across) }, (_, line) =>
      spaces(across).slice(line * across, (line + 1) * across).reduce((sum, space) => sum + space, 0));
    return (width - Math.max(...used) - 8 - gap * (across - 1)) / across; // 8: half of the last epoch's number
  };
  let across = Math.max(1, shown.length);
  while (across > 1 && pitchOf(across) < 110) across -= 1;
  const pitch = shown.length ? pitchOf(across) : width;
  const column = Math.min(28, pitch / Math.max(1, epochs.length));
  const panels = [];
  let [top, x] = [header, 0];
  shown.forEach((arm, i) => {
    if (i && i % across === 0) {
      top += Math.max(...panels.slice(i - across).map(({ rows }) => rows.length)) * row + header + axis;
      x = 0;
    }
    const rows = rowsOf(arm);
    const label = spaces(across)[i];
    panels.push({ arm, rows, label, words: rows === words, x: x + label, y: top });
    x += label + pitch + gap;
  });
  const height = Math.max(0, ...panels.map(({ y, rows }) => y + rows.length * row + axis));
  const used = Math.max(0, ...panels.map((panel) => panel.x + column * epochs.length));
  return { row, size, pitch, column, panels, width, used, height, one: panels.length <= across };
}

function drawHeat(canvas, { model, theme }, layout) {
  const { arms, epochs, masks, states, heads } = model;
  const [, E, T, L, H] = model.shape;
  const context = fit(canvas, layout.width, layout.height);
  context.textBaseline = "middle";
  for (const { arm, rows, label, words, x, y } of layout.panels) {
    context.font = `600 ${13 * theme.letters}px ${theme.sans}`;
    context.fillStyle = css(theme.arm(arms[arm].color));
    context.fillRect(x, y - 10 * theme.letters - 5, 10, 10);
    context.fillStyle = css(theme.text);
    context.fillText(shorten(context, arms[arm].name, layout.pitch - 18), x + 16, y - 10 * theme.letters);
    if (label) {
      context.font = `${layout.size}px ${theme.font}`;
      context.textAlign = "right";
      rows.forEach((row, t) => context.fillText(shorten(context, row, label - 10), x - 8, y + (t + 0.5) * layout.row));
      context.textAlign = "left";
    }
    const valueOf = words ? (e, t) => masks[(arm * E + e) * T + t] : (e, i) => heads[(arm * E + e) * L * H + i];
    const stateOf = words ? (e, t) => states[(arm * E + e) * T + t]
      : (e, i) => (model.recorded[e] ? Number(valueOf(e, i) === 0) : 2);
    for (let e = 0; e < E; e += 1) {
      for (let t = 0; t < rows.length; t += 1) drawCell(context, theme, layout, x, y, e, t, valueOf(e, t), stateOf(e, t));
    }
    drawEpochAxis(context, epochs, theme, x, y + rows.length * layout.row + 10 * theme.letters, layout);
  }
}

function drawCell(context, theme, layout, x, y, e, t, value, state) {
  if (state === 2) return;
  const [left, right] = [edge(x + e * layout.column), edge(x + (e + 1) * layout.column)];
  const [top, bottom] = [edge(y + t * layout.row), edge(y + (t + 1) * layout.row)];
  const line = layout.row >= 8 ? 1 : 0;
  context.fillStyle = theme.maskCss[value];
  context.fillRect(left, top, right - left - (layout.column >= 6 ? 1 : 0), bottom - top - line);
  if (state !== 1) return;
  // A removed cell is struck through like the removed word above it.
  context.fillStyle = theme.maskInk[value];
  context.globalAlpha = 0.5;
  context.fillRect(left, edge((top + bottom) / 2) - line, right - left, 1);
  context.globalAlpha = 1;
}

function drawEpochAxis(context, epochs, theme, x, y, layout) {
  context.font = `${11 * theme.letters}px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.textAlign = "center";
  const every = labelEvery(epochs.length, layout.column, 26 * theme.letters);
  epochs.forEach((epoch, e) => {
    const centre = x + (e + 0.5) * layout.column;
    if (e % every === 0) context.fillText(String(epoch), Math.max(centre, x + 4), y);
  });
  context.textAlign = "left";
}

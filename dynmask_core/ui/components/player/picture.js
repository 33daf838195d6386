// A sample that is looked at: the picture with an arm's mask over it, and what one of its parts attends to. A picture is
// cut into rows × columns parts, one for each unit after [CLS], row by row; a sound is one row of frames.
import { fit } from "../../web/canvas.js";
import { make, setAttribute, setText } from "../../web/dom.js";
import { css } from "../../web/scale.js";
import { readMap } from "./attention.js";
import { SPAN } from "./cells.js";
import { fillHatch } from "./hatch.js";

const LARGEST = 208; // pixels of a side of a picture
const STRIP = 104; // pixels of the height of a sound
const MOST_NAMED = 3; // parts that are named as those attended to most

const isStrip = (model) => model.picture?.rows === 1;

// As a data URL whatever it says: nothing is ever loaded.
const behind = ({ url }) => `url(data:${url.slice(5)})`;

// Puts the picture behind the chips of an arm, whose grid they fill.
export function framePicture(model, text) {
  const { picture } = model;
  text.classList.toggle("mp-picture", Boolean(picture));
  text.classList.toggle("mp-strip", isStrip(model));
  text.style.backgroundImage = picture ? behind(picture) : "";
  if (!picture) return [];
  shape(text, picture);
  text.style.gridTemplateColumns = `repeat(${picture.columns}, minmax(0, 1fr))`;
  text.style.gridTemplateRows = `repeat(${picture.rows}, minmax(0, 1fr))`;
  const unread = Math.max(0, picture.rows * picture.columns - model.words.length);
  return Array.from({ length: unread }, () => make("span", "mp-unread", { "aria-hidden": "true" }));
}

function shape(node, { rows, columns }) {
  const strip = rows === 1;
  node.style.aspectRatio = strip ? "" : `${columns} / ${rows}`;
  node.style.maxWidth = strip ? "" : `calc(${LARGEST * Math.min(1, columns / rows)}px * var(--letters, 1))`;
  node.style.height = strip ? `calc(${STRIP}px * var(--letters, 1))` : "";
}

// ---- what a part attends to: one picture per arm, beside the maps ---------------------------------------------------

export function buildLooks({ v, model }) {
  v.looks.hidden = !model.picture;
  v.lookFigures = !model.picture ? [] : model.arms.map((arm, a) => {
    const canvas = make("canvas", "canvas", { role: "img", testid: "mp-look", "data-arm": a });
    const field = make("div", "mp-picture mp-look-field", {}, canvas);
    field.classList.toggle("mp-strip", isStrip(model));
    field.style.backgroundImage = behind(model.picture);
    shape(field, model.picture);
    const figure = make("figure", "mp-map mp-look", {}, make("figcaption", "", {}, make("i", "swatch"),
      make("span", "", { title: arm.name }, arm.name)), field);
    return Object.assign(figure, { parts: { canvas, field } });
  });
  v.lookBox.replaceChildren(...v.lookFigures);
  v.lookBox.classList.toggle("mp-strips", isStrip(model));
}

export function layOutLooks({ v, model, theme, state, shownArms }) {
  v.looks.hidden = !model.picture || state.grid;
  if (v.looks.hidden) return;
  v.lookFigures.forEach((figure, a) => {
    figure.hidden = !shownArms().includes(a);
    figure.style.setProperty("--arm", css(theme.arm(model.arms[a].color)));
  });
}

// The position that is asked: what the reader picked last, at first [CLS], from which the answer is read.
const asked = ({ pick, model }) => (pick && pick.query < model.shape[5] ? pick.query : 0);
const nameOf = (model, position) => (position ? model.words[position - 1] : "[CLS]");

export function showLooks(player, index) {
  const { v, model, state, t, shownArms } = player;
  if (v.looks.hidden || !model.recorded[index]) return;
  const query = asked(player);
  setText(v.lookTitle, t("attends", { query: nameOf(model, query) }));
  for (const a of shownArms()) {
    const { n, weight, level } = readMap(model, a, index, state.layer, state.head);
    const row = (values) => values.subarray(query * n, (query + 1) * n);
    const look = { weight: row(weight), level: row(level) };
    v.lookFigures[a].parts.look = look;
    drawLook(player, v.lookFigures[a].parts, look, query);
    setAttribute(v.lookFigures[a].parts.canvas, "aria-label", told(player, a, look, query));
  }
}

function told({ model, t }, arm, { weight, level }, query) {
  const order = [...weight.keys()].filter((key) => !Number.isNaN(level[key])).sort((a, b) => weight[b] - weight[a]);
  const most = order.slice(0, MOST_NAMED).map((key) => nameOf(model, key)).join(", ");
  return `${model.arms[arm].name}: ${t("attends_most", { query: nameOf(model, query), most })}`;
}

function drawLook({ model, theme, state, scale }, { canvas, field }, { weight, level }, query) {
  const { rows, columns } = model.picture;
  const [width, height] = [field.clientWidth, field.clientHeight];
  const context = fit(canvas, width, height);
  const box = (position) => {
    const [row, column] = [Math.floor((position - 1) / columns), (position - 1) % columns];
    const [left, top] = [Math.round((column * width) / columns), Math.round((row * height) / rows)];
    return [left, top, Math.round(((column + 1) * width) / columns) - left, Math.round(((row + 1) * height) / rows) - top];
  };
  for (let key = 1; key < level.length; key += 1) {
    if (Number.isNaN(level[key])) fillHatch(context, box(key), 1);
    else {
      const strength = state.raw ? weight[key] : Math.min(1, Math.abs(level[key]) / SPAN);
      context.globalAlpha = 0.85 * Math.sqrt(strength); // an even share leaves the picture as it is
      context.fillStyle = cssOf(scale.colourOf(state.raw ? weight[key] : level[key]));
      context.fillRect(...box(key));
      context.globalAlpha = 1;
    }
  }
  if (!query) return;
  const [left, top, wide, high] = box(query);
  for (const [colour, line] of [[theme.backgroundCss, 5], [css(theme.text), 2]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: line });
    context.strokeRect(left + 1.5, top + 1.5, wide - 3, high - 3);
  }
}

// From a pixel as cells have it.
const cssOf = (packed) => `rgb(${packed & 255} ${(packed >>> 8) & 255} ${(packed >>> 16) & 255})`;

// ---- the reader's pointer and keys ----------------------------------------------------------------------------------

// point and pick: those of attachPointing.
export function attachPicture(player, { point, pick }, signal) {
  const { v, t } = player;

  // The arm and the position under the pointer.
  function cellAt(event) {
    const { model } = player;
    if (event.target.dataset?.testid !== "mp-look") return null;
    const { rows, columns } = model.picture;
    const box = event.target.getBoundingClientRect();
    const at = (place, side, count) => Math.max(0, Math.min(count - 1, Math.floor((place / side) * count)));
    const key = 1 + at(event.clientY - box.top, box.height, rows) * columns + at(event.clientX - box.left, box.width, columns);
    return key < model.shape[5] ? { arm: Number(event.target.dataset.arm), key } : null;
  }

  function cellText({ arm, key }) {
    const { model } = player;
    const { look } = v.lookFigures[arm].parts;
    const names = { query: nameOf(model, asked(player)), key: nameOf(model, key) };
    if (!look) return t("unknown");
    if (Number.isNaN(look.level[key])) return t("edge_forbidden", names);
    return t("attention_cell", { ...names, value: look.weight[key].toFixed(2), times: `×${(2 ** look.level[key]).toFixed(1)}` });
  }

  v.lookBox.addEventListener("pointermove", (event) => {
    const cell = cellAt(event);
    if (cell) point(cell.key - 1, () => cellText(cell), event.clientX, event.clientY - 6);
    else point(null);
  }, { signal });
  v.lookBox.addEventListener("pointerleave", () => point(null), { signal });
  v.lookBox.addEventListener("click", (event) => {
    const cell = cellAt(event);
    if (cell) pick(cell.arm, cell.key, null);
  }, { signal });

  // Over a picture all four arrows move from part to part; elsewhere left and right belong to the scrubber.
  v.arms.addEventListener("keydown", (event) => {
    const { picture } = player.model ?? {};
    const chip = event.target.closest(".mp-token");
    if (!picture || !chip || event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowUp: -picture.columns, ArrowDown: picture.columns, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const { chips } = chip.closest(".mp-arm").parts;
    const at = Number(chip.dataset.index);
    const next = chips[at + by];
    const wraps = Math.abs(by) === 1 && Math.floor((at + by) / picture.columns) !== Math.floor(at / picture.columns);
    if (!next || wraps) return;
    chip.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }, { signal });
}

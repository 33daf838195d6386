// What each unit is marked as, at the scrubber's epoch: a line under words, with the name of what begins there; around
// parts of a picture an outline. What the data say is a broken line. Nothing is told by colour alone.
import { make, setText } from "../../web/dom.js";

const LINES = ["solid", "dashed", "dotted", "double"];
const COLOURS = ["#d55e00", "#0072b2", "#009e73", "#cc79a7"]; // told apart by colour-blind readers, too (Wong 2011)

// "B-PER" → "PER"; a tag without such a beginning is its own name.
const kindOf = (name) => name.replace(/^[BIESLU]-/, "");
const begins = (name) => /^[BSU]-/.test(name);
const nothing = (marks, code) => code < 0 || (marks.outside && code === 0);

function kinds(marks) {
  const named = marks.names.filter((_, code) => !nothing(marks, code)).map(kindOf);
  return [...new Set(named)];
}

// The name of a mark as readers are told it.
function markName({ model: { unitMarks: marks, picture }, t }, code) {
  if (nothing(marks, code)) return t("marked_nothing");
  return picture && marks.outside ? t("marked_object") : marks.names[code];
}

export function buildMarks(player) {
  const { v, model } = player;
  const { unitMarks: marks, picture } = model;
  const inText = Boolean(marks && !picture);
  v.marksLegend.hidden = !marks;
  const all = marks ? kinds(marks) : [];
  v.blocks.forEach(({ parts }) => {
    parts.text.classList.toggle("mp-marked", inText);
    parts.marked = new Int16Array(model.words.length).fill(-2);
    parts.tags = !inText ? [] : parts.chips.map((chip) => chip.appendChild(make("span", "mp-tag", { "aria-hidden": "true" })));
    if (marks && picture) outline(parts.chips, picture, (i) => marks.truth?.[i] > 0, "true");
  });
  if (!marks) return;
  const { t } = player;
  const entry = (className, text, style = "") => make("span", "mp-mark-entry", {}, make("i", className, { style }), text);
  const entries = picture
    ? [entry("mp-ring", t("marked_object")), ...(marks.truth ? [entry("mp-ring mp-ring-true", t("marked_truth_object"))] : [])]
    : [...all.map((kind, k) => entry("mp-line", kind, lineOf(k))), ...(marks.truth ? [make("span", "", {}, t("marked_wrong"))] : [])];
  v.marksLegend.replaceChildren(...entries);
}

const lineOf = (k) => `--mark: ${COLOURS[k % COLOURS.length]}; --line-kind: ${LINES[(k + Math.floor(k / LINES.length)) % LINES.length]}`;

// Draws the edges of a group of parts: on each side where the next part does not belong to it. which: "given" or "true".
function outline(chips, { rows, columns }, belongs, which) {
  chips.forEach((chip, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const there = (r, c) => r >= 0 && r < rows && c >= 0 && c < columns && belongs(r * columns + c);
    const sides = [[row - 1, column], [row, column + 1], [row + 1, column], [row, column - 1]];
    const edges = belongs(i) ? sides.map(([r, c]) => (there(r, c) ? 0 : 1)) : [0, 0, 0, 0];
    ["top", "right", "bottom", "left"].forEach((side, s) => chip.style.setProperty(`--${which}-${side}`, String(edges[s])));
  });
}

export function showMarks({ model }, parts, a, index) {
  const { unitMarks: marks, picture } = model;
  if (!marks) return;
  const codes = marks.codes[a][index];
  if (codes.every((code, i) => code === parts.marked[i])) return;
  if (picture) outline(parts.chips, picture, (i) => !nothing(marks, codes[i]), "given");
  else showTags(parts, marks, codes);
  parts.marked.set(codes);
}

function showTags(parts, marks, codes) {
  const all = kinds(marks);
  codes.forEach((code, i) => {
    const tag = parts.tags[i];
    const known = code >= 0;
    const wrong = known && marks.truth && marks.truth[i] >= 0 && marks.truth[i] !== code;
    const none = nothing(marks, code);
    const kind = none ? "" : kindOf(marks.names[code]);
    const first = !none && (begins(marks.names[code]) || i === 0 || nothing(marks, codes[i - 1]) || kindOf(marks.names[codes[i - 1]]) !== kind);
    setText(tag, `${first ? kind : ""}${wrong ? "✗" : ""}`);
    const style = none ? "" : lineOf(all.indexOf(kind));
    if (tag.told !== style) tag.setAttribute("style", (tag.told = style));
    tag.classList.toggle("mp-tag-none", none);
  });
}

// What is told of a unit beside its mask: "" without marks.
export function markText(player, a, e, i) {
  const { model: { unitMarks: marks }, t } = player;
  if (!marks || marks.codes[a][e][i] < 0) return "";
  const said = t("marked_as", { mark: markName(player, marks.codes[a][e][i]), percent: marks.chances[a][e][i] });
  const truth = marks.truth?.[i] ?? -1;
  if (truth < 0) return ` · ${said}`;
  return ` · ${said} · ${nothing(marks, truth) ? t("marked_truth_nothing") : t("marked_truth", { mark: markName(player, truth) })}`;
}

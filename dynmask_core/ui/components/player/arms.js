// One block per arm: who it is, how much it keeps, what it predicts, and the sentence as it sees it.
import { make, setAttribute, setText, weave } from "../../web/dom.js";
import { countEdges } from "./attention.js";
import { bandsOfUnit, bandsTold, buildBands, masksBands, nameBands, showBands } from "./bands.js";
import { buildMarks, markText, showMarks } from "./marks.js";
import { framePicture } from "./picture.js";

const STATES = ["kept", "removed", "unknown"]; // what a number in model.states means
const NEUTRAL = 1000; // in place of a state and a value
export const number = (value) => value.toFixed(2);

export function buildArms({ v, model, t }) {
  v.blocks = model.arms.map((arm, a) => {
    const fill = make("i");
    const parts = {
      fill,
      kept: make("span", "mp-kept", { testid: "mp-kept" }),
      words: make("span", "mp-predicts"), name: make("strong", "mp-class", { testid: "mp-predicted" }),
      value: make("span", "mp-value", { testid: "mp-probability" }),
      mark: make("span", "mp-mark", { testid: "mp-mark" }),
      text: make("p", "mp-text", { dir: "auto", role: "group" }),
    };
    parts.prediction = make("span", "mp-prediction", { testid: "mp-prediction", "data-arm": a }, parts.words,
      parts.name, make("span", "mp-chance", { "aria-hidden": "true" }, fill), parts.value, parts.mark);
    const told = [...(a ? [] : [t("baseline")]), arm.roles.map((role) => t(`role_${role}`)).join(" + ")];
    const role = make("span", "mp-role", { testid: "mp-role" }, [...new Set(told)].join(" · "));
    const called = make("span", "mp-role", { testid: "mp-called" }, arm.called?.[model.lang] ?? "");
    const who = make("span", "mp-who", {}, make("strong", "name", {}, arm.name), called, role);
    const block = make("article", "mp-arm", { testid: "mp-arm", "data-index": a },
      make("header", "mp-arm-head", {}, who, parts.kept, parts.prediction), parts.text);
    return Object.assign(block, { parts });
  });
  v.arms.replaceChildren(...v.blocks);
}

export function buildSentence(player) {
  const { v, model, t } = player;
  v.blocks.forEach(({ parts }, a) => {
    parts.text.lang = model.textLang;
    parts.text.setAttribute("aria-label", t("sentence", { arm: model.arms[a].name }));
    const { picture } = model;
    parts.chips = model.words.map((word, i) => make("span", word ? "mp-token" : "mp-token mp-token-empty",
      { testid: "mp-token", "data-index": i, tabindex: i ? "-1" : "0", role: "button" }, picture ? "" : word || "·"));
    const unread = framePicture(model, parts.text);
    const gaps = () => model.gaps.map((gap) => make("span", "mp-gap", {}, gap));
    parts.bands = buildBands(model, a);
    const layer = parts.bands ? [parts.bands] : [];
    parts.text.replaceChildren(...(picture ? [...layer, ...parts.chips, ...unread] : weave(parts.chips, gaps())));
    parts.drawn = new Int16Array(model.words.length).fill(-1);
    parts.named = -1;
  });
  buildMarks(player);
}

// Whether the mask of an arm is laid over words. If not, its words have no colour: no mask keeps or removes them.
const masksWords = (model, a) => model.arms[a].shows === "words";

export function showArm(player, parts, a, index) {
  const { model, theme, t } = player;
  const [, E, T] = model.shape;
  const from = (a * E + index) * T;
  const coloured = masksWords(model, a);
  let kept = 0, known = 0;
  for (let i = 0; i < T; i += 1) {
    const [value, what] = [model.masks[from + i], model.states[from + i]];
    if (what === 0) kept += 1;
    if (what !== 2) known += 1;
    const code = coloured ? what * 256 + value : NEUTRAL;
    if (parts.drawn[i] === code) continue;
    parts.drawn[i] = code;
    const plain = !coloured || what === 2 || masksBands(model, a);
    const chip = parts.chips[i];
    if (model.picture) chip.style.setProperty("--gone", plain ? 0 : what === 1 ? 1 : 1 - value / 255);
    else {
      chip.style.backgroundColor = plain ? "" : theme.maskCss[value];
      const ink = plain ? "" : theme.maskInk[value];
      if (chip.ink !== ink) chip.style.color = chip.ink = ink;
    }
    const state = coloured ? STATES[what] : "neutral";
    if (chip.state !== state) chip.dataset.state = chip.state = state;
  }
  showMarks(player, parts, a, index);
  showBands(player, parts, a, index);
  if (parts.named !== index) nameLater(player, parts, a, index);
  setText(parts.kept, maskTold(player, a, index) ?? (known ? t("keeps", { kept, total: T }) : t("unknown")));
  showPrediction(player, parts, a, index);
}

// Names the words for screen readers once the scrubber rests: it moves faster than anybody listens.
function nameLater(player, parts, a, index) {
  clearTimeout(parts.naming);
  parts.naming = setTimeout(() => {
    if (!(index in player.model.epochs) || parts.chips.length !== player.model.words.length) return;
    parts.named = index;
    parts.chips.forEach((chip, i) => setAttribute(chip, "aria-label", tokenText(player, "token_label", a, index, i)));
    nameBands(player, parts, a, index);
  }, parts.named < 0 ? 0 : 200);
}

// What the mask of an arm does, in one phrase; null where it is laid over words, "" where there is none.
function maskTold(player, a, index) {
  const { model, t, state } = player;
  const [, E, , L, H] = model.shape;
  const { shows } = model.arms[a];
  if (masksBands(model, a)) return bandsTold(player, a, index);
  if (shows === "words") return null;
  if (shows === "none" || !model.recorded[index]) return "";
  if (shows === "heads") {
    const from = (a * E + index) * L * H;
    const open = model.heads.subarray(from, from + L * H).reduce((sum, head) => sum + (head > 0 ? 1 : 0), 0);
    return t("heads_open", { open, total: L * H });
  }
  const head = state.head === "mean" ? 0 : state.head;
  const [forbidden, total] = countEdges(model, a, index, state.layer, head);
  return t("edges_forbidden", { forbidden, total });
}

// Describes a word's mask at an epoch; `name` is the catalogue text to fill in.
export function tokenText(player, name, a, e, i) {
  return `${maskText(player, name, a, e, i)}${markText(player, a, e, i)}`;
}

function maskText(player, name, a, e, i) {
  const { model, t } = player;
  if (!masksWords(model, a)) return t("token_free", { token: model.words[i] || "·", arm: model.arms[a].name });
  const at = (a * model.shape[1] + e) * model.shape[2] + i;
  const what = model.states[at];
  return t(name, {
    token: model.words[i] || "·", arm: model.arms[a].name, epoch: model.epochs[e],
    value: what === 2 ? "–" : number(model.masks[at] / 255),
    state: masksBands(model, a) && what !== 2 ? bandsOfUnit(player, a, e, i) : t(STATES[what]),
  });
}

function showPrediction({ model, t }, parts, a, index) {
  const chances = model.probabilities[a][index];
  parts.prediction.hidden = !model.classes.length; // a model that guesses words has no class to predict
  const best = chances.indexOf(Math.max(...chances));
  const known = model.recorded[index] && chances[best] >= 0;
  setText(parts.words, t(known ? "predicts" : "prediction_missing"));
  setText(parts.name, known ? model.classes[best] : "");
  setText(parts.value, known ? number(chances[best]) : "");
  parts.fill.style.transform = `scaleX(${known ? chances[best] : 0})`;
  const right = known && model.label !== null ? best === model.label : null;
  setText(parts.mark, right === null ? "" : `${right ? "✓" : "✗"} ${t(right ? "right" : "wrong")}`);
  parts.mark.dataset.right = right === null ? "" : String(right);
  parts.prediction.dataset.known = String(known);
}

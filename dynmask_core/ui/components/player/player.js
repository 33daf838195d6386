// The mask player: the reader's choices, and what is redrawn when.
import { builtOnce, onAction, setAttribute, setLabel, setText, textsOf } from "../../web/dom.js";
import { mount, onResize } from "../../web/mount.js";
import { css, gradient } from "../../web/scale.js";
import { createScrubber } from "../../web/scrubber.js";
import { buildArms, buildSentence, number, showArm } from "./arms.js";
import { layOutHeat, showCursors } from "./heat.js";
import { buildMaps, layOutMaps, showMaps } from "./maps.js";
import { attachPointing } from "./point.js";
import { buildView } from "./view.js";

const SPEEDS = [0.5, 1, 2, 4];
const AUTOPLAY_MS = 4000; // duration of playing a finished run once
const OVERVIEW_FROM = 32; // with more words, an overview is shown first

export default mount(createPlayer);

function createPlayer(signal) {
  const v = buildView();
  const { root } = v;
  const once = builtOnce();
  const state = {
    layer: 0, head: 0, other: 1, overview: true, speed: 1, // head may be "mean"; other is compared with the baseline
  };
  // Shared by the player's files. heat and maps: geometry of the pictures, null while nothing can be measured.
  const player = {
    v, state, model: null, theme: null, heat: null, maps: null,
    ruler: document.createElement("canvas").getContext("2d"),
    t: textsOf("player", () => player.model.strings),
    folded: () => isLong() && state.overview,
  };
  const { t } = player;
  const isLong = () => player.model.words.length > OVERVIEW_FROM;
  const scrubber = createScrubber({
    root, signal, t, show, prefix: "mp", live: true, extras: [v.speed.node, v.speedCycle],
  });
  v.main.after(scrubber.node);
  const pointing = attachPointing(player, scrubber, signal);

  // ---- data ----------------------------------------------------------------------------------------------------

  function receive(model, theme) {
    const before = player.model;
    openArrays(model);
    Object.assign(player, { model, theme });
    setAttribute(root, "lang", model.lang);
    const [, , , L, H] = model.shape;
    state.layer = Math.min(state.layer, Math.max(0, L - 1));
    if (state.head !== "mean") state.head = Math.min(state.head, Math.max(0, H - 1));
    state.other = Math.min(Math.max(1, state.other), model.arms.length - 1);
    rebuild();
    scrubber.receive(model);
    const empty = model.epochs.length === 0;
    v.waiting.hidden = !empty;
    v.main.hidden = scrubber.node.hidden = empty;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const plays = !before?.epochs.length && !model.running && model.autoplay && model.epochs.length > 1 && !calm;
    if (plays) scrubber.rewind();
    layOut();
    if (plays) scrubber.play(Math.min(600, AUTOPLAY_MS / (model.epochs.length - 1)));
  }

  // The raw bytes: masks, token states, attention.
  function openArrays(model) {
    const [A, E, T, L, H, S] = model.shape;
    let at = 0;
    const take = (count) => model.body.subarray(at, (at += count));
    model.masks = take(A * E * T);
    model.states = take(A * E * T);
    model.attention = take(A * E * L * H * S * S);
  }

  function rebuild() {
    const { strings, lang, arms, words, gaps, shape, classes, label } = player.model;
    const [, , , L, H, S] = shape;
    once("strings", [lang, strings], () => {
      const texts = {
        heatTitle: "heat_title", heatNote: "heat_note", mapTitle: "attention", caution: "attention_caution",
        maskName: "mask", maskLow: "mask_low", maskHigh: "mask_high", attentionName: "attention", waiting: "waiting",
      };
      for (const [node, name] of Object.entries(texts)) setText(v[node], t(name));
      scrubber.name();
    });
    once("arms", [lang, strings, arms, classes], () => {
      buildArms(player);
      once.forget("sentence");
    });
    once("sentence", [words, gaps], () => buildSentence(player));
    setText(v.truth, label === null ? "" : t("true_class", { label: classes[label] }));
    setText(v.empty, t(words.length ? "attention_missing" : "no_words"));

    const count = (n) => Array.from({ length: n }, (_, i) => [i, String(i + 1), i + 1]);
    v.layer.offer(t("layer"), count(L));
    v.head.offer(t("head"), H > 1 ? [...count(H), ["mean", t("mean")]] : count(H));
    v.compare.offer(t("compare", { arm: arms[0].name }), arms.slice(1).map((arm, i) => [i + 1, arm.name]));
    v.speed.offer(t("speed"), SPEEDS.map((speed) => [speed, `×${speed}`]));
    v.view.offer(t("view"), isLong() ? [["overview", t("overview")], ["words", t("every_word")]] : []);
    once("marks", [words, shape[0]], () => pointing.reset());
    once("maps", arms, () => buildMaps(v, arms));
    root.classList.toggle("mp-long", isLong());
    v.limit.hidden = S - 1 >= words.length;
    setText(v.limit, t("attention_limit", { n: S - 1 }));
  }

  // ---- geometry: after new data, a new size, a new theme or another choice -------------------------------------

  function layOut() {
    if (!player.model?.epochs.length) return;
    player.heat = player.maps = null;
    if (!root.clientWidth) return; // a closed tab cannot be measured; opening it changes the width
    paintTheme();
    v.layer.press(state.layer);
    v.head.press(state.head);
    v.compare.press(state.other);
    v.speed.press(state.speed);
    v.view.press(state.overview ? "overview" : "words");
    setText(v.speedCycle, `×${state.speed}`);
    setLabel(v.speedCycle, `${t("speed")} ×${state.speed}`);
    player.heat = layOutHeat(player);
    player.maps = layOutMaps(player);
    scrubber.redraw();
  }

  function paintTheme() {
    const { model, theme } = player;
    root.dataset.theme = theme.name;
    v.maskBar.style.background = gradient(theme.mask);
    v.attentionBar.style.background = gradient(theme.attention);
    model.arms.forEach((arm, a) => {
      for (const node of [v.blocks[a], v.figures[a]]) node.style.setProperty("--arm", css(theme.arm(arm.color)));
      v.blocks[a].parts.drawn.fill(-1);
    });
  }

  // ---- one epoch: everything that a step of the scrubber redraws -----------------------------------------------

  function show(index, text) {
    if (!player.heat) return;
    const { model } = player;
    setText(v.theta, t("threshold", { value: number(model.thresholds[index]) }));
    v.thetaMark.style.left = `${model.thresholds[index] * 100}%`;
    v.blocks.forEach(({ parts }, a) => showArm(player, parts, a, index));
    showCursors(player, index);
    setAttribute(v.heat, "aria-label", t("heat_label", { epoch: model.epochs[index], last: model.epochs.at(-1) }));
    showMaps(player, index, text);
    pointing.refresh();
    Object.assign(root.dataset, { layer: state.layer + 1, head: state.head === "mean" ? "mean" : state.head + 1 });
  }

  // ---- the reader's choices ------------------------------------------------------------------------------------

  function choose(changed) {
    Object.assign(state, changed);
    layOut();
  }
  function chooseSpeed(speed) {
    scrubber.setSpeed(speed);
    choose({ speed });
  }
  onAction(root, {
    layer: (value) => choose({ layer: Number(value) }),
    head: (value) => choose({ head: value === "mean" ? value : Number(value) }),
    compare: (value) => choose({ other: Number(value) }),
    view: (value) => {
      pointing.reset();
      choose({ overview: value === "overview" });
    },
    speed: (value) => chooseSpeed(Number(value)),
    faster: () => chooseSpeed(SPEEDS[(SPEEDS.indexOf(state.speed) + 1) % SPEEDS.length]),
  }, signal);
  onResize(root, layOut, signal);

  function recolour(theme) {
    player.theme = theme;
    layOut();
  }
  return { root, receive, recolour };
}

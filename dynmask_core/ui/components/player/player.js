// The mask player: the reader's choices, and what is redrawn when.
import { builtOnce, onAction, setAttribute, setLabel, setText, textsOf } from "../../web/dom.js";
import { mount, onResize } from "../../web/mount.js";
import { css, gradient } from "../../web/scale.js";
import { createScrubber } from "../../web/scrubber.js";
import { buildArms, buildSentence, number, showArm } from "./arms.js";
import { scaleOf, SPAN } from "./cells.js";
import { layOutBands, masksBands } from "./bands.js";
import { buildGrid, layOutGrid, showGrid } from "./grid.js";
import { layOutHeat, showCursors } from "./heat.js";
import { buildMaps, layOutMaps, showMaps } from "./maps.js";
import { attachPicture, buildLooks, layOutLooks, showLooks } from "./picture.js";
import { buildPatterns, layOutPatterns, showPatterns } from "./patterns.js";
import { attachPointing } from "./point.js";
import { attachSaves } from "./saves.js";
import { buildView } from "./view.js";

const SPEEDS = [0.5, 1, 2, 4];
const AUTOPLAY_MS = 4000; // duration of playing a finished run once
const OVERVIEW_FROM = 32; // with more words, an overview is shown first
const ROOMY = 21; // up to this many positions two maps and their difference fit side by side
const NARROW = 560; // up to this width one arm and one picture are shown at a time, as in player.css

export default mount(createPlayer);

function createPlayer(signal) {
  const v = buildView();
  const { root } = v;
  const once = builtOnce();
  const state = {
    layer: 0, head: 0, other: 1, overview: true, speed: 1, // head may be "mean"; other is compared with the baseline
    grid: false, raw: false, apart: false, // all heads instead of one; weights as they are; only the difference
    arm: 1, map: 1, part: "mask", // what is seen on a narrow screen; map: an arm, or one more for the difference
  };
  let width = 0; // of the root, as measured when the pictures were laid out: a step of the scrubber measures nothing
  // Shared by the player's files. heat and maps: geometry of the pictures, null while nothing can be measured.
  const player = {
    v, state, model: null, theme: null, heat: null, maps: null, grid: null, patterns: null, scale: null, pick: null,
    ruler: document.createElement("canvas").getContext("2d"),
    t: textsOf("player", () => player.model.strings),
    folded: () => isLong() && state.overview,
    narrow: () => width <= NARROW,
    shownArms: () => (player.narrow() ? [state.arm] : player.model.arms.map((_, a) => a)),
    shownMaps: () => {
      const arms = player.model.arms.map((_, a) => a);
      if (player.narrow()) return [state.map];
      if (crowded()) return state.apart ? [arms.length] : arms;
      return arms.length > 1 ? [...arms, arms.length] : arms;
    },
    send: () => {},
    look: () => showLooks(player, scrubber.index),
  };
  const { t } = player;
  const crowded = () => player.model.arms.length > 2 || player.model.shape[5] > ROOMY;
  const isLong = () => player.model.words.length > OVERVIEW_FROM;
  const scrubber = createScrubber({
    root, signal, t, show, prefix: "mp", live: true, extras: [v.speed.node, v.speedCycle],
  });
  v.main.after(scrubber.node);
  const pointing = attachPointing(player, scrubber, signal);
  attachPicture(player, pointing, signal);
  const nameSaves = attachSaves(player, signal, layOut);

  // ---- data ----------------------------------------------------------------------------------------------------

  function receive(model, theme, { setStateValue }) {
    const before = player.model;
    player.send = (pick) => setStateValue("pick", { ...pick, of: model.of });
    if (before?.of !== model.of) player.pick = null;
    openArrays(model);
    Object.assign(player, { model, theme });
    setAttribute(root, "lang", model.lang);
    width = root.clientWidth || width;
    const [, , , L, H] = model.shape;
    state.layer = Math.min(state.layer, Math.max(0, L - 1));
    if (state.head !== "mean") state.head = Math.min(state.head, Math.max(0, H - 1));
    state.other = Math.min(Math.max(1, state.other), model.arms.length - 1);
    state.arm = Math.min(state.arm, model.arms.length - 1);
    state.map = Math.min(state.map, model.arms.length > 1 ? model.arms.length : 0);
    if (L * H < 2) state.grid = false;
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

  // The raw bytes: for each epoch masks, token states, keys, heads, attention, bands, each of all arms. Here all epochs of an
  // arm stand together.
  function openArrays(model) {
    const [A, E, T, L, H, S] = model.shape;
    const sizes = {
      masks: T, states: T, keys: L * H * S, heads: L * H, attention: L * H * S * S, bands: T * model.bandCount,
    };
    for (const [name, size] of Object.entries(sizes)) model[name] = new Uint8Array(A * E * size);
    for (let e = 0, at = 0; e < E; e += 1) {
      for (const [name, size] of Object.entries(sizes)) {
        for (let a = 0; a < A; a += 1, at += size) model[name].set(model.body.subarray(at, at + size), (a * E + e) * size);
      }
    }
  }

  function rebuild() {
    const { strings, lang, arms, words, gaps, shape, classes, label, picture, unitMarks } = player.model;
    const [, , , L, H, S] = shape;
    once("strings", [lang, strings, Boolean(picture)], () => {
      const texts = {
        heatTitle: "heat_title", heatNote: "heat_note", mapTitle: "attention", caution: "attention_caution",
        maskName: "mask", maskLow: "mask_low", maskHigh: "mask_high", attentionName: "attention", waiting: "waiting",
        forbidden: "forbidden", bandsNote: "bands_note",
      };
      for (const [node, name] of Object.entries(texts)) setText(v[node], t(name));
      scrubber.name();
      nameSaves();
    });
    once("arms", [lang, strings, arms, classes], () => {
      buildArms(player);
      once.forget("sentence");
    });
    once("sentence", [words, gaps, picture, unitMarks?.names, unitMarks?.truth, player.model.bandCount], () => buildSentence(player));
    once("looks", [picture, arms, lang], () => buildLooks(player));
    once("sound", [picture?.sound, lang], () => {
      v.sound.hidden = !picture?.sound;
      if (picture?.sound) v.sound.src = picture.sound;
      setAttribute(v.sound, "aria-label", t("listen"));
    });
    setText(v.truth, label === null ? "" : t("true_class", { label: classes[label] }));
    setText(v.empty, t(words.length ? "attention_missing" : "no_words"));

    const narrow = player.narrow();
    const names = arms.map((arm, a) => [a, arm.name]);
    v.whose.offer(t("arm"), narrow ? names : []);
    const apart = t("difference_label", { arm: arms[state.other]?.name, baseline: arms[0]?.name });
    const together = narrow ? names[state.arm] : ["sides", t("side_by_side")];
    const offersBoth = arms.length > 1 && !state.grid && (narrow || crowded());
    v.which.offer(t("map"), offersBoth ? [together, [arms.length, apart]] : []);
    v.part.offer(t("view"), narrow ? [["mask", t("heat_title")], ["attention", t("attention")]] : []);
    v.scale.offer(t("scale"), [["relative", t("relative")], ["raw", t("raw")]]);
    const count = (n) => Array.from({ length: n }, (_, i) => [i, String(i + 1), i + 1]);
    v.layer.offer(t("layer"), state.grid ? [] : count(L));
    const heads = H > 1 ? [...count(H), ["mean", t("mean")]] : count(H);
    v.head.offer(t("head"), L * H > 1 ? [["all", t("all_heads")], ...heads] : heads);
    const compares = !state.grid && player.shownMaps().includes(arms.length);
    const others = compares ? arms.slice(1).map((arm, i) => [i + 1, arm.name]) : [];
    v.compare.offer(t("compare", { arm: arms[0].name }), others);
    v.speed.offer(t("speed"), SPEEDS.map((speed) => [speed, `×${speed}`]));
    v.view.offer(t("view"), isLong() ? [["overview", t("overview")], ["words", t("every_word")]] : []);
    once("marks", [words, shape[0]], () => pointing.reset());
    once("maps", [arms, lang], () => buildMaps(v, arms));
    once("patterns", [arms, lang], () => buildPatterns(player));
    once("grid", [arms, L, H, lang], () => buildGrid(player));
    root.classList.toggle("mp-long", isLong() && !picture);
    root.classList.toggle("mp-pictured", Boolean(picture));
    v.limit.hidden = S - 1 >= words.length;
    setText(v.limit, t("attention_limit", { n: S - 1 }));
  }

  // ---- geometry: after new data, a new size, a new theme or another choice -------------------------------------

  function layOut() {
    if (!player.model?.epochs.length) return;
    player.heat = player.maps = null;
    width = root.clientWidth;
    if (!width) return; // a closed tab cannot be measured; opening it changes the width
    rebuild();
    paintTheme();
    v.layer.press(state.layer);
    v.head.press(state.grid ? "all" : state.head);
    v.compare.press(state.other);
    v.speed.press(state.speed);
    v.view.press(state.overview ? "overview" : "words");
    setText(v.speedCycle, `×${state.speed}`);
    setLabel(v.speedCycle, `${t("speed")} ×${state.speed}`);
    v.scale.press(state.raw ? "raw" : "relative");
    v.whose.press(state.arm);
    v.which.press(player.narrow() ? state.map : state.apart ? player.model.arms.length : "sides");
    v.part.press(state.part);
    Object.assign(root.dataset, { narrow: player.narrow(), part: state.part, scale: state.raw ? "raw" : "relative" });
    v.blocks.forEach((block, a) => { block.hidden = !player.shownArms().includes(a); });
    v.maskLegend.hidden = !player.shownArms().some((a) => player.model.arms[a].shows !== "none");
    // θ takes away whole units, never bands.
    v.theta.hidden = v.thetaMark.hidden = !player.model.arms.some(({ shows }, a) => shows !== "none" && !masksBands(player.model, a));
    layOutBands(player);
    player.heat = layOutHeat(player);
    player.patterns = layOutPatterns(player);
    layOutLooks(player);
    player.maps = layOutMaps(player);
    player.grid = layOutGrid(player);
    scrubber.redraw();
  }

  function paintTheme() {
    const { model, theme } = player;
    root.dataset.theme = theme.name;
    v.maskBar.style.background = gradient(theme.mask);
    const colours = state.raw ? theme.weights : theme.attention;
    player.scale = state.raw ? scaleOf(colours, 0, 1) : scaleOf(colours, -SPAN, SPAN);
    v.attentionBar.style.background = gradient(colours);
    const ends = state.raw ? ["0", "", "1"] : [`×1/${2 ** SPAN}`, t("even_share"), `×${2 ** SPAN}`];
    v.attentionEnds.forEach((node, i) => setText(node, ends[i]));
    model.arms.forEach((arm, a) => {
      for (const node of [v.blocks[a], v.figures[a]]) node.style.setProperty("--arm", css(theme.arm(arm.color)));
      v.blocks[a].parts.drawn.fill(-1);
      v.blocks[a].parts.named = -1;
    });
  }

  // ---- one epoch: everything that a step of the scrubber redraws -----------------------------------------------

  function show(index, text) {
    if (!player.heat) return;
    const { model } = player;
    player.epochText = text;
    setText(v.theta, t("threshold", { value: number(model.thresholds[index]) }));
    v.thetaMark.style.left = `${model.thresholds[index] * 100}%`;
    for (const a of player.shownArms()) showArm(player, v.blocks[a].parts, a, index);
    showCursors(player, index);
    showPatterns(player, index);
    setAttribute(v.heat, "aria-label", t("heat_label", { epoch: model.epochs[index], last: model.epochs.at(-1) }));
    const [, , , L, H] = model.shape;
    const recorded = model.recorded[index] && L > 0 && H > 0 && model.words.length > 0;
    v.empty.hidden = recorded;
    v.mapsBox.classList.toggle("mp-veiled", !recorded);
    showLooks(player, index);
    if (player.grid) showGrid(player, index);
    else showMaps(player, index, text);
    pointing.refresh();
    Object.assign(root.dataset, { layer: state.layer + 1, head: state.head === "mean" ? "mean" : state.head + 1 });
  }

  // ---- the reader's choices ------------------------------------------------------------------------------------

  function choose(changed) {
    Object.assign(state, changed);
    layOut();
  }
  function fold(overview) {
    pointing.reset();
    choose({ overview });
  }
  player.unfold = () => fold(false);
  function chooseSpeed(speed) {
    scrubber.setSpeed(speed);
    choose({ speed });
  }
  onAction(root, {
    layer: (value) => choose({ layer: Number(value) }),
    head: (value) => choose(value === "all" ? { grid: true }
      : { grid: false, head: value === "mean" ? value : Number(value) }),
    compare: (value) => choose({ other: Number(value) }),
    scale: (value) => choose({ raw: value === "raw" }),
    whose: (value) => choose({ arm: Number(value), map: Number(value) }),
    which: (value) => choose(player.narrow() ? { map: Number(value) } : { apart: value !== "sides" }),
    part: (value) => choose({ part: value }),
    open: (value) => {
      const [, , , , H] = player.model.shape;
      choose({ grid: false, layer: Math.floor(value / H), head: value % H });
      v.head.node.querySelector("[data-value=all]").focus({ preventScroll: true });
    },
    view: (value) => fold(value === "overview"),
    speed: (value) => chooseSpeed(Number(value)),
    faster: () => chooseSpeed(SPEEDS[(SPEEDS.indexOf(state.speed) + 1) % SPEEDS.length]),
  }, signal);
  onKey(v.attention, ({ key }) => {
    const [, , , L, H] = player.model?.shape ?? [];
    if (key !== "Escape" || state.grid || !(L * H > 1)) return false;
    const head = state.head === "mean" ? 0 : state.head;
    choose({ grid: true });
    v.grids.find((figure) => !figure.hidden).parts.tiles[state.layer * H + head].focus({ preventScroll: true });
    return true;
  }, signal);
  onResize(root, layOut, signal);

  function recolour(theme) {
    player.theme = theme;
    layOut();
  }
  return { root, receive, recolour };
}

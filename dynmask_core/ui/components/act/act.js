// The reader takes words out of a sentence and puts them back, and switches heads off. Every click is drawn at once;
// the answers come with Python's, and until then they are dimmed.
import { builtOnce, onAction, onKey, setAttribute, setText, textsOf } from "../../web/dom.js";
import { mount } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { buildArms, buildHeads, buildView, buildWords, drawArm } from "./view.js";

const LEAST_SCALE = 0.02; // the longest bar stands for two points at least: smaller effects must look small
const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const ROWS = { ArrowUp: -1, ArrowDown: 1 }; // of a picture

export default mount(createAct);

function createAct(signal) {
  const v = buildView();
  const { root } = v;
  const once = builtOnce();
  let model = null;
  let theme = null;
  let send = null;
  let states = []; // of each word: "", "removed" or "restored"
  let off = new Set(); // heads, as layer * heads + head
  let clicks = 0; // the number of the last click, sent along and echoed by Python
  let waiting = false; // Python has not answered the last click yet
  let told = null; // what the line below the sentence is about: ["word" or "head", its index]

  const t = textsOf("act", () => model.strings);
  const points = (value) => `${value < 0 ? "−" : "+"}${Math.abs(100 * value).toFixed(1)}`;
  const headsPerLayer = () => model.arms[0].heads[0].length;

  // ---- data ----------------------------------------------------------------------------------------------------

  function receive(next, theirs, { setStateValue }) {
    const other = model?.sentence !== next.sentence;
    [model, theme] = [next, theirs];
    send = (choice) => setStateValue("choice", choice);
    if (other) [clicks, told] = [model.clicks, null];
    waiting = model.clicks < clicks;
    if (!waiting) {
      states = model.words.map(() => "");
      for (const place of model.removed) states[place - 1] = "removed";
      for (const place of model.restored) states[place - 1] = "restored";
      off = new Set(model.off);
    }
    setAttribute(root, "lang", model.lang);
    const arms = model.arms.map((arm) => [arm.name, arm.color]);
    once("words", [model.sentence, model.strings, arms], () => buildWords(v, model, t));
    once("arms", [model.strings, arms, model.shown.map((c) => model.classes[c]), model.arms.map((a) => a.note)],
      () => buildArms(v, model, t));
    once("heads", [model.strings, arms, model.arms[0].heads.length, headsPerLayer()], () => buildHeads(v, model, t));
    draw();
  }

  // ---- clicks --------------------------------------------------------------------------------------------------

  function word(index) {
    const cycle = model.cycles[index];
    states[index] = cycle[(cycle.indexOf(states[index]) + 1) % cycle.length];
    told = ["word", index];
    changed();
  }

  function head(index) {
    if (!off.delete(index)) off.add(index);
    told = ["head", index];
    changed();
  }

  function undo() {
    states = states.map(() => "");
    off = new Set();
    v.words[0]?.focus({ preventScroll: true }); // the button is disabled now and would lose the focus
    changed();
  }

  function changed() {
    clicks += 1;
    waiting = true;
    draw();
    const places = (wanted) => states.flatMap((state, i) => (state === wanted ? [i + 1] : []));
    send({
      sentence: model.sentence, removed: places("removed"), restored: places("restored"),
      heads: [...off].sort((a, b) => a - b), clicks,
    });
  }
  onAction(root, { word: (i) => word(Number(i)), head: (i) => head(Number(i)), undo }, signal);

  // One stop for the Tab key in the whole sentence; arrows go from word to word.
  onKey(v.text, (event) => {
    const at = v.words.indexOf(event.target);
    const by = MOVES[event.key] ?? (model.picture ? ROWS[event.key] * model.picture.columns : NaN);
    if (at < 0 || Number.isNaN(by)) return false;
    v.words[Math.max(0, Math.min(v.words.length - 1, at + by))].focus();
    return true;
  }, signal);
  const point = (event) => {
    const node = event.target.closest?.("[data-do=word], [data-do=head]");
    if (!node) return;
    told = [node.dataset.do, Number(node.dataset.value)];
    if (event.type === "focusin" && node.dataset.do === "word") {
      v.words.forEach((chip) => { chip.tabIndex = chip === node ? 0 : -1; });
    }
    tell();
  };
  root.addEventListener("focusin", point, { signal });
  root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && point(event), { signal });

  // ---- drawing -------------------------------------------------------------------------------------------------

  function draw() {
    root.classList.toggle("ac-waits", waiting);
    setAttribute(v.answers, "aria-busy", String(waiting));
    v.undo.disabled = !off.size && states.every((state) => !state);
    const all = model.arms.flatMap((arm) => [...arm.drops, ...arm.headDrops.flat()]).filter((drop) => drop !== null);
    const scale = Math.max(LEAST_SCALE, ...all.map(Math.abs));
    setText(v.scale, all.length ? t("bar", { points: (100 * scale).toFixed(0) }) : t("bar_none"));
    once("colours", model.arms.map((arm) => css(theme.arm(arm.color))), () => model.arms.forEach((arm, a) =>
      root.style.setProperty(`--arm-${a}`, css(theme.arm(arm.color)))));
    model.arms.forEach((arm, a) => drawArm(v.blocks[a].parts, model, arm, t, points));
    v.words.forEach((chip, i) => {
      setAttribute(chip, "data-state", states[i]);
      setAttribute(chip, "data-gone", String(model.arms.every((arm) => arm.left[i] >= 0)));
      setAttribute(chip, "aria-pressed", String(states[i] !== ""));
      setAttribute(chip, "aria-label", wordText(i));
      drawRows(chip.rows, (arm) => [arm.drops[i] ?? null, states[i] !== "restored" && arm.left[i] >= 0], scale);
    });
    v.heads.forEach((button, h) => {
      const [layer, head_] = [Math.floor(h / headsPerLayer()), h % headsPerLayer()];
      setAttribute(button, "aria-pressed", String(off.has(h)));
      setAttribute(button, "aria-label", headText(h));
      drawRows(button.rows, (arm) => [arm.headDrops[layer]?.[head_] ?? null, !arm.heads[layer][head_]], scale);
    });
    tell();
  }

  // A small bar per arm, from the middle: to the right, the answer needs it. Writes only what has changed: a long text
  // has a thousand bars, and the browser lays out again what is touched.
  function drawRows(rows, of, scale) {
    rows.forEach((row, a) => {
      const [drop, gone] = of(model.arms[a]);
      setAttribute(row, "data-gone", String(gone));
      setAttribute(row, "data-sign", drop === null ? "" : drop < 0 ? "against" : "for");
      setAttribute(row.firstChild, "style", `width: ${drop === null ? 0 : ((50 * Math.abs(drop)) / scale).toFixed(1)}%`);
    });
  }

  const stateText = (i) => t({ "": "in_text", removed: "removed", restored: "restored" }[states[i]]);

  function wordText(i) {
    const arms = model.arms.map((arm) => {
      const drop = arm.drops[i] ?? null;
      const parts = [arm.left[i] < 0 ? t("mask", { value: arm.mask[i].toFixed(2) })
        : t("gone_at", { value: arm.mask[i].toFixed(2), block: arm.left[i] + 1 })];
      if (drop !== null) parts.push(t("drop", { points: points(-drop) }));
      return `${arm.name}: ${parts.join(", ")}`;
    });
    const unknown = model.known[i] ? [] : [t("unknown")];
    return [t("word", { word: model.words[i], n: i + 1, state: stateText(i) }), ...unknown, ...arms].join(" · ");
  }

  function headText(h) {
    const [layer, index] = [Math.floor(h / headsPerLayer()), h % headsPerLayer()];
    const arms = model.arms.flatMap((arm) => {
      const drop = arm.headDrops[layer]?.[index] ?? null;
      if (!arm.heads[layer][index]) return [`${arm.name}: ${t("head_gone")}`];
      return drop === null ? [] : [`${arm.name}: ${t("drop", { points: points(-drop) })}`];
    });
    const state = t(off.has(h) ? "out" : "now");
    return [t("head", { layer: layer + 1, head: index + 1, state }), ...arms].join(" · ");
  }

  function tell() {
    if (!told) setText(v.note, t("what"));
    else setText(v.note, told[0] === "word" ? wordText(told[1]) : headText(told[1]));
  }

  return { root, receive };
}

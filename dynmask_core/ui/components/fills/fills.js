// The reader hides words of a sentence; below it is what each model fills in at the scrubber's epoch.
// Python is asked only when the hidden words change: the data has all epochs, and a step only updates elements.
import { builtOnce, make, onAction, setAttribute, setLabel, setText, textsOf, weave } from "../../web/dom.js";
import { mount } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { createScrubber } from "../../web/scrubber.js";
import { buildCard, buildView } from "./view.js";

const RUN_MS = 10000; // longest time to play all epochs

export default mount(createFills);

function createFills(signal) {
  const v = buildView();
  const { root } = v;
  const once = builtOnce();
  const cards = new Map(); // token → its card
  let tokens = [];
  let model = null;
  let theme = null;
  let send = null;
  let chosen = []; // the tokens that the reader has hidden; the guesses come with Python's answer
  let clicks = 0; // the number of the last click, sent along and echoed by Python
  let settled = true; // Python has answered the last click; until the next click its hidden tokens count

  const t = textsOf("fills", () => model.strings);
  const scrubber = createScrubber({
    root, signal, show, prefix: "fills", t: textsOf("player", () => model.strings), longest: RUN_MS,
  });
  root.append(scrubber.node);
  // Among a thousand words even the likeliest may have a small probability: 0.00 would look like zero.
  const number = (value) => (value >= 0.01 ? value.toFixed(2) : value >= 0.0005 ? value.toFixed(3) : "<.001");
  const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

  // ---- data ----------------------------------------------------------------------------------------------------

  function receive(next, theirs, { setStateValue }) {
    const before = model;
    [model, theme] = [next, theirs];
    send = (choice) => setStateValue("choice", choice);
    if (before?.sentence !== model.sentence) {
      clicks = model.clicks;
      settled = true;
    }
    if (model.clicks >= clicks && same(model.hidden, chosen)) settled = true;
    if (settled) chosen = [...model.hidden];
    setAttribute(root, "lang", model.lang);
    scrubber.receive(model);
    once("strings", [model.lang, model.strings], () => {
      scrubber.name();
      setAttribute(v.sentence, "aria-label", t("sentence"));
      setText(v.legend, t("legend"));
      setText(v.empty, t("empty"));
      setText(v.missing, t("waiting"));
    });
    once("sentence", [model.sentence, model.strings], buildTokens);
    once("cards", [model.sentence, model.strings, model.arms, model.rows], () => cards.clear());
    draw();
  }

  function buildTokens() {
    tokens = model.words.map((word, i) => make("button", "fl-token",
      { type: "button", testid: "fills-token", "data-do": "toggle", "data-value": i, "aria-label": t("hide", { word }),
        title: word }, word));
    v.sentence.replaceChildren(...weave(tokens, model.gaps));
    v.sentence.lang = model.textLang;
    setText(v.note, t("what"));
  }

  // ---- the sentence --------------------------------------------------------------------------------------------

  function toggle(token) {
    const full = !chosen.includes(token) && chosen.length >= model.limit;
    setText(v.note, full ? t("limit", { n: model.limit }) : t("what"));
    if (full) return;
    chosen = model.words.map((_, i) => i).filter((i) => chosen.includes(i) !== (i === token));
    clicks += 1;
    settled = false;
    draw();
    send({ sentence: model.sentence, hidden: chosen, clicks });
  }
  onAction(root, { toggle: (token) => toggle(Number(token)) }, signal);

  // After a click or new data. The cards take their places at once; their guesses come with the answer.
  function draw() {
    tokens.forEach((token, i) => {
      const hidden = chosen.includes(i);
      setAttribute(token, "aria-pressed", String(hidden));
      setText(token, hidden ? "[MASK]" : model.words[i]);
    });
    const waiting = !same(chosen, model.hidden);
    root.classList.toggle("fl-waits", waiting);
    setAttribute(v.cards, "aria-busy", String(waiting));
    const ready = model.epochs.length > 0;
    v.missing.hidden = ready;
    v.empty.hidden = !ready || chosen.length > 0;
    v.legend.hidden = v.cards.hidden = scrubber.node.hidden = !ready || chosen.length === 0;
    if (scrubber.node.hidden) scrubber.pause();
    if (!ready) return;
    for (const token of cards.keys()) if (!chosen.includes(token)) cards.delete(token);
    for (const token of chosen) if (!cards.has(token)) cards.set(token, buildCard(model, token, t));
    const wanted = chosen.map((token) => cards.get(token));
    if (!same([...v.cards.children], wanted)) v.cards.replaceChildren(...wanted);
    chosen.forEach((token) => drawSparks(cards.get(token), model.hidden.indexOf(token)));
    scrubber.redraw();
  }

  // The true word's probability over all epochs, on one scale for all arms of a card.
  function drawSparks(card, k) {
    card.arms.forEach((block, a) => block.style.setProperty("--arm", css(theme.arm(model.arms[a].color))));
    card.guesses = k;
    const truths = model.arms.map((_, a) => (k < 0 ? [] : model.guesses[a].map((of) => of[k][2])));
    const most = Math.max(0, ...truths.flat());
    const top = [0.05, 0.1, 0.25, 0.5].find((limit) => most <= limit) ?? 1;
    const range = { first: model.epochs[0], last: model.epochs.at(-1), top };
    card.arms.forEach(({ parts: { spark } }, a) => {
      spark.heights = truths[a].map((truth) => (truth === null ? null : truth / top));
      const points = spark.heights.map((height, e) => (height === null ? null : `${across(e)},${1 - height}`));
      setAttribute(spark.line, "points", points.filter(Boolean).join(" "));
      spark.node.style.visibility = points.some(Boolean) ? "" : "hidden"; // keeps its space
      for (const name of ["top", "first", "last"]) setText(spark[name], String(range[name]));
      setLabel(spark.node, t("spark", range));
    });
  }

  const across = (e) => (model.epochs[e] - model.epochs[0]) / Math.max(1, model.epochs.at(-1) - model.epochs[0]);

  // ---- one epoch: everything that a step of the scrubber redraws -----------------------------------------------

  function show(index) {
    for (const card of cards.values()) {
      const k = card.guesses;
      card.arms.forEach(({ parts }, a) => showGuess(parts, k < 0 ? null : model.guesses[a][index][k], index));
    }
  }

  function showGuess({ rows, truth, spark }, guess, index) {
    const [words, chances, chance, rank] = guess ?? [["…"], [], null, null];
    rows.forEach((row, r) => {
      const known = chances[r] !== undefined;
      const right = rank === r + 1 && known;
      setText(row.word, words[r] ?? "");
      setText(row.mark, right ? "✓" : "");
      setText(row.value, known ? number(chances[r]) : "");
      row.word.title = words[r] ?? "";
      row.bar.style.transform = `scaleX(${chances[r] ?? 0})`;
      row.node.classList.toggle("fl-right", right);
    });
    const said = rank === null ? t("unknown") : t("truth", { value: number(chance), rank });
    setText(truth, guess ? said : "");
    const height = spark.heights[index] ?? null;
    spark.dot.hidden = spark.now.hidden = height === null;
    if (height === null) return;
    spark.dot.style.left = spark.now.style.left = `${across(index) * 100}%`;
    spark.dot.style.bottom = `${height * 100}%`;
  }

  return { root, receive, picture: { name: "guesses" } };
}

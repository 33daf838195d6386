// The elements: words and heads to click, and a block of bars for every arm.
import { make, setText, weave } from "../../web/dom.js";

const MANY_HEADS = 16; // more are folded away at first

export function buildView() {
  const v = {
    text: make("div", "ac-text", { role: "group", dir: "auto", testid: "act-sentence" }),
    undo: make("button", "ac-undo", { type: "button", "data-do": "undo", testid: "act-undo" }),
    scale: make("span"),
    keys: make("p", "legend ac-keys"),
    note: make("p", "note ac-note", { testid: "act-note" }),
    answers: make("div", "ac-answers", { testid: "act-answers" }),
    grid: make("div", "ac-grid", { testid: "act-heads" }),
    headsTitle: make("summary", "ac-summary"),
    headsNote: make("p", "note"),
  };
  v.details = make("details", "ac-heads", {}, v.headsTitle, v.headsNote, v.grid);
  v.root = make("div", "web ac", { testid: "act" },
    make("div", "ac-bar-of-keys", {}, v.keys, v.undo), v.text, v.note, v.answers, v.details);
  return v;
}

const rowsFor = (model) => model.arms.map((_, a) =>
  make("span", "ac-row", { style: `--arm: var(--arm-${a})` }, make("i", "ac-effect")));

export function buildWords(v, model, t) {
  v.words = model.words.map((word, i) => {
    const rows = rowsFor(model);
    const chip = make("button", "ac-word", {
      type: "button", testid: "act-word", "data-do": "word", "data-value": i, tabindex: i ? "-1" : "0",
    }, make("span", "ac-name", {}, word), make("span", "ac-rows", {}, ...rows));
    return Object.assign(chip, { rows });
  });
  const { picture } = model;
  v.text.classList.toggle("ac-picture", Boolean(picture));
  v.text.classList.toggle("ac-strip", picture?.rows === 1);
  Object.assign(v.text.style, {
    // As a data URL whatever it says: nothing is ever loaded.
    backgroundImage: picture ? `url(data:${picture.url.slice(5)})` : "",
    aspectRatio: picture && picture.rows > 1 ? `${picture.columns} / ${picture.rows}` : "",
    gridTemplateColumns: picture ? `repeat(${picture.columns}, minmax(0, 1fr))` : "",
    gridTemplateRows: picture ? `repeat(${picture.rows}, minmax(0, 1fr))` : "",
  });
  if (picture) v.text.replaceChildren(...v.words);
  else v.text.replaceChildren(...weave(v.words, model.gaps.map((gap) => make("span", "ac-gap", {}, gap))));
  v.text.lang = model.textLang;
  v.text.setAttribute("aria-label", t("sentence"));
  const key = (state, gone, name) => make("span", "ac-key", {},
    make("span", "ac-word ac-sample", { "data-state": state, "data-gone": gone, "aria-hidden": "true" },
      make("span", "ac-name", {}, "ab")), t(name));
  v.keys.replaceChildren(key("removed", "false", "key_removed"), key("restored", "false", "key_restored"),
    key("", "true", "key_by_mask"), v.scale);
  setText(v.undo, t("undo"));
}

export function buildArms(v, model, t) {
  v.blocks = model.arms.map((arm, a) => {
    const parts = { verdict: make("span", "ac-verdict", { role: "status", testid: "act-verdict" }) };
    parts.rows = model.shown.map((c) => {
      const row = { ghost: make("i", "ac-ghost"), fill: make("i", "ac-fill") };
      for (const name of ["numbers", "points"]) row[name] = make("span", `ac-${name}`);
      const track = make("span", "ac-track", { "aria-hidden": "true" }, row.fill, row.ghost);
      const node = make("li", "ac-class", { "data-class": model.classes[c] },
        make("span", "ac-class-name", { title: model.classes[c] }, model.classes[c]), track, row.numbers, row.points);
      return { ...row, node };
    });
    const left = model.classes.length - model.shown.length;
    const notes = [left ? t("others", { n: left }) : "", arm.note ? t(arm.note) : ""].filter(Boolean);
    const block = make("section", "ac-arm", { testid: "act-arm", "data-index": a, style: `--arm: var(--arm-${a})` },
      make("p", "ac-head", {}, make("strong", "name", {}, arm.name), parts.verdict),
      make("ul", "ac-classes", { "aria-label": t("answers", { arm: arm.name }) }, ...parts.rows.map((row) => row.node)),
      ...notes.map((note) => make("p", "note", {}, note)));
    return Object.assign(block, { parts });
  });
  v.answers.replaceChildren(...v.blocks);
}

export function drawArm(parts, model, arm, t, points) {
  const best = (values) => values.indexOf(Math.max(...values));
  const [was, is] = [best(arm.before), best(arm.after)].map((c) => model.classes[c]);
  setText(parts.verdict, was === is ? t("predicts", { name: is }) : t("before", { was, is }));
  parts.verdict.dataset.flipped = String(was !== is);
  parts.rows.forEach((row, k) => {
    const [before, after] = [arm.before[model.shown[k]], arm.after[model.shown[k]]];
    const same = Math.abs(after - before) < 0.0005;
    row.fill.style.width = `${100 * after}%`;
    row.ghost.style.left = `${100 * before}%`;
    row.ghost.hidden = same;
    const percent = (value) => (100 * value).toFixed(1);
    setText(row.numbers, same ? `${percent(after)}%` : `${percent(before)} → ${percent(after)}%`);
    setText(row.points, same ? "" : t("points", { points: points(after - before) }));
  });
}

export function buildHeads(v, model, t) {
  const layers = model.arms[0].heads;
  v.heads = [];
  v.grid.replaceChildren(...layers.flatMap((heads, layer) => [
    make("span", "ac-layer", {}, t("layer", { n: layer + 1 })),
    make("div", "ac-layer-heads", {}, ...heads.map((_, head) => {
      const rows = rowsFor(model);
      const button = make("button", "ac-head-button", {
        type: "button", testid: "act-head", "data-do": "head", "data-value": v.heads.length,
      }, make("span", "ac-name", {}, String(head + 1)), make("span", "ac-rows", {}, ...rows));
      v.heads.push(Object.assign(button, { rows }));
      return button;
    })),
  ]));
  setText(v.headsTitle, t("heads"));
  setText(v.headsNote, t("heads_note"));
  v.details.open = v.heads.length <= MANY_HEADS;
}

// The elements of the sentence whose words can be hidden, and of a hidden word's card.
import { make, makeSvg } from "../../web/dom.js";

export function buildView() {
  const v = {
    sentence: make("div", "fl-sentence", { role: "group", dir: "auto" }),
    note: make("p", "note fl-note", { role: "status", testid: "fills-note" }),
    legend: make("p", "note fl-legend"),
    empty: make("p", "empty", { testid: "fills-empty" }),
    missing: make("p", "empty", { testid: "fills-missing" }),
    cards: make("div", "fl-cards", { testid: "fills-cards" }),
  };
  v.root = make("div", "web fl", { testid: "fills" }, v.sentence, v.note, v.legend, v.missing, v.empty, v.cards);
  return v;
}

// The card of a hidden word: one block per arm with its guesses and the true word's probability over epochs.
export function buildCard(model, token, t) {
  const word = make("strong", "fl-word", { lang: model.textLang }, model.words[token]);
  const arms = model.arms.map((arm) => {
    const rows = Array.from({ length: model.rows }, () => {
      const row = { word: make("span", "fl-guess", { lang: model.textLang }), bar: make("i", "fl-bar") };
      for (const name of ["mark", "value"]) row[name] = make("span", `fl-${name}`);
      return { ...row, node: make("li", "fl-row", {}, row.bar, row.word, row.mark, row.value) };
    });
    const parts = { rows, truth: make("p", "fl-truth"), spark: buildSpark() };
    const head = make("h5", "fl-head", {}, make("i", "swatch"), make("strong", "fl-name", { title: arm.name }, arm.name));
    const list = make("ol", "fl-rows", {}, ...rows.map((row) => row.node));
    return Object.assign(make("section", "fl-arm", {}, head, list, parts.truth, parts.spark.node), { parts });
  });
  const place = make("span", "note", {}, t("place", { n: token + 1 }));
  const card = make("article", "fl-card", { testid: "fills-card", "data-token": token },
    make("h4", "fl-title", {}, word, place), make("div", "fl-arms", {}, ...arms));
  return Object.assign(card, { arms, guesses: -1 });
}

function buildSpark() {
  const spark = { line: makeSvg("polyline", { "vector-effect": "non-scaling-stroke" }), heights: [] };
  for (const name of ["top", "first", "last"]) spark[name] = make("span", `fl-${name}`);
  for (const name of ["now", "dot"]) spark[name] = make("i", `fl-${name}`, { hidden: "" });
  const svg = makeSvg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none" }, spark.line);
  const plot = make("div", "fl-plot", {}, svg, spark.now, spark.dot);
  spark.node = make("div", "fl-spark", { role: "img" }, plot, spark.top, spark.first, spark.last);
  return spark;
}

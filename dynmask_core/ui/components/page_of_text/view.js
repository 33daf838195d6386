// The elements of the page: legends, one panel of squares and one column of text per arm.
import { createChoice } from "../../web/choice.js";
import { make, weave } from "../../web/dom.js";

export const KINDS = ["visible", "masked", "random", "kept"]; // what a number in the masks means
export const numberOf = (model, line) => model.first + line;

// The elements that exist once; data fills them in later.
export function buildView() {
  const v = { which: createChoice("page", "arm") };
  v.which.node.classList.add("pt-which");
  v.intro = make("p", "note pt-intro");
  v.heats = make("div", "pt-grid", { testid: "page-heats" });
  v.texts = make("div", "pt-grid", { testid: "page-texts" });
  v.cut = make("p", "note", { testid: "page-cut" });
  v.squares = make("div", "legend");
  v.signs = make("div", "legend pt-signs");
  v.empty = make("p", "empty", { testid: "page-empty" });
  v.main = make("div", "", {}, v.which.node, v.intro, v.heats, v.squares, v.cut, v.signs, v.texts);
  v.root = make("div", "web pt", { testid: "page-of-text" }, v.empty, v.main);
  return v;
}

export function buildLegends({ v, model, t }) {
  const named = (sample, text) => make("span", "pt-named", {}, sample, make("span", "", {}, text));
  // Each square of the legend shows every arm's colour, because the panels share one legend.
  const square = (name) => make("i", "pt-square", { "data-shade": name }, ...model.arms.map(() => make("b")));
  v.squares.replaceChildren(...["now", "before", "never"].map((name) => named(square(name), t(name))));
  v.signs.replaceChildren(...["masked", "random", "kept"].map((kind) =>
    named(make("span", `pt-word pt-${kind}`, {}, t("sample")), t(kind))));
}

// One panel of squares per arm: its name, how much of the corpus it has asked for, and a row for each line.
export function buildHeats({ v, model, t }) {
  v.heats.replaceChildren(...model.arms.map((arm, a) => {
    const fill = make("i");
    const parts = {
      fill, canvas: make("canvas", "canvas", { "aria-hidden": "true" }),
      share: make("span", "pt-share", { title: t("share_help"), testid: "page-share" }),
      rows: model.words.map((_, n) => make("div", "pt-row",
        { role: "option", "data-line": n, tabindex: "-1", testid: "page-row" })),
    };
    const list = make("div", "pt-rows", { role: "listbox", "aria-label": `${arm.name}: ${t("heat")}` }, ...parts.rows);
    const panel = make("section", "pt-panel", { "data-arm": a, testid: "page-panel", "aria-label": arm.name },
      make("header", "pt-head", {}, make("i", "swatch"), make("strong", "name", {}, arm.name), parts.share),
      make("div", "pt-bar", { "aria-hidden": "true" }, fill), make("div", "pt-heat", {}, parts.canvas, list));
    return Object.assign(panel, { parts });
  }));
}

// One column of text per arm: the chosen line in full, then all lines as running text.
export function buildTexts({ v, model, t }) {
  v.texts.replaceChildren(...model.arms.map((arm, a) => {
    const parts = {
      title: make("h3", "pt-line-title"), line: make("p", "pt-line", { dir: "auto", testid: "page-line" }),
      page: make("ol", "pt-page", { "aria-label": `${arm.name}: ${t("page")}`, testid: "page-text" }),
      chips: [], shown: null,
    };
    parts.words = model.words.map((words, n) =>
      words.map((word, i) => make("span", "pt-word", { "data-line": n, "data-token": i }, word)));
    parts.lines = parts.words.map((nodes, n) =>
      make("li", "", { dir: "auto", "data-line": n, lang: model.textLangs[n] }, ...weave(nodes, model.gaps[n])));
    // The style sheet numbers the lines; 7 pixels per digit.
    parts.page.style.counterReset = `line ${model.first - 1}`;
    parts.page.style.setProperty("--number", `${7 * Math.max(3, String(numberOf(model, model.words.length)).length)}px`);
    parts.page.append(...parts.lines);
    return Object.assign(make("article", "pt-text", { "data-arm": a }, parts.title, parts.line, parts.page), { parts });
  }));
}

// The chosen line as chips. Punctuation is glued to its word; separate boxes would allow a line break between them.
export function buildLine(parts, model, n) {
  const [words, gaps] = [model.words[n], model.gaps[n]];
  parts.chips = words.map((_, i) => make("span", "pt-chip", { "data-line": n, "data-token": i }));
  parts.shown = new Int32Array(words.length).fill(-1);
  const pieces = [gaps[0]];
  let group = null;
  words.forEach((word, i) => {
    const closes = /^(?![\p{Ps}\p{Pi}])\p{P}+$/u.test(word);
    const glued = group && !gaps[i] && (closes || /[\p{Ps}\p{Pi}]$/u.test(words[i - 1]));
    if (!glued) pieces.push((group = make("span", "pt-glued")));
    group.append(parts.chips[i]);
    if (gaps[i + 1]) pieces.push(gaps[i + 1]);
  });
  parts.line.replaceChildren(...pieces);
  parts.line.lang = model.textLangs[n];
}

// The token as the model sees it, and in small letters below it the original.
export function fillChip(chip, kind, word, written) {
  chip.className = `pt-chip pt-${KINDS[kind]}`;
  const top = make(kind === 2 ? "em" : "span", "", {}, kind === 1 ? "[MASK]" : kind === 2 ? written : word);
  const under = make(kind === 2 ? "s" : "span", "pt-under", {}, kind === 1 || kind === 2 ? word : "");
  chip.replaceChildren(top, under);
}

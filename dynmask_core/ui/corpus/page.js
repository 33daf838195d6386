// The elements of the page and the squares. A text from the corpus enters only as textContent.

const COLUMNS = 48; // positions of a line that have a square
const KINDS = ["visible", "masked", "random", "kept"]; // what a number in the masks means
const SHADES = 24;

// The squares' numbers: what a position shows at an epoch, and how often it was asked for up to then.
function openCorpus(bytes) {
  const [model, masks] = unpack(bytes);
  const [, E, N, T] = model.shape;
  const stretch = N * T; // of one epoch
  const counts = new Uint16Array(masks.length);
  for (let i = 0; i < masks.length; i += 1) {
    const first = Math.floor(i / stretch) % E === 0;
    counts[i] = (first ? 0 : counts[i - stretch]) + (masks[i] > 0 ? 1 : 0);
  }
  const at = (a, e, n, t) => ((a * E + e) * N + n) * T + t;
  const written = new Map(model.written.map(([a, e, n, t, word]) => [at(a, e, n, t), word]));
  return Object.assign(model, { masks, counts, at, written });
}

// Everything that exists once; what depends on the data is filled in later.
function buildCorpus() {
  const v = {};
  for (const name of ["first", "previous", "play", "next", "last"]) {
    v[name] = make("button", `mp-button mp-${name}`,
      { type: "button", "data-do": name, "data-testid": `corpus-${name}` }, icon(name));
  }
  v.playIcon = v.play.firstChild;
  v.pauseIcon = icon("pause");
  v.range = make("input", "mp-range", { type: "range", min: "0", step: "1", "data-testid": "corpus-scrubber" });
  v.ticks = make("div", "mp-ticks", { "aria-hidden": "true" });
  v.epoch = make("output", "mp-epoch", { "aria-live": "polite", "data-testid": "corpus-epoch" });
  v.liveText = make("span");
  v.live = make("button", "mp-button mp-live", { type: "button", "data-do": "live", "data-testid": "corpus-live" },
    make("i", "mp-dot"), v.liveText);
  v.transport = make("div", "mp-transport", { role: "group" },
    make("span", "mp-buttons", {}, v.first, v.previous, v.play, v.next, v.last),
    make("div", "mp-track", {}, v.range, v.ticks), v.epoch, v.live);

  v.which = make("div", "mp-choice cm-which", { role: "group", "data-testid": "corpus-which" });
  v.intro = make("p", "mp-note cm-intro");
  v.heats = make("div", "cm-grid", { "data-testid": "corpus-heats" });
  v.texts = make("div", "cm-grid", { "data-testid": "corpus-texts" });
  v.cut = make("p", "mp-note", { "data-testid": "corpus-cut" });
  v.squares = make("div", "mp-legend");
  v.signs = make("div", "mp-legend cm-signs");
  v.tip = make("div", "mp-tip", { role: "tooltip", hidden: "" });
  v.empty = make("p", "mp-empty", { "data-testid": "corpus-empty" });
  v.main = make("div", "", {}, v.transport, v.which, v.intro, v.heats, v.squares, v.cut, v.signs, v.texts);
  v.root = make("div", "mp cm", { "data-testid": "corpus-masks" }, v.empty, v.main, v.tip);
  return v;
}

function buildLegends(v, model, t) {
  // Each square of the legend shows every arm's colour, for the three panels share one legend.
  const square = (name) => make("i", "cm-square", { "data-shade": name }, ...model.arms.map(() => make("b")));
  v.squares.replaceChildren(...["now", "before", "never"].map((name) => named(square(name), t(name))));
  const sign = (kind) => make("span", `cm-word cm-${kind}`);
  v.signs.replaceChildren(...["masked", "random", "kept"].map((kind) => {
    const sample = sign(kind);
    sample.textContent = t("sample");
    return named(sample, t(kind));
  }));
}

function named(sample, text) {
  const words = make("span");
  words.textContent = text;
  return make("span", "cm-named", {}, sample, words);
}

// One panel of squares per arm: name, how much of the corpus it has asked for, and a row for each line.
function buildHeats(v, model, t) {
  v.heats.replaceChildren(...model.arms.map((arm, a) => {
    const name = make("strong", "mp-name");
    name.textContent = arm.name;
    const fill = make("i");
    const parts = {
      fill, canvas: make("canvas", "mp-canvas", { "aria-hidden": "true" }),
      share: make("span", "cm-share", { title: t("share_help"), "data-testid": "corpus-share" }),
      rows: model.words.map((_, n) => make("div", "cm-row",
        { role: "option", "data-line": n, tabindex: "-1", "data-testid": "corpus-row" })),
    };
    const list = make("div", "cm-rows", { role: "listbox", "aria-label": `${arm.name}: ${t("heat")}` }, ...parts.rows);
    const panel = make("section", "cm-panel", { "data-arm": a, "data-testid": "corpus-panel", "aria-label": arm.name },
      make("header", "cm-head", {}, make("i", "mp-swatch"), name, parts.share),
      make("div", "cm-bar", { "aria-hidden": "true" }, fill), make("div", "cm-heat", {}, parts.canvas, list));
    panel.parts = parts;
    return panel;
  }));
}

// One column of text per arm: the chosen line in full, then all lines as running text.
function buildTexts(v, model, t) {
  v.texts.replaceChildren(...model.arms.map((arm, a) => {
    const parts = {
      title: make("h4", "cm-line-title"), line: make("p", "cm-line", { dir: "auto", "data-testid": "corpus-line" }),
      page: make("ol", "cm-page", { "aria-label": `${arm.name}: ${t("page")}`, "data-testid": "corpus-page" }),
      chips: [], shown: null,
    };
    parts.words = model.words.map((words, n) => words.map((word, i) => {
      const node = make("span", "cm-word", { "data-line": n, "data-token": i });
      node.textContent = word;
      return node;
    }));
    parts.lines = parts.words.map((nodes, n) => {
      const line = make("li", "", { dir: "auto", "data-line": n });
      line.append(...weave(nodes, model.gaps[n]));
      return inLanguage(line, model.words[n]);
    });
    // The style counts them; 7 pixels a digit.
    parts.page.style.counterReset = `line ${model.first - 1}`;
    parts.page.style.setProperty("--number", `${7 * Math.max(3, String(numberOf(model, model.words.length)).length)}px`);
    parts.page.append(...parts.lines);
    const column = make("article", "cm-text", { "data-arm": a }, parts.title, parts.line, parts.page);
    column.parts = parts;
    return column;
  }));
}

const weave = (nodes, gaps) => gaps.flatMap((gap, i) => [gap, ...nodes.slice(i, i + 1)]);

// Han characters without a declared language are drawn with Japanese shapes by some browsers.
function inLanguage(node, words) {
  const all = words.join("");
  const chinese = /\p{Script=Han}/u.test(all) && !/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(all);
  if (chinese) node.lang = "zh";
  else node.removeAttribute("lang");
  return node;
}

// The chosen line as chips. A mark such as "." stays on the row of its word: boxes would break before it.
function buildLine(parts, words, gaps, n) {
  parts.chips = words.map((_, i) => make("span", "cm-chip", { "data-line": n, "data-token": i }));
  parts.shown = new Int32Array(words.length).fill(-1);
  const pieces = [gaps[0]];
  let group = null;
  words.forEach((word, i) => {
    const closes = /^(?![\p{Ps}\p{Pi}])\p{P}+$/u.test(word);
    const glued = group && !gaps[i] && (closes || /[\p{Ps}\p{Pi}]$/u.test(words[i - 1]));
    if (!glued) pieces.push((group = make("span", "cm-glued")));
    group.append(parts.chips[i]);
    if (gaps[i + 1]) pieces.push(gaps[i + 1]);
  });
  parts.line.replaceChildren(...pieces);
  inLanguage(parts.line, words);
}

// What stands in the text, and small beneath it what stood there.
function fillChip(chip, kind, word, written) {
  chip.className = `cm-chip cm-${KINDS[kind]}`;
  const top = make(kind === 2 ? "em" : "span");
  top.textContent = kind === 1 ? "[MASK]" : kind === 2 ? written : word;
  const under = make(kind === 2 ? "s" : "span", "cm-under");
  under.textContent = kind === 1 || kind === 2 ? word : "";
  chip.replaceChildren(top, under);
}

const numberOf = (model, n) => model.first + n;

function squareLayout(model, width) {
  const columns = Math.min(COLUMNS, model.shape[3]);
  const label = 10 + 7 * Math.max(2, String(numberOf(model, model.words.length - 1)).length);
  const cell = Math.min(20, (width - label) / Math.max(1, columns));
  const row = Math.max(14, Math.min(18, cell));
  return { columns, label, cell, row, top: 18, width, height: 18 + model.words.length * row };
}

// The colours of one arm's squares: asked for now, before (rare to frequent), never.
function shadesOf(theme, hex) {
  const arm = theme.arm(hex);
  return {
    now: css(arm), ink: inkOn(arm), never: css(blend(theme.background, theme.text, theme.dark ? 0.11 : 0.07)),
    before: Array.from({ length: SHADES }, (_, i) =>
      css(blend(theme.background, arm, 0.2 + 0.4 * Math.sqrt((i + 1) / SHADES)))),
  };
}

function drawPage(canvas, model, theme, layout, shades, a, e) {
  const { columns, label, cell, row, top } = layout;
  const context = fit(canvas, layout.width, layout.height);
  const scale = window.devicePixelRatio || 1;
  const edge = (value) => Math.round(value * scale) / scale;
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.textBaseline = "middle";
  context.textAlign = "center";
  const every = labelEvery(columns, cell, 22);
  for (let t = 0; t < columns; t += 1) {
    const numbered = (t + 1) % every === 0 || (t === 0 && every > 2);
    if (numbered) context.fillText(String(t + 1), label + (t + 0.5) * cell, top / 2);
  }
  context.textAlign = "right";
  model.words.forEach((words, n) => {
    const [y, bottom] = [edge(top + n * row), edge(top + (n + 1) * row)];
    context.fillStyle = theme.muted;
    context.fillText(String(numberOf(model, n)), label - 7, (y + bottom) / 2);
    for (let t = 0; t < Math.min(columns, words.length); t += 1) {
      const at = model.at(a, e, n, t);
      const [x, right] = [edge(label + t * cell), edge(label + (t + 1) * cell)];
      const [today, count] = [model.masks[at] > 0, model.counts[at]];
      const share = Math.ceil((count / (e + 1)) * SHADES) - 1;
      context.fillStyle = today ? shades.now : count ? shades.before[share] : shades.never;
      context.fillRect(x, y, right - x - 1, bottom - y - 1);
      if (!today) continue;
      // A dot, so that today's squares are told apart without their colour.
      const dot = Math.max(2, Math.round(Math.min(cell, row) * 0.3));
      context.fillStyle = shades.ink;
      context.fillRect(edge((x + right - 1 - dot) / 2), edge((y + bottom - 1 - dot) / 2), dot, dot);
    }
  });
}

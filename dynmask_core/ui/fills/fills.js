// The reader hides words of a sentence; below stands what each model fills in, at the epoch of the scrubber.
// Python is asked only when other words are hidden: all epochs are here, and a step redraws what is in place.

const VIEWS = new WeakMap();
const STEP_MS = 500; // one epoch while playing
const RUN_MS = 10000; // and all of them at most

export default function ({ data, parentElement, setStateValue }) {
  if (!data) return undefined;
  let view = VIEWS.get(parentElement);
  if (!view) VIEWS.set(parentElement, (view = createView()));
  if (view.root.parentNode !== parentElement) parentElement.append(view.root);
  view.receive(data, (choice) => setStateValue("choice", choice));
  // A cleanup also runs for a call that newer data overtook: only a view that has left the page is taken down.
  return () => setTimeout(() => {
    if (view.root.isConnected) return;
    view.destroy();
    if (VIEWS.get(parentElement) === view) VIEWS.delete(parentElement);
  });
}

function createView() {
  const v = buildPage();
  const root = v.root;
  const gone = new AbortController();
  const built = {}; // what the current elements were built for, so that equal data leaves them alone
  const cards = new Map(); // token → its card
  let model = null;
  let theme = null;
  let send = null;
  let chosen = []; // the hidden tokens as the reader has them; the guesses follow when Python has answered
  let clicks = 0; // the number of the last click, sent along and echoed by Python
  let settled = true; // Python has answered the last click: until the next one it decides what is hidden
  let [index, epoch] = [0, null]; // the place, and the epoch number that stands there
  let playing = false;
  let timer = 0;

  const t = (name, values = {}, from = "fills") =>
    (model.strings[`${from}.${name}`] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const players = (name, values) => t(name, values, "player");
  const last = () => model.epochs.length - 1;
  // Among a thousand words even the likeliest may have little: 0.00 would say that it has nothing.
  const number = (value) => (value >= 0.01 ? value.toFixed(2) : value >= 0.0005 ? value.toFixed(3) : "<.001");
  const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);
  const once = (name, value, build) => {
    const signature = JSON.stringify(value);
    if (built[name] === signature) return;
    built[name] = signature;
    build();
  };

  // ---- data ----------------------------------------------------------------------------------------------------

  function receive(next, sender) {
    const before = model;
    const atEnd = !before || index === before.epochs.length - 1;
    model = next;
    send = sender;
    theme = readTheme(root);
    if (before?.sentence !== model.sentence) {
      clicks = model.clicks;
      settled = true;
    }
    if (model.clicks >= clicks && same(model.hidden, chosen)) settled = true;
    if (settled) chosen = [...model.hidden];
    index = atEnd || epoch === null ? last() : Math.max(0, model.epochs.findLastIndex((e) => e <= epoch));
    setAttribute(root, "lang", model.lang);
    once("strings", [model.lang, model.strings], nameControls);
    once("sentence", [model.sentence, model.strings], buildTokens);
    once("cards", [model.sentence, model.strings, model.arms, model.rows], () => cards.clear());
    once("ticks", model.epochs, layOut);
    draw();
  }

  function nameControls() {
    for (const name of ["first", "previous", "next", "last"]) label(v[name], players(name));
    v.transport.title = players("keys");
    setAttribute(v.range, "aria-label", players("epoch"));
    setAttribute(v.sentence, "aria-label", t("sentence"));
    setText(v.legend, t("legend"));
    setText(v.empty, t("empty"));
    setText(v.missing, t("waiting"));
  }

  function buildTokens() {
    v.tokens = model.words.map((word, i) => {
      const token = make("button", "fl-token", { type: "button", "data-testid": "fills-token", "data-index": i,
        "aria-label": t("hide", { word }), title: word });
      token.textContent = word;
      return token;
    });
    v.sentence.replaceChildren(...model.gaps.flatMap((gap, i) => [gap, ...v.tokens.slice(i, i + 1)]));
    v.sentence.lang = model.textLang;
    setText(v.note, t("what"));
  }

  function label(node, text) {
    setAttribute(node, "aria-label", text);
    setAttribute(node, "title", text);
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

  // After a click or new data: the cards stand at once where they will stay, their guesses come with the answer.
  function draw() {
    v.tokens.forEach((token, i) => {
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
    v.legend.hidden = v.cards.hidden = v.transport.hidden = !ready || chosen.length === 0;
    if (playing && v.transport.hidden) stop();
    if (!ready) {
      delete root.dataset.epoch;
      return;
    }
    for (const token of cards.keys()) if (!chosen.includes(token)) cards.delete(token);
    for (const token of chosen) if (!cards.has(token)) cards.set(token, buildCard(token));
    const wanted = chosen.map((token) => cards.get(token));
    if (!same([...v.cards.children], wanted)) v.cards.replaceChildren(...wanted);
    chosen.forEach((token) => drawSparks(cards.get(token), model.hidden.indexOf(token)));
    show(index);
  }

  function buildCard(token) {
    const word = make("strong", "fl-word", { lang: model.textLang });
    word.textContent = model.words[token];
    const place = make("span", "mp-note");
    place.textContent = t("place", { n: token + 1 });
    const arms = model.arms.map((arm) => {
      const name = make("strong", "fl-name", { title: arm.name });
      name.textContent = arm.name;
      const rows = Array.from({ length: model.rows }, () => {
        const word = make("span", "fl-guess", { lang: model.textLang });
        const [bar, mark, value] = [make("i", "fl-bar"), make("span", "fl-mark"), make("span", "fl-value")];
        return { word, bar, mark, value, node: make("li", "fl-row", {}, bar, word, mark, value) };
      });
      const parts = { rows, truth: make("p", "fl-truth"), spark: buildSpark() };
      const block = make("section", "fl-arm", {}, make("h5", "fl-head", {}, make("i", "mp-swatch"), name),
        make("ol", "fl-rows", {}, ...rows.map((row) => row.node)), parts.truth, parts.spark.node);
      return Object.assign(block, { parts });
    });
    const card = make("article", "fl-card", { "data-testid": "fills-card", "data-token": token },
      make("h4", "fl-title", {}, word, place), make("div", "fl-arms", {}, ...arms));
    return Object.assign(card, { arms, guesses: -1 });
  }

  // The true word's probability over all epochs, on one scale for all arms of a card.
  function drawSparks(card, k) {
    card.arms.forEach((block, a) => block.style.setProperty("--arm", css(theme.arm(model.arms[a].color))));
    card.guesses = k;
    const truths = model.arms.map((_, a) => (k < 0 ? [] : model.guesses[a].map((of) => of[k][2])));
    const most = Math.max(0, ...truths.flat());
    const top = [0.05, 0.1, 0.25, 0.5].find((limit) => most <= limit) ?? 1;
    const range = { first: model.epochs[0], last: model.epochs[last()], top };
    card.arms.forEach(({ parts: { spark } }, a) => {
      spark.heights = truths[a].map((truth) => (truth === null ? null : truth / top));
      const points = spark.heights.map((height, e) => (height === null ? null : `${across(e)},${1 - height}`));
      setAttribute(spark.line, "points", points.filter(Boolean).join(" "));
      spark.node.style.visibility = points.some(Boolean) ? "" : "hidden"; // its room stays
      setText(spark.top, String(top));
      setText(spark.first, String(range.first));
      setText(spark.last, String(range.last));
      setAttribute(spark.node, "aria-label", t("spark", range));
      setAttribute(spark.node, "title", t("spark", range));
    });
  }

  const across = (e) => (model.epochs[e] - model.epochs[0]) / Math.max(1, model.epochs[last()] - model.epochs[0]);

  // ---- one epoch: all that a step of the scrubber costs --------------------------------------------------------

  function show(wanted) {
    index = Math.max(0, Math.min(last(), wanted));
    epoch = model.epochs[index];
    const of = { epoch, last: model.epochs[last()] };
    const text = players(epoch === 0 ? "epoch_zero" : "epoch_of", of);
    setAttribute(v.range, "max", String(last()));
    if (v.range.valueAsNumber !== index) v.range.value = String(index);
    setAttribute(v.range, "aria-valuetext", text);
    v.range.style.setProperty("--done", last() ? index / last() : 0);
    setText(v.epoch, text);
    for (const card of cards.values()) {
      const k = card.guesses;
      card.arms.forEach(({ parts }, a) => showGuess(parts, k < 0 ? null : model.guesses[a][index][k]));
    }
    showTransport();
    root.dataset.epoch = epoch;
  }

  function showGuess({ rows, truth, spark }, guess) {
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

  function showTransport() {
    v.first.disabled = v.previous.disabled = index === 0;
    v.next.disabled = v.last.disabled = index === last();
    const wanted = playing ? v.pauseIcon : v.playIcon;
    if (v.play.firstChild !== wanted) v.play.replaceChildren(wanted);
    label(v.play, players(playing ? "pause" : "play"));
    v.play.disabled = last() === 0;
    // Read out where the reader stopped, not every epoch that flies past.
    setAttribute(v.epoch, "aria-live", playing ? "off" : "polite");
  }

  // ---- the clock and the reader's hand -------------------------------------------------------------------------

  function play() {
    playing = true;
    show(index === last() ? 0 : index);
    clearTimeout(timer);
    timer = setTimeout(tick, Math.min(STEP_MS, RUN_MS / last()));
  }

  function tick() {
    if (!playing) return;
    show(index + 1);
    if (index === last()) stop();
    else timer = setTimeout(tick, Math.min(STEP_MS, RUN_MS / last()));
  }

  function stop() {
    clearTimeout(timer);
    playing = false;
    showTransport();
  }

  function go(wanted) {
    stop();
    show(wanted);
  }

  const actions = {
    first: () => go(0),
    previous: () => go(index - 1),
    next: () => go(index + 1),
    last: () => go(last()),
    play: () => (playing ? stop() : play()),
  };
  const on = (node, type, listener) => node.addEventListener(type, listener, { signal: gone.signal });
  on(root, "click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.disabled) return;
    if (button.dataset.do) actions[button.dataset.do]();
    else toggle(Number(button.dataset.index));
  });
  on(v.range, "input", () => go(v.range.valueAsNumber));
  on(root, "keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || v.transport.hidden) return;
    const steps = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };
    if (steps[event.key]) actions[steps[event.key]]();
    else if (event.key === " " && event.target.tagName !== "BUTTON") actions.play();
    else return;
    event.preventDefault();
  });

  function layOut() {
    if (v.range.clientWidth) buildTicks(v, model.epochs, model.epochs.map(() => true));
  }
  const resized = new ResizeObserver(() => model && requestAnimationFrame(layOut));
  resized.observe(v.range);

  function destroy() {
    stop();
    resized.disconnect();
    gone.abort();
  }

  return { root, receive, destroy };
}

// Everything that exists exactly once, created once: new data changes these nodes and never replaces them.
function buildPage() {
  const v = { tokens: [] };
  v.sentence = make("div", "fl-sentence", { role: "group", dir: "auto" });
  v.note = make("p", "mp-note fl-note", { role: "status", "data-testid": "fills-note" });
  v.legend = make("p", "mp-note fl-legend");
  v.empty = make("p", "mp-empty", { "data-testid": "fills-empty" });
  v.missing = make("p", "mp-empty", { "data-testid": "fills-missing" });
  v.cards = make("div", "fl-cards", { "data-testid": "fills-cards" });
  for (const name of ["first", "previous", "play", "next", "last"]) {
    v[name] = control(name, name === "play" ? "mp-button mp-play" : "mp-button");
    setAttribute(v[name], "data-testid", `fills-${name}`);
    v[name].append(icon(name));
  }
  v.pauseIcon = icon("pause");
  v.playIcon = v.play.firstChild;
  v.range = make("input", "mp-range", { type: "range", min: "0", step: "1", "data-testid": "fills-scrubber" });
  v.ticks = make("div", "mp-ticks", { "aria-hidden": "true" });
  v.epoch = make("output", "mp-epoch", { "data-testid": "fills-epoch" });
  v.transport = make("div", "mp-transport", { role: "group" },
    make("span", "mp-buttons", {}, v.first, v.previous, v.play, v.next, v.last),
    make("div", "mp-track", {}, v.range, v.ticks), v.epoch);
  v.root = make("div", "mp fl", { "data-testid": "fills" }, v.sentence, v.note, v.legend, v.missing, v.empty,
    v.cards, v.transport);
  return v;
}

function buildSpark() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 1 1");
  svg.setAttribute("preserveAspectRatio", "none");
  const line = svg.appendChild(document.createElementNS(space, "polyline"));
  line.setAttribute("vector-effect", "non-scaling-stroke");
  const spark = { line, heights: [] };
  for (const name of ["top", "first", "last"]) spark[name] = make("span", `fl-${name}`);
  for (const name of ["now", "dot"]) spark[name] = make("i", `fl-${name}`, { hidden: "" });
  spark.node = make("div", "fl-spark", { role: "img" }, make("div", "fl-plot", {}, svg, spark.now, spark.dot),
    spark.top, spark.first, spark.last);
  return spark;
}

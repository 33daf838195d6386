// The elements on the page. A reader's text enters only as textContent; every word of ours comes from the catalogue.

const SPEEDS = [0.5, 1, 2, 4];
const ICONS = {
  first: "M6 5h2.4v14H6zM19 5v14L9.4 12z",
  previous: "M16 5.8 14.2 4 6.2 12l8 8 1.8-1.8L9.8 12z",
  play: "M7 4v16l13-8z",
  pause: "M6 4h4.4v16H6zM13.6 4H18v16h-4.4z",
  next: "M8 5.8 9.8 4l8 8-8 8L8 18.2l6.2-6.2z",
  last: "M15.6 5H18v14h-2.4zM5 5v14l9.6-7z",
};

function make(tag, className, attributes = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}

const control = (action, className = "mp-button") =>
  make("button", className, { type: "button", "data-do": action, "data-testid": `mp-${action}` });

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// Everything that exists exactly once, created once: new data changes these nodes and never replaces them.
function buildFrame() {
  const box = (className, testid, ...children) =>
    make("div", className, testid ? { "data-testid": testid } : {}, ...children);
  const v = {};
  v.truth = box("mp-truth", "mp-true-class");
  v.arms = box("mp-arms", "mp-arms");
  v.maskBar = box("mp-bar");
  v.thetaMark = make("i", "mp-theta");
  v.maskBar.append(v.thetaMark);
  v.maskLow = make("span");
  v.maskHigh = make("span");
  v.maskName = make("strong");
  v.theta = make("span", "mp-theta-text", { "data-testid": "mp-threshold" });
  v.maskLegend = box("mp-legend", "mp-mask-legend", v.maskName, v.maskLow, v.maskBar, v.maskHigh, v.theta);

  v.heatTitle = make("h4", "mp-title");
  v.heatNote = make("span", "mp-note");
  v.viewChoice = make("span", "mp-choice", { role: "group", "data-testid": "mp-view" });
  v.heat = make("canvas", "mp-canvas", { role: "img", "data-testid": "mp-heat" });
  v.heatCursors = make("div", "mp-cursors", { "data-testid": "mp-heat-cursors" });
  v.heatRow = make("div", "mp-row", { hidden: "" });
  v.heatInner = box("mp-heat-inner", "", v.heat, v.heatCursors, v.heatRow);
  v.heatBox = box("mp-heat-box", "", v.heatInner);
  const heatHead = make("header", "mp-head", {}, v.heatTitle, v.heatNote, v.viewChoice);
  const heat = make("section", "mp-heat", {}, heatHead, v.heatBox);

  v.mapTitle = make("h4", "mp-title");
  v.layerChoice = make("span", "mp-choice", { role: "group", "data-testid": "mp-layers" });
  v.headChoice = make("span", "mp-choice", { role: "group", "data-testid": "mp-heads" });
  v.otherChoice = make("span", "mp-choice", { role: "group", "data-testid": "mp-compare" });
  v.mapRows = make("p", "mp-note");
  v.maps = box("mp-maps", "mp-maps");
  v.empty = make("p", "mp-empty", { "data-testid": "mp-attention-missing" });
  v.mapsBox = box("mp-maps-box", "", v.maps, v.empty);
  v.attentionBar = box("mp-bar");
  v.attentionName = make("strong");
  v.attentionLegend = box("mp-legend", "mp-attention-legend", v.attentionName,
    make("span", "", {}, "0"), v.attentionBar, make("span", "", {}, "1"));
  v.differenceLess = make("span");
  v.differenceMore = make("span");
  v.differenceBar = box("mp-bar");
  v.differenceLegend = box("mp-legend", "mp-difference-legend", v.differenceLess, v.differenceBar, v.differenceMore);
  v.limit = make("p", "mp-note", { "data-testid": "mp-attention-limit" });
  v.caution = make("p", "mp-caution", { "data-testid": "mp-caution" });
  const right = make("section", "mp-right", { "data-testid": "mp-attention" },
    make("header", "mp-head", {}, v.mapTitle, v.layerChoice, v.headChoice, v.otherChoice),
    v.mapRows, v.mapsBox, make("div", "mp-legends", {}, v.attentionLegend, v.differenceLegend), v.limit, v.caution);

  for (const name of ["first", "previous", "play", "next", "last"]) {
    v[name] = control(name, name === "play" ? "mp-button mp-play" : "mp-button");
    v[name].append(icon(name));
  }
  v.pauseIcon = icon("pause");
  v.playIcon = v.play.firstChild;
  v.range = make("input", "mp-range", { type: "range", min: "0", step: "1", "data-testid": "mp-scrubber" });
  v.ticks = make("div", "mp-ticks", { "aria-hidden": "true" });
  v.epoch = make("output", "mp-epoch", { "aria-live": "polite", "data-testid": "mp-epoch" });
  v.speedChoice = make("span", "mp-choice", { role: "group", "data-testid": "mp-speeds" });
  v.speedCycle = control("faster", "mp-button mp-cycle");
  v.live = control("live", "mp-button mp-live");
  v.liveText = make("span");
  v.live.append(make("i", "mp-dot"), v.liveText);
  const transport = make("div", "mp-transport", { role: "group", "data-testid": "mp-transport" },
    make("span", "mp-buttons", {}, v.first, v.previous, v.play, v.next, v.last),
    make("div", "mp-track", {}, v.range, v.ticks), v.epoch, v.speedChoice, v.speedCycle, v.live);

  v.tip = make("div", "mp-tip", { role: "tooltip", hidden: "", "data-testid": "mp-tip" });
  v.waiting = make("p", "mp-empty", { "data-testid": "mp-waiting", hidden: "" });
  v.main = box("mp-main", "", make("section", "mp-left", {}, v.truth, v.arms, v.maskLegend, heat), right);
  v.transport = transport;
  v.root = make("div", "mp", { "data-testid": "mask-player" }, v.waiting, v.main, transport, v.tip);
  return v;
}

// One block per arm: who it is, how much it keeps, what it predicts, and the sentence as it sees it.
function buildArms(v, model, t) {
  v.arms.replaceChildren(...model.arms.map((arm, a) => {
    const name = make("strong", "mp-name");
    name.textContent = arm.name;
    const role = make("span", "mp-role");
    if (arm.role === "baseline") role.textContent = t("baseline");
    const fill = make("i");
    const parts = {
      kept: make("span", "mp-kept", { "data-testid": "mp-kept" }),
      words: make("span", "mp-predicts"), name: make("strong", "mp-class", { "data-testid": "mp-predicted" }),
      bar: make("span", "mp-chance", { "aria-hidden": "true" }, fill), fill,
      value: make("span", "mp-value", { "data-testid": "mp-probability" }),
      mark: make("span", "mp-mark", { "data-testid": "mp-mark" }),
    };
    parts.prediction = make("span", "mp-prediction", { "data-testid": "mp-prediction", "data-arm": a },
      parts.words, parts.name, parts.bar, parts.value, parts.mark);
    parts.text = make("p", "mp-text", { dir: "auto", role: "group" });
    const who = make("span", "mp-who", {}, name, role);
    const block = make("article", "mp-arm", { "data-testid": "mp-arm", "data-index": a },
      make("header", "mp-arm-head", {}, who, parts.kept, parts.prediction), parts.text);
    block.parts = parts;
    return block;
  }));
  v.blocks = [...v.arms.children];
}

function buildSentence(v, model) {
  const all = model.words.join("");
  // Han characters without a declared language are drawn with Japanese shapes by some browsers.
  const chinese = /\p{Script=Han}/u.test(all) && !/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(all);
  for (const { parts } of v.blocks) {
    if (chinese) parts.text.lang = "zh";
    else parts.text.removeAttribute("lang");
    parts.chips = model.words.map((word, i) => {
      const chip = make("span", word ? "mp-token" : "mp-token mp-token-empty",
        { "data-testid": "mp-token", "data-index": i, tabindex: i ? "-1" : "0", role: "img" });
      chip.textContent = word || "·";
      return chip;
    });
    const between = model.gaps.map((gap) => {
      const piece = make("span", "mp-gap");
      piece.textContent = gap;
      return piece;
    });
    parts.text.replaceChildren(...between.flatMap((gap, i) => [gap, ...parts.chips.slice(i, i + 1)]));
    parts.drawn = new Int16Array(model.words.length).fill(-1);
  }
}

// A row of buttons of which one is pressed; rebuilt only when its options change.
function buildChoice(box, action, label, options) {
  const signature = JSON.stringify([label, options]);
  if (box.signature === signature) return;
  box.signature = signature;
  box.hidden = options.length < 2;
  setAttribute(box, "aria-label", label);
  const caption = make("span", "mp-choice-name", { "aria-hidden": "true" });
  caption.textContent = label;
  const buttons = options.map(([value, text, id = value]) => {
    const button = make("button", "mp-segment", { type: "button", "data-do": action, "data-value": value,
      "data-testid": `mp-${action}-${id}` });
    button.textContent = text;
    return button;
  });
  box.replaceChildren(caption, make("span", "mp-segments", {}, ...buttons));
}

function press(box, value) {
  for (const button of box.querySelectorAll("button")) {
    setAttribute(button, "aria-pressed", String(button.dataset.value === String(value)));
  }
}

function buildMaps(v, names) {
  v.maps.replaceChildren(...names.map(({ id, text, color }) => {
    const swatch = make("i", "mp-swatch");
    const title = make("span", "", { title: text });
    title.textContent = text;
    const canvas = make("canvas", "mp-canvas", { role: "img", "data-testid": "mp-map", "data-map": id });
    const row = make("div", "mp-row", { hidden: "" });
    const figure = make("figure", "mp-map", {}, make("figcaption", "", {}, ...(color ? [swatch, title] : [title])),
      make("div", "mp-map-inner", {}, canvas, row));
    figure.parts = { canvas, row, title };
    return figure;
  }));
  v.figures = [...v.maps.children];
}

function buildTicks(v, epochs, recorded) {
  const last = Math.max(1, epochs.length - 1);
  const every = labelEvery(epochs.length, Math.max(1, v.range.clientWidth - 20) / last, 30);
  v.ticks.replaceChildren(...epochs.map((epoch, i) => {
    // The newest epoch always has its number; a neighbour that would touch it gives way.
    const numbered = i === epochs.length - 1 || (i % every === 0 && epochs.length - 1 - i >= every * 0.7);
    const tick = make("span", "mp-tick");
    tick.classList.toggle("mp-tick-bare", !recorded[i]);
    tick.classList.toggle("mp-tick-small", !numbered);
    tick.style.left = `calc(10px + (100% - 20px) * ${epochs.length > 1 ? i / last : 0})`;
    if (numbered) tick.textContent = String(epoch);
    return tick;
  }));
}

function gradient(colours) {
  const stops = Array.from({ length: 17 }, (_, i) => css(colours[Math.round((i / 16) * (colours.length - 1))]));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

function showTip(v, text, x, y) {
  v.tip.hidden = false;
  setText(v.tip, text);
  const frame = v.root.getBoundingClientRect();
  const half = v.tip.offsetWidth / 2;
  const left = Math.min(Math.max(x - frame.left, half + 2), Math.max(half + 2, frame.width - half - 2));
  const top = y - frame.top - v.tip.offsetHeight - 8;
  v.tip.style.transform = `translate(${Math.round(left - half)}px, ${Math.round(top)}px)`;
}

// Mask values of words over epochs, with θ as a step line. Pointer or arrow keys choose a line; new data keeps it.
// Drawn as SVG: a few dozen lines at most, words with the same path share one.
import { make, makeSvg, onKey, setAttribute, setText, textsOf } from "../../web/dom.js";
import { mount, onResize } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { createTip } from "../../web/tip.js";

const HEIGHT = 360;
const LINE = 15; // pixels between two labels
const LETTER = 6.5; // pixels of one letter of a mark, about
const NEAR = 26; // pixels: the pointer chooses a line that is not farther away

export default mount(createPaths);

function createPaths(signal) {
  const svg = makeSvg("svg", { role: "img", tabindex: "0", class: "pa-plot", "data-testid": "pa-plot" });
  const said = make("div", "pa-said", { "aria-live": "polite" });
  const note = make("div", "legend");
  const root = make("figure", "web pa", { testid: "pa" }, svg, said, note);
  const tip = createTip(root, "pa-tip");
  const t = textsOf("paths", () => data?.strings ?? {});

  let data = null;
  let theme = null;
  let groups = []; // of data.paths
  let chosen = null; // { word, at }: the first word of a line, and the place of an epoch
  let width = 0; // the last one measured

  function receive(fresh, now) {
    data = fresh;
    theme = now;
    setAttribute(svg, "aria-label", t("alt"));
    note.replaceChildren(make("span", "", {}, t("density", { all: data.words })), make("span", "", {}, t("keys")));
    if (chosen && line() < 0) choose(-1);
    draw();
  }

  const room = () => (width < 480 ? 96 : 150); // for labels, on the right
  const plot = () => ({ left: 34, top: data.marks.length > 1 ? 36 : 22, right: width - room(), bottom: HEIGHT - 36 });
  const x = (epoch) => {
    const { left, right } = plot();
    const first = data.epochs[0];
    return left + 8 + ((epoch - first) / Math.max(data.last - first, 1)) * (right - left - 14);
  };
  const y = (value) => plot().bottom - value * (plot().bottom - plot().top);

  function draw() {
    width = root.clientWidth || width;
    if (!data || width < 120) return;
    root.style.setProperty("--arm", css(theme.arm(data.color)));
    setAttribute(svg, "width", String(width));
    setAttribute(svg, "height", String(HEIGHT));
    svg.replaceChildren(...behind(), ...threshold(), ...marks());
    const ends = labels();
    groups = data.paths.map((path, i) => lineOf(path, ends[i]));
    // Bold lines are above the others.
    svg.append(...groups.filter((_, i) => !data.paths[i].bold), ...groups.filter((_, i) => data.paths[i].bold));
    highlight();
  }

  function behind() {
    const { left, right, top, bottom } = plot();
    const steps = data.density[0].length - 1;
    const half = Math.max((x(data.epochs[0] + 1) - x(data.epochs[0])) / 2 - 1, 2);
    const high = y(0) - y(1 / steps);
    const cells = data.density.flatMap((column, e) => column.map((count, b) => {
      if (!count) return null;
      const [from, to] = [Math.max(x(data.epochs[e]) - half, left), Math.min(x(data.epochs[e]) + half, right)];
      const [upper, lower] = [Math.max(y(b / steps) - high / 2, top), Math.min(y(b / steps) + high / 2, bottom)];
      return makeSvg("rect", { x: from, width: to - from, y: upper, height: lower - upper, class: "pa-cell",
        opacity: (Math.sqrt(count / data.words) * 0.2).toFixed(3) });
    })).filter(Boolean);
    const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
      makeSvg("line", { x1: left, x2: right, y1: y(value), y2: y(value), class: "pa-grid" }),
      label(left - 6, y(value) + 4, "end", value === 0 || value === 1 ? String(value) : value.toFixed(2)),
    ]);
    const every = Math.max(1, Math.ceil(30 / Math.max(x(data.epochs[0] + 1) - x(data.epochs[0]), 1)));
    const numbers = [];
    for (let epoch = data.epochs[0]; epoch <= data.last; epoch += every) {
      numbers.push(label(x(epoch), bottom + 16, "middle", String(epoch)));
    }
    return [...cells, ...grid, ...numbers, label((left + right) / 2, HEIGHT - 5, "middle", t("epoch"))];
  }

  // θ counts for a whole epoch: a step between two of them.
  function threshold() {
    if (!data.thresholds) return [];
    const { left, right } = plot();
    const { epochs, thresholds } = data;
    const points = thresholds.flatMap((value, i) => {
      const from = i ? (x(epochs[i - 1]) + x(epochs[i])) / 2 : left;
      const to = i + 1 < epochs.length ? (x(epochs[i]) + x(epochs[i + 1])) / 2 : right;
      return [[from, y(value)], [to, y(value)]];
    });
    const text = points.map((at) => at.map((c) => c.toFixed(1)).join(",")).join(" ");
    const below = `${left},${y(0)} ${text} ${right},${y(0)}`;
    const shown = [makeSvg("polygon", { points: below, class: "pa-below" }),
      makeSvg("polyline", { points: text, class: "pa-theta", "data-testid": "pa-theta" }),
      label(left + 4, y(thresholds[0]) - 5, "start", `θ ${Number(thresholds[0].toFixed(2))}`)];
    const last = thresholds.at(-1);
    if (y(0) - y(last) > 20) shown.push(label(left + 4, y(0) - 6, "start", t("removed")));
    return shown;
  }

  // Two rows of texts; one that fits into neither is left out: the page tells it in words, too.
  function marks() {
    const { left, right, top, bottom } = plot();
    const taken = data.marks.length > 1 ? [-Infinity, -Infinity] : [-Infinity];
    return data.marks.flatMap(([epoch, text]) => {
      const at = x(epoch);
      const late = at > (left + right) / 2;
      const from = late ? at - text.length * LETTER : at;
      const row = taken.findIndex((end) => end + LETTER < from);
      const line = makeSvg("line", { x1: at, x2: at, y1: top - 4, y2: bottom, class: "pa-mark" });
      if (row < 0) return [line];
      taken[row] = from + text.length * LETTER;
      const node = label(at, top - 8 - 14 * row, late ? "end" : "start", text);
      setAttribute(node, "data-testid", "pa-mark");
      return [line, node];
    });
  }

  // Where the labels stand: at the ends of the lines, moved apart; bold ones first if there is no room for all.
  function labels() {
    const { top, bottom } = plot();
    const order = data.paths.map((_, i) => i).sort((a, b) => data.paths[b].bold - data.paths[a].bold || a - b);
    const fit = order.slice(0, Math.floor((bottom - top) / LINE) + 1);
    fit.sort((a, b) => data.paths[b].points.at(-1) - data.paths[a].points.at(-1));
    const places = fit.map((i) => y(data.paths[i].points.at(-1)));
    for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i], places[i - 1] + LINE);
    for (let i = places.length - 1, low = bottom + 4; i >= 0; i--, low -= LINE) places[i] = Math.min(places[i], low);
    const found = [];
    fit.forEach((line, i) => { found[line] = places[i]; });
    return found;
  }

  function lineOf(path, place) {
    const points = path.points.map((value, e) => [x(data.epochs[e]), y(value)]);
    const [from, end] = [points[0], points.at(-1)];
    const parts = [
      makeSvg("line", { x1: from[0], x2: plot().right, y1: from[1], y2: from[1], class: "pa-from" }),
      makeSvg("polyline", { points: points.map((at) => at.map((c) => c.toFixed(1)).join(",")).join(" "),
        class: path.bold ? "pa-line pa-bold" : "pa-line" }),
      makeSvg("circle", { cx: from[0], cy: from[1], r: 3.5, class: "pa-start" }),
      makeSvg("circle", { r: 5, class: "pa-at" }),
    ];
    if (place !== undefined) {
      const right = plot().right;
      const text = label(right + 8, place + 4, "start", shortened(path));
      setAttribute(text, "class", `pa-label pa-text${path.bold ? " pa-bold-text" : ""}`);
      if (path.lang) setAttribute(text, "lang", path.lang);
      parts.push(makeSvg("line", { x1: end[0], x2: right + 5, y1: end[1], y2: place, class: "pa-lead" }), text);
    }
    return makeSvg("g", { "data-testid": "pa-path", "data-word": path.words[0] }, ...parts);
  }

  // As many words as there is room for, then how many more.
  function shortened({ words, count }) {
    const wide = (text) => [...text].reduce((sum, letter) => sum + (letter > "⺀" ? 12 : 7), 0);
    const free = room() - 42;
    let text = words[0], used = 1;
    while (used < words.length && wide(`${text} · ${words[used]}`) <= free) text += ` · ${words[used++]}`;
    while (wide(text) > free && text.length > 2) text = `${[...text].slice(0, -2).join("")}…`;
    return used < count ? `${text} +${count - used}` : text;
  }

  const label = (left, top, anchor, text) =>
    makeSvg("text", { x: left, y: top, "text-anchor": anchor, class: "pa-label pa-quiet" }, text);

  // ---- choosing a line -----------------------------------------------------------------------------------------

  const line = () => data?.paths.findIndex((path) => path.words[0] === chosen?.word) ?? -1;

  function choose(index, at) {
    chosen = index < 0 ? null : { word: data.paths[index].words[0], at };
    highlight();
    if (!chosen) {
      tip.hide();
      return;
    }
    const frame = svg.getBoundingClientRect();
    tip.show(() => words(index, at), frame.left + x(data.epochs[at]), frame.top + y(data.paths[index].points[at]));
  }

  function words(index, at) {
    const { words: named, count, points } = data.paths[index];
    const more = count > named.length ? ` +${count - named.length}` : "";
    const value = t("value", { epoch: data.epochs[at], value: points[at].toFixed(2) });
    return `${named.join(" · ")}${more}\n${value} · ${t("start")} ${points[0].toFixed(2)}`;
  }

  function highlight() {
    const index = line();
    setAttribute(svg, "class", index < 0 ? "pa-plot" : "pa-plot pa-chosen");
    groups.forEach((group, i) => setAttribute(group, "class", i === index ? "pa-on" : ""));
    root.dataset.word = index < 0 ? "" : chosen.word;
    if (index < 0) return;
    const dot = groups[index].querySelector(".pa-at");
    setAttribute(dot, "cx", String(x(data.epochs[chosen.at])));
    setAttribute(dot, "cy", String(y(data.paths[index].points[chosen.at])));
  }

  function point(event) {
    if (!data?.paths.length) return;
    const frame = svg.getBoundingClientRect();
    const [left, top] = [event.clientX - frame.left, event.clientY - frame.top];
    const label = event.target.closest?.(".pa-text")?.parentNode;
    const away = data.epochs.map((epoch) => Math.abs(x(epoch) - left));
    const at = label ? data.epochs.length - 1 : away.indexOf(Math.min(...away));
    const far = data.paths.map((path) => Math.abs(y(path.points[at]) - top));
    const nearest = far.indexOf(Math.min(...far));
    choose(label ? groups.indexOf(label) : far[nearest] <= NEAR ? nearest : -1, at);
  }

  svg.addEventListener("pointermove", point, { signal });
  svg.addEventListener("pointerdown", point, { signal });
  svg.addEventListener("pointerleave", () => choose(-1), { signal });
  svg.addEventListener("blur", () => choose(-1), { signal });
  onKey(svg, (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step || !data?.paths.length) return false;
    const last = data.epochs.length - 1;
    const order = data.paths.map((_, i) => i).sort((a, b) => data.paths[b].points.at(-1) - data.paths[a].points.at(-1));
    const now = order.indexOf(line());
    const next = now < 0 ? 0 : Math.min(Math.max(now + step[0], 0), order.length - 1);
    choose(order[next], now < 0 ? last : Math.min(Math.max(chosen.at + step[1], 0), last));
    setText(said, words(order[next], chosen.at));
    return true;
  }, signal);
  onResize(root, draw, signal);

  return { root, receive, recolour: (now) => { theme = now; draw(); }, picture: { name: "words" } };
}

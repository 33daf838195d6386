// Lines over epochs that grow while a run trains. Drag across the plot to zoom into epochs; new data keeps the zoom.
// Drawn as SVG: a few hundred points at most.
import { make, makeSvg, setAttribute, setText } from "../../web/dom.js";
import { mount, onResize } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { ticks } from "../../web/ticks.js";

const MARGIN = { left: 44, right: 10, top: 8, bottom: 38, ticks: 22 };
const LEAST_DRAG = 8; // pixels; less is a click

export default mount(createChart);

function createChart(signal) {
  const title = make("strong");
  const legend = make("span", "lc-legend");
  const reset = make("button", "lc-reset", { type: "button", testid: "lc-reset" });
  const head = make("figcaption", "lc-head", {}, title, legend, reset);
  const svg = makeSvg("svg", { role: "img", style: "touch-action: pan-y" });
  const tip = make("div", "lc-tip", { hidden: "" });
  const root = make("figure", "web lc", { testid: "lc" }, head, svg, tip);

  let data = null;
  let colours = []; // of data.series
  let range = null; // [first, last] epoch the reader has zoomed to
  let drag = null; // [from, to] in pixels
  let width = 0; // the last one measured

  const plot = () => ({
    w: Math.max(width - MARGIN.left - MARGIN.right, 10),
    h: data.height - MARGIN.top - (data.small ? MARGIN.ticks : MARGIN.bottom),
  });
  const shownRange = () => range ?? [1, Math.max(data.epochs, 2)];
  const xAt = (epoch) => {
    const [a, b] = shownRange();
    return MARGIN.left + ((epoch - a) / (b - a)) * plot().w;
  };
  const epochAt = (x) => {
    const [a, b] = shownRange();
    return a + ((x - MARGIN.left) / plot().w) * (b - a);
  };

  function receive(fresh, theme) {
    if (data && fresh.run !== data.run) range = null;
    data = fresh;
    colours = data.series.map((line) => css(theme.arm(line.color)));
    setText(title, data.strings.title);
    setText(reset, data.strings.reset);
    setAttribute(svg, "aria-label", data.strings.alt);
    root.classList.toggle("lc-small", data.small);
    legend.replaceChildren(...data.small ? [data.strings.note] : data.series.map((line, i) => make("span", "lc-item", {},
      make("i", line.dashed ? "lc-stroke lc-stroke-dashed" : "lc-stroke", { style: `border-top-color: ${colours[i]}` }),
      make("span", "", {}, line.name))));
    draw();
  }

  function draw() {
    // While the page changes its layout, the chart may have no width for a moment: draw with the last one.
    width = root.clientWidth || width;
    if (!data || width < 40) return;
    svg.replaceChildren();
    svg.setAttribute("width", width);
    svg.setAttribute("height", data.height);
    const [first, last] = shownRange();
    const inside = ([epoch]) => epoch >= first && epoch <= last;
    const values = data.series.flatMap((line) => line.points.filter(inside).map((at) => at[1]));
    const low = Math.min(...values), high = Math.max(...values);
    const room = (high - low) * 0.06 || 0.05;
    // Shares are not below 0 nor above 1, so no tick may stand there.
    const within = (value) => data.percent && low >= 0 && high <= 1 ? Math.min(Math.max(value, 0), 1) : value;
    const [bottom, top] = values.length ? [within(low - room), within(high + room)] : [0, 1];
    const y = (value) => MARGIN.top + (1 - (value - bottom) / (top - bottom)) * plot().h;
    const right = MARGIN.left + plot().w;
    for (const tick of ticks(bottom, top, 5)) {
      shape("line", { x1: MARGIN.left, x2: right, y1: y(tick), y2: y(tick), class: "lc-grid" });
      label(MARGIN.left - 6, y(tick) + 4, "end", data.percent ? percent(tick, top - bottom) : format(tick, top - bottom));
    }
    for (const tick of ticks(first, last, Math.max(plot().w / (data.small ? 40 : 60), 2)).filter(Number.isInteger)) {
      label(xAt(tick), MARGIN.top + plot().h + 16, "middle", String(tick));
    }
    // Beneath a small one, the ticks alone say it.
    if (!data.small) label(MARGIN.left + plot().w / 2, data.height - 4, "middle", data.strings.epoch);
    data.series.forEach((line, i) => {
      const points = line.points.filter(inside).map(([epoch, value]) => [xAt(epoch), y(value)]);
      shape("polyline", {
        points: points.map((at) => at.map((c) => c.toFixed(1)).join(",")).join(" "),
        stroke: colours[i], class: line.dashed ? "lc-line lc-dashed" : "lc-line",
      });
      if (!line.dashed) for (const [cx, cy] of points) shape("circle", { cx, cy, r: 2.2, fill: colours[i] });
    });
    if (drag) {
      const [a, b] = [Math.min(...drag), Math.max(...drag)];
      shape("rect", { x: a, width: b - a, y: MARGIN.top, height: plot().h, class: "lc-drag" });
    }
    reset.hidden = !range;
    root.dataset.range = range ? range.join("-") : "";
  }

  const shape = (name, attributes, ...children) => svg.append(makeSvg(name, attributes, ...children));
  const label = (x, y, anchor, text) => shape("text", { x, y, "text-anchor": anchor, class: "lc-label" }, text);
  const place = (event) => {
    const x = event.clientX - svg.getBoundingClientRect().left;
    return Math.min(Math.max(x, MARGIN.left), MARGIN.left + plot().w);
  };
  const on = (node, type, listener) => node.addEventListener(type, listener, { signal });

  on(svg, "pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return; // a finger scrolls the page
    svg.setPointerCapture(event.pointerId);
    drag = [place(event), place(event)];
    event.preventDefault();
  });
  on(svg, "pointermove", (event) => {
    if (drag) {
      drag[1] = place(event);
      draw();
    }
    point(event);
  });
  on(svg, "pointerup", () => {
    if (drag && Math.abs(drag[1] - drag[0]) >= LEAST_DRAG) {
      const [a, b] = [Math.min(...drag), Math.max(...drag)].map(epochAt);
      const [from, to] = [Math.max(Math.floor(a), 1), Math.min(Math.ceil(b), data.epochs)];
      if (to > from) range = [from, to];
    }
    drag = null;
    draw();
  });
  on(svg, "pointercancel", () => { drag = null; draw(); });
  on(svg, "pointerleave", () => { tip.hidden = true; });
  const whole = () => { range = null; draw(); };
  on(svg, "dblclick", whole);
  on(reset, "click", whole);

  function point(event) {
    const epoch = Math.round(epochAt(place(event)));
    const here = data.series.flatMap((line, i) => {
      const found = line.points.find((at) => at[0] === epoch);
      return found ? [make("div", "", {}, make("i", "lc-key", { style: `background: ${colours[i]}` }),
        make("span", "", {}, `${line.name} ${data.percent ? percent(found[1], 0) : found[1].toFixed(3)}`))] : [];
    });
    tip.hidden = !here.length;
    if (tip.hidden) return;
    tip.replaceChildren(make("div", "lc-muted", {}, `${data.strings.epoch} ${epoch}`), ...here);
    const left = xAt(epoch) + 12;
    const turned = left + tip.offsetWidth > width;
    tip.style.left = `${turned ? left - tip.offsetWidth - 24 : left}px`;
    tip.style.top = `${head.offsetHeight + MARGIN.top}px`;
  }

  onResize(root, draw, signal);
  return { root, receive, picture: { name: "curves" } };
}

function format(value, span) {
  return value.toFixed(span < 0.1 ? 3 : span < 1.5 ? 2 : 1);
}

function percent(value, span) {
  return `${(100 * value).toFixed(span < 0.04 ? 1 : 0)}%`;
}

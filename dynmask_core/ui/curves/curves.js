// Lines over epochs that grow while a run trains. Drag across the plot to zoom into some epochs; the reader's choice
// stays when data comes in. Drawn as SVG: a few hundred points at most.
const SVG = "http://www.w3.org/2000/svg";
const CHARTS = new WeakMap();
const MARGIN = { left: 44, right: 10, top: 8, bottom: 38 };
const LEAST_DRAG = 8; // pixels; less is a click

export default function ({ data, parentElement }) {
  if (!data) return undefined;
  let chart = CHARTS.get(parentElement);
  if (!chart) CHARTS.set(parentElement, (chart = createChart()));
  if (chart.root.parentNode !== parentElement) parentElement.append(chart.root);
  chart.receive(data);
  return () => setTimeout(() => {
    if (chart.root.isConnected) return;
    chart.destroy();
    if (CHARTS.get(parentElement) === chart) CHARTS.delete(parentElement);
  });
}

function createChart() {
  const root = document.createElement("figure");
  root.className = "lc";
  root.dataset.testid = "lc";
  const head = add(root, "figcaption", "lc-head");
  const title = add(head, "strong");
  const legend = add(head, "span", "lc-legend");
  const reset = add(head, "button", "lc-reset");
  reset.type = "button";
  reset.dataset.testid = "lc-reset";
  const svg = root.appendChild(document.createElementNS(SVG, "svg"));
  svg.setAttribute("role", "img");
  const tip = add(root, "div", "lc-tip");
  tip.hidden = true;

  let data = null;
  let range = null; // [first, last] epoch the reader has zoomed to
  let drag = null; // [from, to] in pixels
  let width = 0;

  const plot = () => ({ w: Math.max(width - MARGIN.left - MARGIN.right, 10), h: data.height - MARGIN.top - MARGIN.bottom });
  const shownRange = () => range ?? [1, Math.max(data.epochs, 2)];
  const xAt = (epoch) => {
    const [a, b] = shownRange();
    return MARGIN.left + ((epoch - a) / (b - a)) * plot().w;
  };
  const epochAt = (x) => {
    const [a, b] = shownRange();
    return a + ((x - MARGIN.left) / plot().w) * (b - a);
  };

  function draw() {
    if (!data || width < 40) return;
    svg.replaceChildren();
    svg.setAttribute("width", width);
    svg.setAttribute("height", data.height);
    const [first, last] = shownRange();
    const inside = ([epoch]) => epoch >= first && epoch <= last;
    const values = data.series.flatMap((line) => line.points.filter(inside).map((point) => point[1]));
    const low = Math.min(...values), high = Math.max(...values);
    const room = (high - low) * 0.06 || 0.05;
    const [bottom, top] = values.length ? [low - room, high + room] : [0, 1];
    const y = (value) => MARGIN.top + (1 - (value - bottom) / (top - bottom)) * plot().h;
    const right = MARGIN.left + plot().w;
    for (const tick of ticks(bottom, top, 5)) {
      shape("line", { x1: MARGIN.left, x2: right, y1: y(tick), y2: y(tick), class: "lc-grid" });
      label(MARGIN.left - 6, y(tick) + 4, "end", format(tick, top - bottom));
    }
    for (const tick of ticks(first, last, Math.max(plot().w / 60, 2)).filter(Number.isInteger)) {
      label(xAt(tick), MARGIN.top + plot().h + 16, "middle", String(tick));
    }
    label(MARGIN.left + plot().w / 2, data.height - 4, "middle", data.strings.epoch);
    for (const line of data.series) {
      const points = line.points.filter(inside).map(([epoch, value]) => [xAt(epoch), y(value)]);
      shape("polyline", {
        points: points.map((point) => point.map((c) => c.toFixed(1)).join(",")).join(" "),
        stroke: line.color, class: line.dashed ? "lc-line lc-dashed" : "lc-line",
      });
      if (!line.dashed) for (const [cx, cy] of points) shape("circle", { cx, cy, r: 2.2, fill: line.color });
    }
    if (drag) {
      const [a, b] = [Math.min(...drag), Math.max(...drag)];
      shape("rect", { x: a, width: b - a, y: MARGIN.top, height: plot().h, class: "lc-drag" });
    }
    reset.hidden = !range;
    root.dataset.range = range ? range.join("-") : "";
  }

  const shape = (name, attributes) => {
    const node = svg.appendChild(document.createElementNS(SVG, name));
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const label = (x, y, anchor, text) => {
    shape("text", { x, y, "text-anchor": anchor, class: "lc-label" }).textContent = text;
  };
  const place = (event) => {
    const x = event.clientX - svg.getBoundingClientRect().left;
    return Math.min(Math.max(x, MARGIN.left), MARGIN.left + plot().w);
  };

  svg.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return; // a finger scrolls the page
    svg.setPointerCapture(event.pointerId);
    drag = [place(event), place(event)];
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (drag) {
      drag[1] = place(event);
      draw();
    }
    point(event);
  });
  svg.addEventListener("pointerup", () => {
    if (drag && Math.abs(drag[1] - drag[0]) >= LEAST_DRAG) {
      const [a, b] = [Math.min(...drag), Math.max(...drag)].map(epochAt);
      const [from, to] = [Math.max(Math.floor(a), 1), Math.min(Math.ceil(b), data.epochs)];
      if (to > from) range = [from, to];
    }
    drag = null;
    draw();
  });
  svg.addEventListener("pointercancel", () => { drag = null; draw(); });
  svg.addEventListener("pointerleave", () => { tip.hidden = true; });
  const whole = () => { range = null; draw(); };
  svg.addEventListener("dblclick", whole);
  reset.addEventListener("click", whole);

  function point(event) {
    const epoch = Math.round(epochAt(place(event)));
    const here = data.series
      .map((line) => [line, line.points.find((p) => p[0] === epoch)])
      .filter(([, found]) => found);
    tip.hidden = !here.length;
    if (tip.hidden) return;
    tip.replaceChildren();
    add(tip, "div", "lc-muted").textContent = `${data.strings.epoch} ${epoch}`;
    for (const [line, [, value]] of here) {
      const row = add(tip, "div");
      add(row, "i", "lc-key").style.background = line.color;
      add(row, "span").textContent = `${line.name} ${value.toFixed(3)}`;
    }
    const left = xAt(epoch) + 12;
    tip.style.left = `${left + tip.offsetWidth > width ? left - tip.offsetWidth - 24 : left}px`;
    tip.style.top = `${head.offsetHeight + MARGIN.top}px`;
  }

  const resized = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    draw();
  });
  resized.observe(root);

  return {
    root,
    receive(fresh) {
      if (data && fresh.run !== data.run) range = null;
      data = fresh;
      title.textContent = data.strings.title;
      reset.textContent = data.strings.reset;
      svg.setAttribute("aria-label", data.strings.alt);
      svg.style.touchAction = "pan-y";
      legend.replaceChildren();
      for (const line of data.series) {
        const item = add(legend, "span", "lc-item");
        const key = add(item, "i", line.dashed ? "lc-stroke lc-stroke-dashed" : "lc-stroke");
        key.style.borderTopColor = line.color;
        add(item, "span").textContent = line.name;
      }
      width = root.clientWidth || width;
      draw();
    },
    destroy() { resized.disconnect(); },
  };
}

function add(parent, name, className = "") {
  const node = parent.appendChild(document.createElement(name));
  if (className) node.className = className;
  return node;
}

// Round numbers between low and high, about `count` of them.
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * unit).find((size) => size >= raw);
  const result = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; i++) result.push(Number((i * step).toPrecision(12)));
  return result;
}

function format(value, span) {
  return value.toFixed(span < 0.1 ? 3 : span < 1.5 ? 2 : 1);
}

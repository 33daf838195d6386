// One small chart over θ.
import { makeSvg } from "../../web/dom.js";
import { ticks } from "../../web/ticks.js";

const HEIGHT = 190;
const AROUND = { left: 40, right: 8, top: 8, bottom: 24 };

// Draws into box, which takes all its width. lines: { name, values, colour, low, high }, one value per θ; range: [bottom,
// top]; vertical: { name: θ } for thin lines. Returns line(θ), which moves the thick one.
export function drawPanel(box, { thetas, lines, range, vertical, alt }) {
  const width = Math.max(box.clientWidth, 80), [bottom, top] = range;
  const svg = makeSvg("svg", { role: "img", width, height: HEIGHT, "aria-label": alt });
  const x = (theta) => AROUND.left + theta * (width - AROUND.left - AROUND.right);
  const y = (value) => AROUND.top + (1 - (value - bottom) / Math.max(top - bottom, 1e-9)) * (HEIGHT - AROUND.top - AROUND.bottom);
  const at = (value, i) => `${x(thetas[i]).toFixed(1)},${y(value).toFixed(1)}`;
  const add = (name, attributes, ...children) => svg.appendChild(makeSvg(name, attributes, ...children));
  for (const tick of ticks(bottom, top, 4)) {
    add("line", { x1: AROUND.left, x2: width - AROUND.right, y1: y(tick), y2: y(tick), class: "th-grid" });
    const text = `${(100 * tick).toFixed(top - bottom < 0.06 ? 1 : 0)}%`;
    add("text", { x: AROUND.left - 6, y: y(tick) + 4, "text-anchor": "end", class: "th-label" }, text);
  }
  for (const theta of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const anchor = theta === 1 ? "end" : "middle";
    add("text", { x: x(theta), y: HEIGHT - 6, "text-anchor": anchor, class: "th-label" }, theta || "θ 0");
  }
  for (const [name, theta] of Object.entries(vertical)) {
    add("line", { x1: x(theta), x2: x(theta), y1: AROUND.top, y2: HEIGHT - AROUND.bottom, class: `th-at th-at-${name}` });
  }
  for (const line of lines.filter((one) => one.low)) {
    add("polygon", { points: [...line.high.map(at), ...line.low.map(at).reverse()].join(" "), fill: line.colour, class: "th-band" });
  }
  for (const line of [...lines].reverse()) {
    add("polyline", { points: line.values.map(at).join(" "), stroke: line.colour, class: `th-line th-${line.name}` });
  }
  const moved = add("line", { y1: AROUND.top, y2: HEIGHT - AROUND.bottom, class: "th-now" });
  box.replaceChildren(svg);
  return (theta) => {
    moved.setAttribute("x1", x(theta));
    moved.setAttribute("x2", x(theta));
  };
}

// One SVG of elements that are drawn as SVG, with the texts and the swatches around them: it opens in any program.
import { makeSvg } from "./dom.js";

const MARGIN_OF_FILE = 16;
const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap",
  "stroke-opacity", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "visibility"];

// A Blob. parts: elements inside root; title: one line above them.
export function drawingOf(root, parts, title) {
  const boxes = parts.map((part) => part.getBoundingClientRect());
  const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
  const head = title ? 28 : 0;
  const width = Math.max(...boxes.map((box) => box.right)) - left + 2 * MARGIN_OF_FILE;
  const height = Math.max(...boxes.map((box) => box.bottom)) - top + 2 * MARGIN_OF_FILE + head;
  const style = getComputedStyle(root);
  const place = { x: MARGIN_OF_FILE - left, y: MARGIN_OF_FILE + head - top };
  const whole = makeSvg("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    makeSvg("rect", { width, height, fill: style.getPropertyValue("--st-background-color").trim() }));
  if (title) {
    whole.append(makeSvg("text", { x: MARGIN_OF_FILE, y: MARGIN_OF_FILE + 14, fill: widelyKnown(style.color), "font-family": style.fontFamily,
      "font-size": "15", "font-weight": "600" }, title));
  }
  for (const part of parts) drawNode(part, whole, place);
  return new Blob([new XMLSerializer().serializeToString(whole)], { type: "image/svg+xml" });
}

function drawNode(node, whole, place) {
  if (node.matches(".save, .tip, .choice, button, input") || !node.getClientRects().length) return;
  const box = node.getBoundingClientRect();
  const at = { x: box.left + place.x, y: box.top + place.y, width: box.width, height: box.height };
  if (node.tagName === "svg") {
    const twin = node.cloneNode(true);
    inlineStyles(node, twin);
    for (const [name, value] of Object.entries(at)) twin.setAttribute(name, value);
    whole.append(twin);
    return;
  }
  drawSwatch(node, whole, at);
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) writeLines(child, whole, place);
    else if (child.nodeType === Node.ELEMENT_NODE) drawNode(child, whole, place);
  }
}

// Style sheets do not travel with the file.
function inlineStyles(node, twin) {
  const style = getComputedStyle(node);
  for (const name of STYLES) twin.style.setProperty(name, widelyKnown(style.getPropertyValue(name)));
  twin.removeAttribute("class");
  [...node.children].forEach((child, i) => inlineStyles(child, twin.children[i]));
}

// Mixed colours are computed as color(srgb …), which only browsers read.
function widelyKnown(value) {
  const [, red, green, blue, alpha = "1"] = value.match(/^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.]+))?\)$/) ?? [];
  return red === undefined ? value : `rgba(${[red, green, blue].map((part) => Math.round(255 * part)).join(", ")}, ${alpha})`;
}

// A box without text that says something by its colour: a filled one, or a line.
function drawSwatch(node, whole, { x, y, width, height }) {
  if (node.textContent) return;
  const style = getComputedStyle(node);
  const line = parseFloat(style.borderTopWidth);
  if (line) {
    whole.append(makeSvg("line", { x1: x, x2: x + width, y1: y + line / 2, y2: y + line / 2, stroke: widelyKnown(style.borderTopColor),
      "stroke-width": line, ...(style.borderTopStyle === "dashed" ? { "stroke-dasharray": "4 3" } : {}) }));
  } else if (style.backgroundColor !== "rgba(0, 0, 0, 0)") {
    whole.append(makeSvg("rect", { x, y, width, height, fill: widelyKnown(style.backgroundColor) }));
  }
}

// Each line of a text where it stands.
function writeLines(text, whole, place) {
  const range = document.createRange();
  const style = getComputedStyle(text.parentElement);
  const lines = [];
  [...text.data].reduce((from, letter) => {
    range.setStart(text, from);
    range.setEnd(text, from + letter.length);
    const box = range.getClientRects()[0];
    const line = lines.at(-1);
    if (box && line && Math.abs(line.bottom - box.bottom) < 2) line.text += letter;
    else if (box) lines.push({ text: letter, left: box.left, bottom: box.bottom, height: box.height });
    return from + letter.length;
  }, 0);
  for (const line of lines.filter((one) => one.text.trim())) {
    whole.append(makeSvg("text", { x: line.left + place.x, y: line.bottom + place.y - line.height * 0.24, fill: widelyKnown(style.color),
      "font-family": style.fontFamily, "font-size": style.fontSize, "font-weight": style.fontWeight }, line.text));
  }
}

// A PNG of elements as they look now: copied with the style sheet that applies to them into an SVG, which the browser
// draws on a canvas.
import { make } from "./dom.js";

const SCALE = 2; // pixels of the file per CSS pixel
const PADDING = 16;
const CONTROLS = "[hidden], .save, .choice, .transport, .tip, input, select, [data-unsaved]";

// Resolves to a Blob. parts: elements inside root, one below the other. Raises SecurityError where the browser does not
// let the canvas be read.
export function pngOf(root, parts, title) {
  const sheet = styleAt(root);
  const page = pageOf(root, parts, title);
  root.parentNode.append(page); // where it can be measured
  const [width, height] = [page.offsetWidth, page.offsetHeight];
  page.remove();
  Object.assign(page.style, { position: "static", visibility: "visible" });
  const background = page.style.background;
  const body = new XMLSerializer().serializeToString(page);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * SCALE}" height="${height * SCALE}" `
    + `viewBox="0 0 ${width} ${height}"><foreignObject width="${width}" height="${height}">`
    + `<style xmlns="http://www.w3.org/1999/xhtml"><![CDATA[${sheet}]]></style>${body}</foreignObject></svg>`;
  return drawn(svg, width * SCALE, height * SCALE, background);
}

async function drawn(svg, width, height, background) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = make("canvas", "", { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png");
  });
}

// The rules that count at the component, and the values of the variables that they use.
function styleAt(root) {
  const home = root.getRootNode();
  const sheets = [...home.styleSheets, ...(home.adoptedStyleSheets ?? [])];
  return sheets.flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join("\n");
}

function pageOf(root, parts, title) {
  const style = getComputedStyle(root);
  const widest = Math.max(...parts.map((part) => part.getBoundingClientRect().width));
  const page = root.cloneNode(false);
  page.classList.add("save-page");
  page.append(...(title ? [make("p", "save-title", {}, title)] : []), ...parts.map((part) => twinOf(part, widest)));
  for (const name of new Set(styleAt(root).match(/--st-[\w-]+/g))) page.style.setProperty(name, style.getPropertyValue(name));
  Object.assign(page.style, {
    position: "absolute", visibility: "hidden", width: `${Math.ceil(widest) + 2 * PADDING}px`, padding: `${PADDING}px`,
    background: style.getPropertyValue("--st-background-color"), containerType: "normal",
  });
  return page;
}

function twinOf(part, width) {
  const twin = part.cloneNode(true);
  const [drawn, blank] = [part.querySelectorAll("canvas"), twin.querySelectorAll("canvas")];
  drawn.forEach((canvas, i) => {
    const image = make("img", canvas.className, { src: canvas.toDataURL(), style: canvas.getAttribute("style") ?? "" });
    blank[i].replaceWith(image);
  });
  for (const control of twin.querySelectorAll(CONTROLS)) control.remove();
  Object.assign(twin.style, { position: "static", width: `${width}px` });
  return twin;
}

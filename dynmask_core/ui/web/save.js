// A small control that saves a picture: PNG of whatever a component shows, SVG where it is drawn as SVG.
import { density } from "./canvas.js";
import { make, onAction, setAttribute, setText } from "./dom.js";
import { drawingOf } from "./drawing.js";
import { pngOf } from "./snapshot.js";

// web/__init__.py puts SAVE_WORDS before this script. The page itself says in which language it is.
const saveWord = (name) => (SAVE_WORDS[document.documentElement.lang.slice(0, 2)] ?? SAVE_WORDS.en)[name];

// root: the component's. parts(): the elements to be seen, one below the other. title(): one line above them, "" for
// none. name: the file's. redraw(): draws canvases again, at the density of the file.
export function createSave(root, signal, { parts, name, title = () => "", redraw = null }) {
  const png = make("button", "save-as", { type: "button", "data-do": "png", testid: `save-${name}-png` }, "PNG");
  const svg = make("button", "save-as", { type: "button", "data-do": "svg", testid: `save-${name}-svg` }, "SVG");
  const note = make("span", "save-note", { role: "status" });
  const node = make("span", "save", { role: "group", testid: `save-${name}` },
    make("span", "save-sign", { "aria-hidden": "true" }, "⤓"), png, svg, note);

  // Names it in the page's language, and offers SVG only where there is one.
  function refresh() {
    setAttribute(node, "aria-label", saveWord("picture"));
    for (const [button, format] of [[png, "PNG"], [svg, "SVG"]]) {
      setAttribute(button, "aria-label", saveWord("as").replace("{format}", format));
      setAttribute(button, "title", saveWord("as").replace("{format}", format));
    }
    const seen = parts();
    svg.hidden = !seen.some((part) => part.querySelector("svg")) || seen.some((part) => part.querySelector("canvas"));
  }

  async function save(format) {
    setText(note, "");
    try {
      const shown = parts().filter((part) => part.getClientRects().length);
      download(`${name}.${format}`, format === "svg" ? drawingOf(root, shown, title()) : await snapshot(shown));
    } catch {
      setText(note, saveWord("failed")); // some browsers do not let a page read a picture that it has drawn of itself
    }
  }

  async function snapshot(shown) {
    if (!redraw) return pngOf(root, shown, title());
    density.fixed = 2;
    redraw();
    const ready = pngOf(root, shown, title()); // takes what is drawn at once, and finishes later
    density.fixed = null;
    redraw();
    return ready;
  }

  onAction(node, { png: () => save("png"), svg: () => save("svg") }, signal);
  node.addEventListener("pointerenter", refresh, { signal });
  node.addEventListener("focusin", refresh, { signal });
  refresh();
  return { node, refresh };
}

function download(name, blob) {
  const link = make("a", "", { href: URL.createObjectURL(blob), download: `dynmask-${name}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// The small box that describes what is under the pointer.
import { make, setText } from "./dom.js";

// show(words, x, y): words() returns the text; refresh() calls it again when the epoch changes.
// x, y: the middle of the box's lower edge in the viewport, in pixels.
export function createTip(root, testid) {
  const node = make("div", "tip", { role: "tooltip", hidden: "", testid });
  let text = null;
  root.append(node);

  function show(words, x, y) {
    text = words;
    node.hidden = false;
    setText(node, text());
    const frame = root.getBoundingClientRect();
    const half = node.offsetWidth / 2;
    const left = Math.min(Math.max(x - frame.left, half + 2), Math.max(half + 2, frame.width - half - 2));
    const top = y - frame.top - node.offsetHeight - 8;
    node.style.transform = `translate(${Math.round(left - half)}px, ${Math.round(top)}px)`;
  }

  function hide() {
    text = null;
    node.hidden = true;
  }

  const refresh = () => text && setText(node, text());
  return { show, hide, refresh, isShown: () => text !== null };
}

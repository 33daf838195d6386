// A row of buttons, of which exactly one is pressed.
import { make, setAttribute } from "./dom.js";

// The buttons trigger `action` (see `onAction`). offer(label, options): each option is [value, text, id for tests =
// value]; with fewer than two there is nothing to choose, and the row is hidden.
export function createChoice(prefix, action) {
  const node = make("span", "choice", { role: "group", testid: `${prefix}-${action}` });
  let offered = "";

  function offer(label, options) {
    const signature = JSON.stringify([label, options]);
    if (offered === signature) return;
    offered = signature;
    node.hidden = options.length < 2;
    setAttribute(node, "aria-label", label);
    const buttons = options.map(([value, text, id = value]) => make("button", "segment",
      { type: "button", "data-do": action, "data-value": value, testid: `${prefix}-${action}-${id}` }, text));
    node.replaceChildren(make("span", "choice-name", { "aria-hidden": "true" }, label),
      make("span", "segments", {}, ...buttons));
  }

  function press(value) {
    for (const button of node.querySelectorAll("button")) {
      setAttribute(button, "aria-pressed", String(button.dataset.value === String(value)));
    }
  }
  return { node, offer, press };
}

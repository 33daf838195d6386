// Small helpers for elements. The user's text is inserted only as text, never as markup.

// Children may be strings. The attribute `testid` becomes data-testid; undefined attributes are left out.
export function make(tag, className = "", attributes = {}, ...children) {
  return fill(document.createElement(tag), { class: className || undefined, ...attributes }, children);
}

export function makeSvg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name === "testid" ? "data-testid" : name, value);
  }
  node.append(...children);
  return node;
}

export function setText(node, text) {
  const only = node.childNodes.length === 1 ? node.firstChild : null;
  if (only?.nodeType !== Node.TEXT_NODE) {
    if (node.textContent !== text) node.textContent = text;
  } else if (only.data !== text) only.data = text; // the browser need not build a new node
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// Names a control, for screen readers and as a tooltip.
export function setLabel(node, text) {
  setAttribute(node, "aria-label", text);
  setAttribute(node, "title", text);
}

// Returns t(name, values): the text `area.name`, with `{names}` filled in. strings() returns the catalogue.
export function textsOf(area, strings) {
  return (name, values = {}) =>
    (strings()[`${area}.${name}`] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

// Returns once(name, value, build): calls build() only if `value` has changed, so that equal data keeps its elements.
export function builtOnce() {
  const built = {};
  const once = (name, value, build) => {
    const signature = JSON.stringify(value);
    if (built[name] === signature) return;
    built[name] = signature;
    build();
  };
  once.forget = (name) => delete built[name];
  return once;
}

// Words and the gaps around them, in the order of the text.
export const weave = (nodes, gaps) => gaps.flatMap((gap, i) => [gap, ...nodes.slice(i, i + 1)]);

// A button's data-do names one of `actions`, and its data-value is the argument.
export function onAction(node, actions, signal) {
  node.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && !button.disabled) actions[button.dataset.do]?.(button.dataset.value);
  }, { signal });
}

// handle(event) returns true if it used the key. It does not get the browser's own shortcuts.
export function onKey(node, handle, signal) {
  node.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    if (handle(event)) event.preventDefault();
  }, { signal });
}

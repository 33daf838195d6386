// Small helpers for elements. A reader's text enters only as text, never as markup.

// Children may be strings. The attribute `testid` stands for data-testid; an undefined one is left out.
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
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// What a control is called, for ears and for eyes.
export function setLabel(node, text) {
  setAttribute(node, "aria-label", text);
  setAttribute(node, "title", text);
}

// t(name, values): the text `area.name` of the catalogue, with `{names}` filled in. strings() gives the catalogue.
export function textsOf(area, strings) {
  return (name, values = {}) =>
    (strings()[`${area}.${name}`] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

// once(name, value, build) builds where `value` differs from the one before, so that equal data leaves elements alone.
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

// Words and the stretches around them, in the order of the text.
export const weave = (nodes, gaps) => gaps.flatMap((gap, i) => [gap, ...nodes.slice(i, i + 1)]);

// A button says with data-do which of `actions` it stands for, and with data-value for what.
export function onAction(node, actions, signal) {
  node.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && !button.disabled) actions[button.dataset.do]?.(button.dataset.value);
  }, { signal });
}

// handle(event) says whether it knew the key. Keys of the browser's own shortcuts are not asked for.
export function onKey(node, handle, signal) {
  node.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    if (handle(event)) event.preventDefault();
  }, { signal });
}

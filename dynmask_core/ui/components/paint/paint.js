// A matrix of edges to paint: rows are the tokens that look, columns those looked at. The view keeps what is painted
// and sends it; the page answers with the number of the last stroke it has seen.
import { edge, fit, labelEvery } from "../../web/canvas.js";
import { make, onAction, onKey, setAttribute, setText, textsOf } from "../../web/dom.js";
import { mount, onResize } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { drawUpwards, shorten, widest } from "../player/labels.js";

const LARGEST_CELL = 30;
const PAUSE = 400; // milliseconds after a key until what was painted is sent
const TOOLS = ["undo", "all", "none", "invert", "turn", "mirror"];

export default mount(createPainter);

function createPainter(signal) {
  const canvas = make("canvas", "canvas pt-canvas", { tabindex: "0", role: "application", testid: "pt-canvas" });
  const status = make("p", "note pt-status", { role: "status", testid: "pt-status" });
  const tools = Object.fromEntries(TOOLS.map((name) => [name,
    make("button", "pt-tool", { type: "button", "data-do": name, testid: `pt-${name}` })]));
  const drag = make("button", "pt-tool pt-touch", { type: "button", "data-do": "drag", "aria-pressed": "false" });
  const bar = make("div", "pt-bar", { role: "group" }, drag, ...Object.values(tools));
  const legend = make("p", "legend");
  const keys = make("p", "note pt-keys");
  const root = make("figure", "web pt", { testid: "pt" }, bar, canvas, status, legend, keys);
  const ruler = document.createElement("canvas").getContext("2d");

  let data = null, theme = null, send = () => {};
  let n = 0, cells = new Uint8Array(0), stroke = 0;
  let place = null; // of the cells: { left, top, cell }
  let at = [0, 0]; // [query, key] of the cursor
  let brush = null; // { value, q, k } while a stroke is drawn
  let touch = false, dragPaints = false, timer = 0;
  const t = textsOf("paint", () => data.strings);

  function receive(next, theirs, { setTriggerValue }) {
    data = next;
    theme = theirs;
    send = setTriggerValue;
    const late = next.stroke < stroke && next.size === n;
    if (!late && !brush) {
      n = next.size;
      cells = Uint8Array.from(next.bits, Number);
      stroke = next.stroke;
      at = at.map((one) => Math.min(one, n - 1));
    }
    TOOLS.forEach((name) => setText(tools[name], t(name)));
    tools.undo.disabled = !next.undo;
    setText(drag, t("drag"));
    setAttribute(bar, "aria-label", t("tools"));
    setAttribute(canvas, "aria-label", t("label"));
    setText(keys, t("keys"));
    const ink = css(theme.mask[255]);
    legend.replaceChildren(...[["open", `background: ${ink}`], ["shut", ""], ["own", `color: ${ink}`]].map(
      ([name, style]) => make("span", "pt-item", {}, make("i", `pt-key pt-${name}`, { style }), t(name))));
    draw();
  }

  const word = (i) => (data.words[i] === undefined ? String(i) : data.words[i]);
  const alone = (q) => !cells.subarray(q * n, q * n + n).includes(1);

  function say() {
    const [q, k] = at;
    const open = cells[q * n + k] ? "open_edge" : q === k && alone(q) ? "own_edge" : "shut_edge";
    const named = (i) => data.words[i] ?? "–";
    setText(status, t("cell", { query: named(q), q, key: named(k), k, state: t(open) }));
  }

  function draw() {
    const width = root.clientWidth;
    if (!data || width < 40) return;
    const { letters } = theme;
    const largest = LARGEST_CELL * letters;
    const small = Math.min(largest, (width - 40) / n);
    const size = Math.max(9 * letters, Math.min(13 * letters, small - 1));
    ruler.font = `${size}px ${theme.font}`;
    const names = Array.from({ length: n }, (_, i) => word(i));
    const room = Math.ceil(widest(ruler, names, Math.min(96 * letters, width * 0.24))) + 6;
    const cell = Math.min(largest, (width - room - 1) / n);
    place = { left: room, top: room, cell };
    const context = fit(canvas, room + n * cell + 1, room + n * cell + 1);
    context.font = ruler.font;
    context.fillStyle = css(theme.text);
    context.textBaseline = "middle";
    const every = labelEvery(n, cell, size);
    names.forEach((name, i) => {
      if (i % every) return;
      const text = shorten(context, name, room - 6), middle = room + (i + 0.5) * cell;
      context.textAlign = "right";
      context.fillText(text, room - 4, middle);
      drawUpwards(context, text, middle, room - 4, size);
    });
    drawCells(context);
    say();
  }

  function drawCells(context) {
    const { left, top, cell } = place;
    const inset = cell >= 6 ? 1 : 0;
    const [ink, paper] = [css(theme.mask[255]), css(theme.neutral)];
    context.strokeStyle = theme.muted;
    for (let q = 0; q < n; q += 1) {
      const lonely = alone(q);
      for (let k = 0; k < n; k += 1) {
        const [x, y] = [edge(left + k * cell), edge(top + q * cell)];
        const side = edge(left + (k + 1) * cell) - x - inset, height = edge(top + (q + 1) * cell) - y - inset;
        const open = cells[q * n + k];
        context.fillStyle = open ? ink : paper;
        context.fillRect(x, y, side, height);
        if (open) continue;
        // A shut edge is hatched, never merely pale.
        context.globalAlpha = 0.45;
        context.beginPath();
        context.moveTo(x, y + height);
        context.lineTo(x + side, y);
        context.stroke();
        context.globalAlpha = 1;
        if (!lonely || q !== k) continue;
        context.fillStyle = ink;
        context.beginPath();
        context.arc(x + side / 2, y + height / 2, Math.max(1.5, side / 4), 0, 2 * Math.PI);
        context.fill();
      }
    }
    const [q, k] = at;
    context.strokeStyle = css(theme.text);
    context.lineWidth = 2;
    context.strokeRect(left + k * cell, top + q * cell, cell, cell);
    context.lineWidth = 1;
  }

  // ---- painting ------------------------------------------------------------------------------------------------

  function commit() {
    clearTimeout(timer);
    timer = 0;
    stroke += 1;
    send("painted", { stroke, size: n, bits: cells.join("") });
  }
  const later = () => { clearTimeout(timer); timer = setTimeout(commit, PAUSE); };

  function change(make) {
    const before = cells;
    cells = Uint8Array.from(before, (value, i) => make(before, Math.floor(i / n), i % n, value));
    draw();
    commit();
  }

  const cellOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientY - box.top - place.top, event.clientX - box.left - place.left]
      .map((far) => Math.floor(far / place.cell));
  };
  const inside = ([q, k]) => q >= 0 && k >= 0 && q < n && k < n;
  const put = (q, k, value) => { cells[q * n + k] = value; };

  // A fast hand skips cells: all on the way are painted.
  function strokeTo([q, k]) {
    const steps = Math.max(1, Math.abs(q - brush.q), Math.abs(k - brush.k));
    for (let i = 0; i <= steps; i += 1) {
      const on = [brush.q + ((q - brush.q) * i) / steps, brush.k + ((k - brush.k) * i) / steps].map(Math.round);
      if (inside(on)) put(...on, brush.value);
    }
    Object.assign(brush, { q, k });
    if (inside([q, k])) at = [q, k];
    draw();
  }

  const on = (node, type, listener) => node.addEventListener(type, listener, { signal });
  on(canvas, "pointerdown", (event) => {
    touch = event.pointerType === "touch";
    const found = cellOf(event);
    if ((touch && !dragPaints) || event.button !== 0 || !inside(found)) return;
    canvas.setPointerCapture(event.pointerId);
    brush = { value: 1 - cells[found[0] * n + found[1]], q: found[0], k: found[1] };
    strokeTo(found);
  });
  on(canvas, "pointermove", (event) => {
    if (brush) strokeTo(cellOf(event));
    else if (event.pointerType !== "touch" && inside(cellOf(event))) {
      at = cellOf(event);
      draw();
    }
  });
  for (const type of ["pointerup", "pointercancel"]) {
    on(canvas, type, () => {
      if (!brush) return;
      brush = null;
      commit();
    });
  }
  on(canvas, "click", (event) => {
    const found = cellOf(event);
    if (!touch || dragPaints || !inside(found)) return;
    at = found;
    put(...at, 1 - cells[at[0] * n + at[1]]);
    draw();
    commit();
  });

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  onKey(canvas, (event) => {
    const step = STEPS[event.key];
    if (step) {
      const value = cells[at[0] * n + at[1]];
      at = at.map((one, i) => Math.min(Math.max(one + step[i], 0), n - 1));
      if (event.shiftKey) {
        put(...at, value);
        later();
      }
    } else if (event.key === " " || event.key === "Enter") {
      put(...at, 1 - cells[at[0] * n + at[1]]);
      later();
    } else return false;
    draw();
    return true;
  }, signal);

  onAction(bar, {
    undo: () => send("undo", { stroke }),
    all: () => change(() => 1),
    none: () => change(() => 0),
    invert: () => change((was, q, k, value) => 1 - value),
    turn: () => change((was, q, k) => was[k * n + q]),
    mirror: () => change((was, q, k, value) => value | was[k * n + q]),
    drag: () => {
      dragPaints = !dragPaints;
      setAttribute(drag, "aria-pressed", String(dragPaints));
      canvas.style.touchAction = dragPaints ? "none" : "";
    },
  }, signal);

  onResize(root, draw, signal);
  return { root, receive };
}

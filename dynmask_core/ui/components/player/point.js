// Pointing with mouse, finger or focus: marks one word in all pictures at once, and shows its number.
import { builtOnce, onKey, setAttribute, setText } from "../../web/dom.js";
import { createTip } from "../../web/tip.js";
import { number, tokenText } from "./arms.js";
import { openness } from "./attention.js";

// Returns reset(), for a new sentence or geometry, refresh(), for a new epoch, and point() and pick() for other pictures.
export function attachPointing(player, scrubber, signal) {
  const { v, t } = player;
  const tip = createTip(v.root, "mp-tip");
  const once = builtOnce();
  let marked = null;

  // words() returns the text to show at (x, y); it is called again at every epoch.
  function point(word, words = null, x = 0, y = 0) {
    if (words) tip.show(words, x, y);
    else tip.hide();
    if (marked === word) return;
    marked = word;
    for (const { parts } of v.blocks) parts.chips.forEach((chip, i) => chip.classList.toggle("mp-hot", i === word));
    markHeat(word);
    for (const map of player.maps?.list ?? []) markMap(map, word);
  }

  function markHeat(word) {
    const { heat } = player;
    v.heatRow.hidden = word === null || !heat?.one || !heat.panels.length || !heat.panels.every(({ words }) => words);
    if (!v.heatRow.hidden) place(v.heatRow, 0, heat.panels[0].y + word * heat.row, heat.used, heat.row);
  }

  function markMap({ figure: { parts: { row, word: name } }, withRows, hidden }, word) {
    if (hidden) return;
    const { layout, groups, labels } = player.maps;
    const position = word === null ? -1 : word + 1; // position 0 is [CLS]
    const at = groups ? groups.findIndex(([from, to]) => position >= from && position < to) : position;
    row.hidden = position < 0 || at < 0 || at >= layout.n;
    const left = withRows ? layout.labelSpace : 0;
    // Where there is no room for all words, the one that is pointed at is named.
    name.hidden = row.hidden || !withRows || layout.every === 1 || !layout.words;
    if (row.hidden) return;
    const top = layout.labelSpace + at * layout.cell;
    place(row, left, top, layout.side, layout.cell);
    if (name.hidden) return;
    setText(name, labels[at]);
    Object.assign(name.style, { width: `${left - 4}px`, top: `${top + layout.cell / 2}px` });
  }

  function place(node, left, top, width, height) {
    Object.assign(node.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  }

  function pointAtChip(event) {
    const chip = event.target.closest?.(".mp-token");
    if (!chip) return;
    const box = chip.getClientRects()[0];
    const word = Number(chip.dataset.index);
    const arm = Number(chip.closest(".mp-arm").dataset.index);
    const words = () => tokenText(player, "token_label", arm, scrubber.index, word);
    point(word, words, box.left + box.width / 2, box.top);
  }

  // Arm, epoch and (if the pointer is on a cell) word or head under the pointer.
  function heatCell(event) {
    const { heat, model } = player;
    const box = v.heat.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const reach = heat.column * model.epochs.length;
    const panel = heat.panels.find((one) => x >= one.x - 8 && x <= one.x + heat.pitch + 8
      && y >= one.y - 20 && y <= one.y + one.rows.length * heat.row + 18);
    if (!panel) return null;
    const across = x - panel.x;
    const epoch = Math.max(0, Math.min(model.epochs.length - 1, Math.floor(across / heat.column)));
    const row = Math.floor((y - panel.y) / heat.row);
    const inside = across >= 0 && across < reach && row >= 0 && row < panel.rows.length;
    return { panel, epoch, row: inside ? row : null };
  }

  function heatText({ panel, epoch, row }) {
    if (panel.words) return tokenText(player, "heat_cell", panel.arm, epoch, row);
    const { model } = player;
    const [, , , , H] = model.shape;
    const open = model.recorded[epoch] ? openness(model, panel.arm, epoch, Math.floor(row / H), row % H) : NaN;
    return t("head_cell", {
      head: panel.rows[row], arm: model.arms[panel.arm].name, epoch: model.epochs[epoch],
      value: Number.isNaN(open) ? "–" : number(open),
    });
  }

  function attentionText({ map, difference }, query, key) {
    if (!map) return t("unknown");
    const { full } = player.maps;
    const { n, weight: weights, level: levels } = map();
    const [weight, level] = [weights[query * n + key], levels[query * n + key]];
    const names = { query: full[query], key: full[key] };
    if (Number.isNaN(level)) return t("edge_forbidden", names);
    if (!difference) return t("attention_cell", { ...names, value: number(weight), times: multiple(level) });
    const signed = `${weight < 0 ? "−" : "+"}${number(Math.abs(weight))}`;
    return t("difference_cell", { ...names, value: signed, times: multiple(level) });
  }

  const multiple = (level) => (level === -Infinity ? "×0" : level < 0 && level > -10 ? `×1/${short(2 ** -level)}`
    : level <= -10 ? "×0" : `×${short(2 ** level)}`);
  const short = (value) => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)));

  const on = (node, types, listener) =>
    types.split(" ").forEach((type) => node.addEventListener(type, listener, { signal }));

  let dragging = false;
  on(v.heat, "pointerdown", (event) => {
    const cell = heatCell(event);
    if (!cell || event.button > 0) return;
    dragging = true;
    v.heat.setPointerCapture(event.pointerId);
    scrubber.focus();
    scrubber.hold(cell.epoch);
  });
  on(v.heat, "pointermove", (event) => {
    const cell = heatCell(event);
    if (dragging && cell) scrubber.hold(cell.epoch);
    if (!cell || cell.row === null) return point(null);
    return point(cell.panel.words ? cell.row : null, () => heatText(cell), event.clientX, event.clientY - 6);
  });
  on(v.heat, "pointerup pointercancel", () => { dragging = false; });

  // The map's entry, row and column under the pointer.
  function mapCell(event) {
    const one = player.maps?.list.find(({ figure }) => figure.parts.canvas === event.target);
    if (!one?.map) return null;
    const { layout } = player.maps;
    const box = event.target.getBoundingClientRect();
    const key = Math.floor((event.clientX - box.left - (one.withRows ? layout.labelSpace : 0)) / layout.cell);
    const query = Math.floor((event.clientY - box.top - layout.labelSpace) / layout.cell);
    return key < 0 || query < 0 || key >= layout.n || query >= layout.n ? null : { one, query, key };
  }

  on(v.maps, "pointermove", (event) => {
    const cell = mapCell(event);
    if (!cell) return point(null);
    const { groups } = player.maps;
    const word = (groups ? groups[cell.query][0] : cell.query) - 1;
    const words = () => attentionText(cell.one, cell.query, cell.key);
    return point(word < 0 ? null : word, words, event.clientX, event.clientY - 6);
  });

  // ---- what the reader picks, for pictures elsewhere on the page -----------------------------------------------

  function pick(arm, query, key) {
    const { model, state } = player;
    const head = state.head === "mean" ? null : state.head;
    player.pick = { arm, epoch: model.epochs[scrubber.index], layer: state.layer, head, query, key };
    player.send(player.pick);
    player.look();
    showPick();
  }

  function showPick() {
    const { pick: chosen, maps, state } = player;
    once("pick", [chosen, maps?.layout, maps?.groups, state], markPick);
  }

  function markPick() {
    const { pick: chosen, maps, state } = player;
    v.blocks.forEach(({ parts }, a) => parts.chips.forEach((chip, i) => {
      setAttribute(chip, "aria-pressed", String(chosen?.arm === a && chosen.query === i + 1));
    }));
    for (const { figure: { parts }, arm, difference, withRows, hidden } of maps?.list ?? []) {
      const here = chosen && !hidden && !difference && chosen.arm === arm && chosen.layer === state.layer
        && chosen.head === (state.head === "mean" ? null : state.head) && !maps.groups && chosen.query < maps.layout.n;
      parts.chosen.hidden = !here;
      if (!here) continue;
      const { labelSpace, cell, side } = maps.layout;
      const left = (withRows ? labelSpace : 0) + (chosen.key ?? 0) * cell;
      place(parts.chosen, left, labelSpace + chosen.query * cell, chosen.key === null ? side : cell, cell);
    }
  }

  on(v.maps, "click", (event) => {
    const cell = mapCell(event);
    if (!cell) return;
    if (player.maps.groups) player.unfold(); // a group is not a word yet
    else pick(cell.one.difference ? player.state.other : cell.one.arm, cell.query, cell.key);
  });
  on(v.arms, "click", (event) => pickChip(event.target.closest(".mp-token")));

  function pickChip(chip) {
    if (chip) pick(Number(chip.closest(".mp-arm").dataset.index), Number(chip.dataset.index) + 1, null);
  }

  on(v.arms, "pointerover focusin", pointAtChip);
  on(v.arms, "pointerout focusout", () => point(null));
  for (const area of [v.heat, v.maps]) on(area, "pointerleave", () => point(null));

  // One tab stop per sentence; the up and down arrows move along its words (left and right belong to the scrubber).
  onKey(v.root, ({ key, target }) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[key];
    const chip = target.closest(".mp-token");
    if (chip && key === "Enter") pickChip(chip);
    else if (chip && by) {
      const { chips } = chip.closest(".mp-arm").parts;
      const next = chips[Math.max(0, Math.min(chips.length - 1, Number(chip.dataset.index) + by))];
      chip.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if (key === "Escape" && tip.isShown()) reset();
    else return false;
    return true;
  }, signal);

  function reset() {
    once.forget("pick");
    marked = undefined;
    point(null);
  }
  function refresh() {
    tip.refresh();
    showPick();
  }
  return { reset, refresh, point, pick };
}

// Pointing with mouse, finger or focus: marks one word in all pictures at once, and shows its number.
import { onKey } from "../../web/dom.js";
import { createTip } from "../../web/tip.js";
import { number, tokenText } from "./arms.js";

// Returns reset(), for a new sentence or geometry, and refresh(), for a new epoch.
export function attachPointing(player, scrubber, signal) {
  const { v, t } = player;
  const tip = createTip(v.root, "mp-tip");
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
    v.heatRow.hidden = word === null || !heat || heat.panels.length > heat.across;
    if (!v.heatRow.hidden) place(v.heatRow, 0, heat.panels[0].y + word * heat.row, heat.width, heat.row);
  }

  function markMap({ figure: { parts: { row } }, withRows }, word) {
    const { layout, groups } = player.maps;
    const position = word === null ? -1 : word + 1; // position 0 is [CLS]
    const at = groups ? groups.findIndex(([from, to]) => position >= from && position < to) : position;
    row.hidden = position < 0 || at < 0 || at >= layout.n;
    const left = withRows ? layout.labelSpace : 0;
    if (!row.hidden) place(row, left, layout.labelSpace + at * layout.cell, layout.side, layout.cell);
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

  // Arm, epoch and (if the pointer is on a cell) word under the pointer.
  function heatCell(event) {
    const { heat, model } = player;
    const box = v.heat.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const reach = heat.column * model.epochs.length;
    const arm = heat.panels.findIndex((panel) =>
      x >= panel.x - 8 && x <= panel.x + heat.pitch + 8 && y >= panel.y - 22 && y <= panel.y + heat.block - 22);
    if (arm < 0) return null;
    const across = x - heat.panels[arm].x;
    const epoch = Math.max(0, Math.min(model.epochs.length - 1, Math.floor(across / heat.column)));
    const word = Math.floor((y - heat.panels[arm].y) / heat.row);
    const inside = across >= 0 && across < reach && word >= 0 && word < model.words.length;
    return { arm, epoch, word: inside ? word : null };
  }

  function attentionText(map, query, key) {
    if (!map.values) return t("unknown");
    const { full, layout } = player.maps;
    const value = map.values[query * layout.n + key];
    const sign = !map.difference ? "" : value < 0 ? "−" : "+";
    return t("attention_cell", { query: full[query], key: full[key], value: sign + number(Math.abs(value)) });
  }

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
    if (!cell || cell.word === null) return point(null);
    const words = () => tokenText(player, "heat_cell", cell.arm, cell.epoch, cell.word);
    return point(cell.word, words, event.clientX, event.clientY - 6);
  });
  on(v.heat, "pointerup pointercancel", () => { dragging = false; });

  on(v.maps, "pointermove", (event) => {
    const map = player.maps?.list.find(({ figure }) => figure.parts.canvas === event.target);
    if (!map?.values) return point(null);
    const { layout, groups } = player.maps;
    const box = event.target.getBoundingClientRect();
    const key = Math.floor((event.clientX - box.left - (map.withRows ? layout.labelSpace : 0)) / layout.cell);
    const query = Math.floor((event.clientY - box.top - layout.labelSpace) / layout.cell);
    if (key < 0 || query < 0 || key >= layout.n || query >= layout.n) return point(null);
    const word = (groups ? groups[query][0] : query) - 1;
    return point(word < 0 ? null : word, () => attentionText(map, query, key), event.clientX, event.clientY - 6);
  });

  on(v.arms, "pointerover focusin", pointAtChip);
  on(v.arms, "pointerout focusout", () => point(null));
  for (const area of [v.heat, v.maps]) on(area, "pointerleave", () => point(null));

  // One tab stop per sentence; the up and down arrows move along its words (left and right belong to the scrubber).
  onKey(v.root, ({ key, target }) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[key];
    const chip = target.closest(".mp-token");
    if (chip && by) {
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
    marked = undefined;
    point(null);
  }
  return { reset, refresh: tip.refresh };
}

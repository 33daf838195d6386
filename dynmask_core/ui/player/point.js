// Pointing with mouse, finger or focus: one word is marked in every picture at once, and its number is shown.

// `now` gives the current model, heat and map geometry; `say` words the texts; `hold` takes the scrubber to an epoch.
function attachPointing(v, on, now, say, hold) {
  let marked = null;
  let text = null; // gives the number under the pointer, again for every epoch that passes by

  function point(word, words = null, x = 0, y = 0) {
    text = words;
    v.tip.hidden = !text;
    if (text) showTip(v, text(), x, y);
    if (marked === word) return;
    marked = word;
    for (const { parts } of v.blocks) parts.chips.forEach((chip, i) => chip.classList.toggle("mp-hot", i === word));
    markHeat(word);
    for (const map of now.maps?.list ?? []) markMap(map, word);
  }

  function markHeat(word) {
    const { heat } = now;
    v.heatRow.hidden = word === null || !heat || heat.panels.length > heat.across;
    if (v.heatRow.hidden) return;
    place(v.heatRow, 0, heat.panels[0].y + word * heat.row, heat.width, heat.row);
  }

  function markMap({ figure, withRows }, word) {
    const { layout, groups } = now.maps;
    const position = word === null ? -1 : word + 1; // position 0 is [CLS]
    const row = groups ? groups.findIndex(([from, to]) => position >= from && position < to) : position;
    figure.parts.row.hidden = position < 0 || row < 0 || row >= layout.n;
    if (figure.parts.row.hidden) return;
    const [left, top] = [withRows ? layout.labelSpace : 0, layout.labelSpace + row * layout.cell];
    place(figure.parts.row, left, top, layout.side, layout.cell);
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
    point(word, () => say.token(arm, word), box.left + box.width / 2, box.top);
  }

  // One tab stop per sentence; the arrows up and down walk along its words (left and right belong to the scrubber).
  function moveFocus(chip, by) {
    const { chips } = chip.closest(".mp-arm").parts;
    const next = chips[Math.max(0, Math.min(chips.length - 1, Number(chip.dataset.index) + by))];
    chip.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  // Arm, epoch and (if the pointer is on a cell) word under the pointer.
  function heatCell(event) {
    const { heat, model } = now;
    const box = v.heat.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const reach = heat.column * model.epochs.length;
    const arm = heat.panels.findIndex((panel) =>
      x >= panel.x - 8 && x <= panel.x + heat.pitch + 8 && y >= panel.y - 22 && y <= panel.y + heat.block - 22);
    if (arm < 0) return null;
    const epoch = Math.max(0, Math.min(model.epochs.length - 1, Math.floor((x - heat.panels[arm].x) / heat.column)));
    const word = Math.floor((y - heat.panels[arm].y) / heat.row);
    const across = x - heat.panels[arm].x;
    const inside = across >= 0 && across < reach && word >= 0 && word < model.words.length;
    return { arm, epoch, word: inside ? word : null };
  }

  let dragging = false;
  on(v.heat, "pointerdown", (event) => {
    const cell = heatCell(event);
    if (!cell || event.button > 0) return;
    dragging = true;
    v.heat.setPointerCapture(event.pointerId);
    v.range.focus({ preventScroll: true });
    hold(cell.epoch);
  });
  on(v.heat, "pointermove", (event) => {
    const cell = heatCell(event);
    if (dragging && cell) hold(cell.epoch);
    if (!cell || cell.word === null) point(null);
    else point(cell.word, () => say.heat(cell.arm, cell.epoch, cell.word), event.clientX, event.clientY - 6);
  });
  for (const type of ["pointerup", "pointercancel"]) on(v.heat, type, () => { dragging = false; });

  on(v.maps, "pointermove", (event) => {
    const map = now.maps?.list.find(({ figure }) => figure.parts.canvas === event.target);
    if (!map?.values) return point(null);
    const { layout, groups } = now.maps;
    const box = event.target.getBoundingClientRect();
    const key = Math.floor((event.clientX - box.left - (map.withRows ? layout.labelSpace : 0)) / layout.cell);
    const query = Math.floor((event.clientY - box.top - layout.labelSpace) / layout.cell);
    if (key < 0 || query < 0 || key >= layout.n || query >= layout.n) return point(null);
    const word = (groups ? groups[query][0] : query) - 1;
    return point(word < 0 ? null : word, () => say.attention(map, query, key), event.clientX, event.clientY - 6);
  });

  for (const type of ["pointerover", "focusin"]) on(v.arms, type, pointAtChip);
  for (const type of ["pointerout", "focusout"]) on(v.arms, type, () => point(null));
  for (const area of [v.heat, v.maps]) on(area, "pointerleave", () => point(null));

  // Another sentence or another geometry: whatever was marked is no longer there.
  function reset() {
    marked = undefined;
    point(null);
  }

  function refresh() {
    if (text) setText(v.tip, text());
  }
  return { moveFocus, reset, refresh };
}

// The data, the colour scales and drawing on canvas. Nothing in this file knows of time, the reader or the page.

// Masks and attention get different hues, so that the two scales are never mistaken for one another.
const MASK_STOPS = { light: ["#eef1f2", "#8fc4c3", "#0a5c68"], dark: ["#20262f", "#2f7377", "#7fe0d6"] };
const ATTENTION_STOPS = { light: ["#f5f3fa", "#9a86d6", "#2c1766"], dark: ["#1d1b2b", "#6a51c0", "#d3c6ff"] };
// Attention over n words is about 1/n each: a ramp that rises early keeps such values visible on a fixed 0-1 scale.
const EARLY = 0.6;

const LABELLED = 21; // positions ([CLS] and 20 words) up to which an attention map carries its words
const OVERVIEW_FROM = 32; // words beyond which an overview is shown first
const OVERVIEW_GROUPS = 16;
const LABEL_FONT = '"Noto Sans Mono CJK SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", monospace';

const STATES = ["kept", "removed", "unknown"];

// A buffer sealed by the server: u32 length of the JSON header, header, raw bytes.
function unpack(bytes) {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return [JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))), bytes.subarray(4 + size)];
}

// The player's bytes: masks, token states, attention.
function decode(bytes) {
  const [model, body] = unpack(bytes);
  const [A, E, T, L, H, S] = model.shape;
  let at = 0;
  const take = (count) => body.subarray(at, (at += count));
  model.masks = take(A * E * T);
  model.states = take(A * E * T); // indices into STATES
  model.attention = take(A * E * L * H * S * S);
  return model;
}

function hexToRgb(hex) {
  const text = hex.replace("#", "");
  const full = text.length === 3 ? [...text].map((c) => c + c).join("") : text;
  return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16) || 0);
}

function blend(a, b, part) {
  return a.map((value, i) => Math.round(value + (b[i] - value) * part));
}

const css = (rgb) => `rgb(${rgb.join(" ")})`;

function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Black or white, whichever stands out more.
function inkOn(rgb) {
  return luminance(rgb) > 0.179 ? "#11161c" : "#ffffff";
}

// 256 colours along the stops.
function ramp(stops, gamma = 1) {
  return Array.from({ length: 256 }, (_, i) => {
    const x = (i / 255) ** gamma * (stops.length - 1);
    const k = Math.min(Math.floor(x), stops.length - 2);
    return blend(stops[k], stops[k + 1], x - k);
  });
}

// 255 colours from one arm's colour over neutral (index 127) to the other's.
function divergingRamp(less, neutral, more) {
  return Array.from({ length: 255 }, (_, i) => {
    const x = (i - 127) / 127;
    return blend(neutral, x < 0 ? less : more, Math.abs(x) ** 0.75);
  });
}

// The colours in force, read from the theme the component sits in.
function readTheme(element) {
  const style = getComputedStyle(element);
  const probe = document.createElement("canvas").getContext("2d");
  const colour = (name, fallback) => {
    probe.fillStyle = fallback;
    probe.fillStyle = style.getPropertyValue(name).trim() || fallback;
    return hexToRgb(probe.fillStyle.startsWith("#") ? probe.fillStyle : fallback);
  };
  const background = colour("--st-background-color", "#ffffff");
  const text = colour("--st-text-color", "#31333f");
  const dark = luminance(background) < 0.2;
  const mode = dark ? "dark" : "light";
  const codeFont = style.getPropertyValue("--st-code-font").trim();
  const mask = ramp(MASK_STOPS[mode].map(hexToRgb));
  return {
    dark, background, text,
    muted: css(blend(background, text, 0.62)),
    mask, maskInk: mask.map(inkOn),
    attention: ramp(ATTENTION_STOPS[mode].map(hexToRgb), EARLY),
    // Arm colours are chosen for white paper; on a dark page they are lifted, keeping their hue.
    arm: (hex) => (dark ? blend(hexToRgb(hex), [255, 255, 255], 0.3) : hexToRgb(hex)),
    neutral: blend(background, text, 0.04),
    font: codeFont && codeFont !== "unset" ? `${codeFont}, ${LABEL_FONT}` : LABEL_FONT,
    sans: `${style.fontFamily}`,
    signature: [css(background), css(text), style.getPropertyValue("--st-primary-color"), codeFont].join("|"),
  };
}

// Sizes the canvas for the screen's pixels and returns a context that counts in CSS pixels.
function fit(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

function shorten(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && context.measureText(characters.join("") + "…").width > width) characters.pop();
  return characters.join("") + "…";
}

const widest = (context, words, limit) =>
  words.reduce((most, word) => Math.max(most, Math.min(limit, context.measureText(word).width)), 0);

// Where everything in the mask × epoch picture lies: arms side by side on shared rows, wrapped when too narrow.
function heatLayout(context, model, theme, width, overview) {
  const { words, arms, epochs } = model;
  const row = overview ? 5 : words.length <= 14 ? 20 : 16;
  const size = overview ? 11 : Math.min(13, row - 3);
  context.font = `${size}px ${theme.font}`;
  const label = overview ? 0 : Math.ceil(widest(context, words, Math.min(120, width * 0.28))) + 10;
  const gap = 18;
  let across = arms.length;
  const pitchOf = (n) => (width - label - 8 - gap * (n - 1)) / n; // 8: half of the last epoch's number
  while (across > 1 && pitchOf(across) < 110) across -= 1;
  const pitch = pitchOf(across);
  const column = Math.min(28, pitch / Math.max(1, epochs.length));
  const [header, axis] = [22, 20];
  const block = header + words.length * row + axis;
  const placeOf = (a) => ({ x: label + (a % across) * (pitch + gap), y: header + Math.floor(a / across) * block });
  const panels = arms.map((_, a) => placeOf(a));
  const height = Math.ceil(arms.length / across) * block;
  return { row, size, label, pitch, column, block, panels, across, width, height };
}

function drawHeat(canvas, model, theme, layout) {
  const { words, arms, epochs, masks, states } = model;
  const [E, T] = [epochs.length, words.length];
  const context = fit(canvas, layout.width, layout.height);
  context.textBaseline = "middle";
  const scale = window.devicePixelRatio || 1;
  const edge = (v) => Math.round(v * scale) / scale; // whole device pixels, so that no seams show between cells
  arms.forEach((arm, a) => {
    const { x, y } = layout.panels[a];
    context.font = `600 13px ${theme.sans}`;
    context.fillStyle = css(theme.arm(arm.color));
    context.fillRect(x, y - 18, 10, 10);
    context.fillStyle = css(theme.text);
    context.fillText(shorten(context, arm.name, layout.pitch - 18), x + 16, y - 12.5);
    if (layout.label && a % layout.across === 0) {
      context.font = `${layout.size}px ${theme.font}`;
      context.textAlign = "right";
      words.forEach((word, t) =>
        context.fillText(shorten(context, word, layout.label - 10), layout.label - 8, y + (t + 0.5) * layout.row));
      context.textAlign = "left";
    }
    for (let e = 0; e < E; e += 1) {
      const [left, right] = [edge(x + e * layout.column), edge(x + (e + 1) * layout.column)];
      const inset = layout.column >= 6 ? 1 : 0;
      for (let t = 0; t < T; t += 1) {
        const at = (a * E + e) * T + t;
        const [top, bottom] = [edge(y + t * layout.row), edge(y + (t + 1) * layout.row)];
        if (states[at] === 2) continue;
        context.fillStyle = css(theme.mask[masks[at]]);
        context.fillRect(left, top, right - left - inset, bottom - top - (layout.row >= 8 ? 1 : 0));
        if (states[at] === 1) {
          // A removed cell carries the same stroke through its middle as the struck word above it.
          context.fillStyle = theme.maskInk[masks[at]];
          context.globalAlpha = 0.5;
          context.fillRect(left, edge((top + bottom) / 2) - (layout.row >= 8 ? 1 : 0), right - left, 1);
          context.globalAlpha = 1;
        }
      }
    }
    drawEpochAxis(context, model, theme, x, y + T * layout.row + 11, layout);
  });
}

function drawEpochAxis(context, model, theme, x, y, layout) {
  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.muted;
  context.textAlign = "center";
  const every = labelEvery(model.epochs.length, layout.column, 26);
  model.epochs.forEach((epoch, e) => {
    const centre = x + (e + 0.5) * layout.column;
    if (e % every === 0) context.fillText(String(epoch), Math.max(centre, x + 4), y);
  });
  context.textAlign = "left";
}

// The smallest round step between labelled epochs that leaves `room` pixels for each label.
function labelEvery(count, pitch, room) {
  return [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => step * pitch >= room) ?? count;
}

// One attention map as [n, n] values in 0-1, rows = queries. `head` may be "mean"; `groups` sums neighbouring keys.
function readAttention(model, arm, epoch, layer, head, groups) {
  const [, E, , L, H, S] = model.shape;
  const square = S * S;
  const first = ((arm * E + epoch) * L + layer) * H * square;
  const full = new Float32Array(square);
  const heads = head === "mean" ? Array.from({ length: H }, (_, h) => h) : [head];
  for (const h of heads) {
    const from = first + h * square;
    for (let i = 0; i < square; i += 1) full[i] += model.attention[from + i];
  }
  const unit = 1 / (255 * heads.length);
  for (let i = 0; i < square; i += 1) full[i] *= unit;
  if (!groups) return full;
  // Overview: the attention a group's words pay to another group, averaged over the payers, so rows still sum to 1.
  const n = groups.length;
  const small = new Float32Array(n * n);
  groups.forEach(([q0, q1], i) => groups.forEach(([k0, k1], j) => {
    let sum = 0;
    for (let q = q0; q < q1; q += 1) for (let k = k0; k < k1; k += 1) sum += full[q * S + k];
    small[i * n + j] = sum / (q1 - q0);
  }));
  return small;
}

// [CLS] alone, then runs of neighbouring words: half-open ranges over the S positions.
function overviewGroups(side) {
  const step = Math.ceil((side - 1) / (OVERVIEW_GROUPS - 1));
  const groups = [[0, 1]];
  for (let at = 1; at < side; at += step) groups.push([at, Math.min(side, at + step)]);
  return groups;
}

// The round number that holds every difference of the two arms, so that the scale stands still while scrubbing.
function differenceRange(model, arm) {
  const [, E, , L, H, S] = model.shape;
  const stretch = L * H * S * S;
  let most = 0;
  for (let e = 0; e < E; e += 1) {
    if (!model.recorded[e]) continue;
    const [a, b] = [e * stretch, (arm * E + e) * stretch];
    for (let i = 0; i < stretch; i += 1) {
      most = Math.max(most, Math.abs(model.attention[b + i] - model.attention[a + i]));
    }
  }
  return [0.05, 0.1, 0.25, 0.5].find((range) => most / 255 <= range) ?? 1;
}

// Common geometry of the attention maps: as many beside one another as keep their cells legible.
function mapLayout(context, labels, width, count, theme) {
  const n = labels.length;
  const words = n <= LABELLED;
  const gap = 16;
  context.font = `12px ${theme.font}`;
  const labelSpace = words ? Math.ceil(widest(context, labels, 76)) + 6 : 0;
  const cellOf = (across) => (width - labelSpace - gap * (across - 1)) / across / n;
  const wanted = words ? 11.5 : 6; // below that, words beside the cells or the cells themselves are no longer legible
  let across = Math.min(count, count === 4 ? 2 : 3);
  while (across > 1 && cellOf(across) < wanted) across -= 1;
  let cell = Math.min(cellOf(across), words ? Math.max(30, 130 / n) : 320 / n);
  if (cell > 4) cell = Math.floor(cell);
  return { n, across, cell, side: cell * n, labelSpace, words, gap, size: Math.max(9, Math.min(12, cell - 1)) };
}

function drawMapLabels(canvas, layout, labels, theme, withRows) {
  const left = withRows ? layout.labelSpace : 0;
  const context = fit(canvas, left + layout.side, layout.labelSpace + layout.side);
  if (!layout.words) return;
  context.font = `${layout.size}px ${theme.font}`;
  context.fillStyle = css(theme.text);
  context.textBaseline = "middle";
  labels.forEach((label, i) => {
    const middle = (i + 0.5) * layout.cell;
    const text = shorten(context, label, layout.labelSpace - 6);
    if (withRows) {
      context.textAlign = "right";
      context.fillText(text, left - 5, layout.labelSpace + middle);
    }
    drawUpwards(context, text, left + middle, layout.labelSpace - 4, layout.size);
  });
}

// Words turn on their side; Chinese characters stand upright under one another.
function drawUpwards(context, text, x, bottom, size) {
  if (/^[\p{Script=Han}…]+$/u.test(text)) {
    context.textAlign = "center";
    [...text].reverse().forEach((character, i) => context.fillText(character, x, bottom - (i + 0.5) * size));
    return;
  }
  context.save();
  context.translate(x, bottom);
  context.rotate(-Math.PI / 2);
  context.textAlign = "left";
  context.fillText(text, 0, 0);
  context.restore();
}

const stamp = document.createElement("canvas"); // one pixel per cell, enlarged in a single drawing call

function drawCells(canvas, layout, values, colourOf, theme, withRows) {
  const { n, side, cell } = layout;
  if (stamp.width !== n || stamp.height !== n) Object.assign(stamp, { width: n, height: n });
  const small = stamp.getContext("2d");
  const image = small.createImageData(n, n);
  for (let i = 0; i < n * n; i += 1) {
    const colour = colourOf(values[i]);
    for (let c = 0; c < 3; c += 1) image.data[i * 4 + c] = colour[c];
    image.data[i * 4 + 3] = 255;
  }
  small.putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  const [x, y] = [withRows ? layout.labelSpace : 0, layout.labelSpace];
  context.imageSmoothingEnabled = false;
  context.drawImage(stamp, x, y, side, side);
  if (cell < 8) return;
  context.fillStyle = css(theme.background);
  for (let i = 1; i < n; i += 1) {
    context.fillRect(x + i * cell - 1, y, 1, side);
    context.fillRect(x, y + i * cell - 1, side, 1);
  }
}

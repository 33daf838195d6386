// Colours. web/__init__.py puts COLORS (mask, attention, attention_power, attention_span, inks) before this script, so that Python and
// the browser use the same scales.

// "#rrggbb" or "#rgb" → [r, g, b], 0-255 each.
export function hexToRgb(hex) {
  const text = hex.replace("#", "");
  const full = text.length === 3 ? [...text].map((c) => c + c).join("") : text;
  return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16) || 0);
}

export function blend(a, b, part) {
  return a.map((value, i) => Math.round(value + (b[i] - value) * part));
}

export const css = (rgb) => `rgb(${rgb.join(" ")})`;

export function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// A dark or a light ink, whichever has more contrast.
export function inkOn(rgb) {
  return luminance(rgb) > 0.179 ? COLORS.inks[0] : COLORS.inks[1];
}

// 256 colours along the stops, for values 0-255.
function ramp(stops, power = 1) {
  const colours = stops.map(hexToRgb);
  return Array.from({ length: 256 }, (_, i) => {
    const x = (i / 255) ** power * (colours.length - 1);
    const k = Math.min(Math.floor(x), colours.length - 2);
    return blend(colours[k], colours[k + 1], x - k);
  });
}

export const maskRamp = (dark) => ramp(COLORS.mask[dark ? "dark" : "light"]);
// Attention against an even share, which is in the middle.
export const attentionRamp = (dark) => ramp(COLORS.attention[dark ? "dark" : "light"]);
// Attention as it is, from 0 to 1: the upper half of the same colours.
export const weightRamp = (dark) => ramp(COLORS.attention[dark ? "dark" : "light"].slice(3), COLORS.attention_power);

// Arm colours are chosen for a white page; on a dark page they are lighter, with the same hue.
export const armColour = (hex, dark) => (dark ? blend(hexToRgb(hex), [255, 255, 255], 0.3) : hexToRgb(hex));

// 255 colours from one arm's colour over neutral (index 127) to the other's.
export function divergingRamp(less, neutral, more) {
  return Array.from({ length: 255 }, (_, i) => {
    const x = (i - 127) / 127;
    return blend(neutral, x < 0 ? less : more, Math.abs(x) ** 0.75);
  });
}

// Colours as the CSS background of a legend's bar.
export function gradient(colours) {
  const stops = Array.from({ length: 17 }, (_, i) => css(colours[Math.round((i / 16) * (colours.length - 1))]));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

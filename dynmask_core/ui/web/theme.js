// The current colours and fonts, read from Streamlit's --st-* variables at the component.
import { armColour, attentionRamp, blend, css, hexToRgb, inkOn, luminance, maskRamp, weightRamp } from "./scale.js";

const LABEL_FONT = '"Noto Sans Mono CJK SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", monospace';

export function readTheme(element) {
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
  const codeFont = style.getPropertyValue("--st-code-font").trim();
  const mask = maskRamp(dark);
  const letters = Number(style.getPropertyValue("--letters")) || 1; // how much larger words are drawn, for a projector
  return {
    dark, background, text, mask, letters,
    name: dark ? "dark" : "light",
    muted: css(blend(background, text, 0.62)),
    maskInk: mask.map(inkOn),
    maskCss: mask.map(css),
    backgroundCss: css(background),
    attention: attentionRamp(dark),
    weights: weightRamp(dark),
    arm: (hex) => armColour(hex, dark),
    neutral: blend(background, text, 0.04),
    font: codeFont && codeFont !== "unset" ? `${codeFont}, ${LABEL_FONT}` : LABEL_FONT,
    sans: style.fontFamily,
    signature: [css(background), css(text), style.getPropertyValue("--st-primary-color"), codeFont, letters].join("|"),
  };
}

"""Colours with the same meaning everywhere: in pages, in reports, and in what the browser draws (see ui/web)."""

from __future__ import annotations

from typing import Literal

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

BASELINE = "#64748b"
OTHERS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7")
"""Colour-blind safe (Okabe and Ito)."""
# Masks and attention get different hues, so that nobody confuses the two scales.
MASK: dict[Theme, tuple[str, ...]] = {
    "light": ("#eef1f2", "#8fc4c3", "#0a5c68"),
    "dark": ("#20262f", "#2f7377", "#7fe0d6"),
}
"""From 0 (removed) to 1 (kept) in equal steps; colours in between are mixed."""
ATTENTION: dict[Theme, tuple[str, ...]] = {
    "light": ("#5f3300", "#b8690a", "#efb254", "#f3f1f5", "#a594dd", "#6a4db6", "#2a1160"),
    "dark": ("#ffd9a0", "#e39a2e", "#8a5a14", "#24222e", "#5c47a0", "#9a83e6", "#e2d9ff"),
}
"""Attention against an even share, from ×1/8 over the even share to ×8 in equal steps of its logarithm: orange and
purple can also be told apart by readers who confuse red and green."""
ATTENTION_SPAN = 3.0
"""log₂ of the largest multiple of an even share that has a colour of its own."""
INKS = ("#000000", "#ffffff")
"""Colours for text: on any background, the better of the two has a contrast of at least 4.5 to 1."""
ATTENTION_POWER = 0.6
"""Weights as they are, from 0 to 1, have the upper half of these colours. Attention over n words is about 1/n each:
weight ** power keeps such values visible."""


def arm_color(index: int) -> str:
    """The colour of an arm, the same everywhere. index: its place in the experiment, 0 for the baseline."""
    return BASELINE if index == 0 else OTHERS[(index - 1) % len(OTHERS)]


def on_dark(color: str) -> str:
    """An arm's colour on a dark page: lighter, with the same hue; the browser's scripts do the same."""
    return "#" + "".join(f"{round(part + (255 - part) * 0.3):02x}" for part in _rgb(color))


def mask_color(value: float, theme: Theme) -> tuple[str, str]:
    """The colour of a mask value in [0, 1] and of text on it, as "#rrggbb"."""
    stops = [_rgb(stop) for stop in MASK[theme]]
    place = value * (len(stops) - 1)
    below = min(int(place), len(stops) - 2)
    mixed = [a + (b - a) * (place - below) for a, b in zip(stops[below], stops[below + 1], strict=True)]
    # Relative luminance of WCAG 2; at 0.179 black and white text have equal contrast.
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in mixed)]
    bright = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179
    return "#" + "".join(f"{round(part):02x}" for part in mixed), INKS[0] if bright else INKS[1]


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color.removeprefix("#")))

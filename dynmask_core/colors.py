"""An arm keeps one colour everywhere: the baseline slate, the others from the colour-blind-safe Okabe–Ito set."""

from __future__ import annotations

BASELINE = "#64748b"
OTHERS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7")


def arm_color(index: int) -> str:
    """index: place of the arm in its experiment, the baseline first."""
    return BASELINE if index == 0 else OTHERS[(index - 1) % len(OTHERS)]

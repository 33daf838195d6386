"""No mask but the padding's: what every other arm is measured against."""

from __future__ import annotations

from dynmask_core.masks.base import MaskStrategy, register


@register
class NoMask(MaskStrategy):
    """Every token is kept, whole. The strongest baseline on most data."""

    name = "none"
    family = "baseline"
    site = "none"
    refresh = "never"
    source = "none"
    formula = r"m = 1"

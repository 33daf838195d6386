"""No mask except for padding: what every other arm is compared with."""

from __future__ import annotations

from dynmask_core.masks.base import MaskStrategy, register


@register
class NoMask(MaskStrategy):
    """Keeps every token unchanged. The strongest baseline on most data."""

    name = "none"
    family = "baseline"
    site = "none"
    refresh = "never"
    source = "none"
    formula = r"m = 1"

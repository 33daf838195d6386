"""Every edge: the pattern that all others are compared with."""

from __future__ import annotations

from dynmask_core.masks.base import register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.patterns import MaskMod
from dynmask_core.masks.pattern_mask import PatternMask


@register
class FullAttention(PatternMask):
    """Every token sees every token: the same result as `none`, computed with a dense mask."""

    name = "full"
    paper = "Vaswani et al. 2017, Attention Is All You Need"
    formula = r"M_{qk} = 1"
    hub = True

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        return patterns.full(), 1, 1

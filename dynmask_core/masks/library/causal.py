"""Causal attention: no token sees what comes after it."""

from __future__ import annotations

from dynmask_core.masks.base import register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.patterns import MaskMod
from dynmask_core.masks.pattern_mask import PatternMask


@register
class CausalAttention(PatternMask):
    """The mask of text generators; for a classifier, which has the whole text, it is only a restriction."""

    name = "causal"
    needs = frozenset({"order"})
    paper = "Vaswani et al. 2017, Attention Is All You Need"
    formula = r"M_{qk} = [\,k \le q\,]"

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        return patterns.causal(), 1, 1

"""An open prefix; the rest is causal."""

from __future__ import annotations

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.patterns import MaskMod
from dynmask_core.masks.pattern_mask import PatternMask, texts_of


@register
class PrefixAttention(PatternMask):
    """All tokens see the prefix; a token after it is seen only by itself and by the tokens that follow.

    The prefix is the one given with the text, else [CLS] and the first `length` tokens.
    """

    name = "prefix"
    needs = frozenset({"order"})
    paper = "Raffel et al. 2020, T5"
    formula = r"M_{qk} = [\,k \le \max(q, \text{length})\,]"
    parameters = (Param("length", 8, 0, 512),)

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        given = context.prefix
        return patterns.prefix(1 + int(self.values["length"]) if given is None else given), texts_of(given), 1

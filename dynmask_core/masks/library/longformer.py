"""Longformer's pattern: a sliding window, and a few tokens that are connected with all."""

from __future__ import annotations

from collections.abc import Mapping

from dynmask_core.masks.base import Need, Param, Value, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.patterns import MaskMod
from dynmask_core.masks.pattern_mask import PatternMask, texts_of


@register
class LongformerAttention(PatternMask):
    """Window of `width` on either side; [CLS] and the first `length` tokens see all and are seen by all.

    Through [CLS], information passes between any two tokens within two layers.
    """

    name = "longformer"
    paper = "Beltagy, Peters & Cohan 2020, Longformer"
    formula = r"M_{qk} = [\,|q-k| \le \text{width}\,] \lor G_{qk},\quad G_{qk} = [\,\min(q,k) \le \text{length}\,]"
    parameters = (Param("width", 4, 0, 512), Param("length", 0, 0, 512))
    hub = True

    @classmethod
    def needs_of(cls, values: Mapping[str, Value]) -> frozenset[Need]:
        return frozenset({"order"}) if values.get("length") else cls.needs

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        window = patterns.sliding_window(int(self.values["width"]), context.coordinates)
        mod = patterns.or_masks(window, patterns.global_tokens(1 + int(self.values["length"])))
        return mod, texts_of(context.coordinates), 1

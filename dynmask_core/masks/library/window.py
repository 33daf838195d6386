"""A sliding window: every token sees only its neighbourhood."""

from __future__ import annotations

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.patterns import MaskMod
from dynmask_core.masks.pattern_mask import PatternMask, texts_of


@register
class WindowAttention(PatternMask):
    """`width` neighbours on either side; with L layers information travels up to L × width places.

    On a grid the neighbours are a square, and [CLS] sees all and is seen by all.
    """

    name = "window"
    paper = "Beltagy, Peters & Cohan 2020, Longformer"
    formula = r"M_{qk} = [\,|q-k| \le \text{width}\,]"
    parameters = (Param("width", 8, 0, 512),)

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        mod = patterns.sliding_window(int(self.values["width"]), context.coordinates)
        return mod, texts_of(context.coordinates), 1

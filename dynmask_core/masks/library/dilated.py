"""A window with gaps: it reaches farther with the same number of edges."""

from __future__ import annotations

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.patterns import MaskMod
from dynmask_core.masks.pattern_mask import PatternMask, texts_of


@register
class DilatedAttention(PatternMask):
    """`width` neighbours on either side, `step` places apart.

    The gaps are the same in all layers: tokens whose distance is not a multiple of `step` never exchange information.
    On a grid this holds along each axis, and [CLS] sees all and is seen by all.
    """

    name = "dilated"
    paper = "Beltagy, Peters & Cohan 2020, Longformer"
    formula = r"M_{qk} = [\,|q-k| \le \text{width}\cdot\text{step}\,]\,[\,\text{step} \mid q-k\,]"
    parameters = (Param("width", 4, 0, 512), Param("step", 2, 1, 64))

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        mod = patterns.dilated(int(self.values["width"]), int(self.values["step"]), context.coordinates)
        return mod, texts_of(context.coordinates), 1

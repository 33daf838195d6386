"""BigBird's pattern: a window, global tokens, and random blocks."""

from __future__ import annotations

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.patterns import MaskMod
from dynmask_core.masks.pattern_mask import PatternMask, texts_of


@register
class BigBirdAttention(PatternMask):
    """Like longformer, and each block of `size` is connected with `count` random earlier ones, drawn per head."""

    name = "bigbird"
    needs = frozenset({"order"})
    refresh = "dataset"
    source = "random"
    paper = "Zaheer et al. 2020, Big Bird: Transformers for Longer Sequences"
    formula = (
        r"M_{qk} = [\,|q-k| \le \text{width}\,] \lor G_{qk} \lor R_h(\text{seed})_{qk},\quad "
        r"G_{qk} = [\,\min(q,k) \le \text{length}\,]"
    )
    parameters = (
        Param("width", 2, 0, 512),
        Param("count", 1, 0, 64),
        Param("size", 2, 1, 64),
        Param("length", 0, 0, 512),
    )
    hub = True

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        width, count, size, length = (int(self.values[name]) for name in ("width", "count", "size", "length"))
        heads = self.setting.model.heads
        drawn = patterns.random_blocks(self.seed, count, size, heads, context.attention_mask.shape[1])
        window = patterns.sliding_window(width, context.coordinates)
        mod = patterns.or_masks(window, patterns.global_tokens(1 + length), drawn)
        return mod, texts_of(context.coordinates), heads

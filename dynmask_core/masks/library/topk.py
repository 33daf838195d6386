"""Progressive word-vector elimination: after every block the tokens that received the least attention leave."""

from __future__ import annotations

from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import LayerContext
from dynmask_core.masks.ops.ranks import largest
from dynmask_core.masks.ops.received import received
from dynmask_core.masks.plan import MaskPlan


@register
class TopK(MaskStrategy):
    """Before block ℓ ≥ 1 each text keeps the round(keep·n) of its n remaining words that block ℓ−1 attended to most.

    This is the same in training and in prediction. PoWER-BERT learns how many to keep in each block; here it is `keep`.
    PoWER-BERT classifies by [CLS]; here, with pool=all, removed words still count in the average over the text, just as
    dropped tokens come back after the last block in Hou et al. 2022. fuse=yes: those that leave go on as one unit, the
    mean of their vectors weighted by the attention they received, at the place of the strongest of them (EViT); they
    then count in the average as this unit. keep=0.7 is DynamicViT's ratio of each stage: .7, .49, .34 …
    """

    name = "topk"
    family = "removal"
    site = "removal"
    refresh = "forward"
    source = "attention"
    needs = frozenset({"attention"})
    paper = "Goyal et al. 2020, PoWER-BERT; Liang et al. 2022, EViT (fuse)"
    formula = r"\text{keep}\ \mathrm{top}_{\rho n}\ \textstyle\sum_{h,q} A^{\ell-1}_{h,q,i}"
    parameters = (
        Param("keep", "1..0.5", 0.05, 1.0, scheduled=True),
        Param("pool", "all", choices=("all", "kept")),
        Param("fuse", "no", choices=("no", "yes")),
    )

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        if context.attention is None:
            return MaskPlan()
        words = context.maskable
        count = words.sum(1)
        stay = (self.at("keep") * count).round().clamp_min(1)
        seen = received(context.attention, context.keep)
        keep = largest(seen, words, stay) | ~words
        if self.values["fuse"] == "yes":
            return MaskPlan(keep=keep, fuse=seen.detach())
        return MaskPlan(keep=keep, pool_removed=self.values["pool"] == "all")

"""Entmax in the place of softmax: attention with exact zeros."""

from __future__ import annotations

from functools import partial

from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.plan import MaskPlan
from dynmask_core.masks.sparse import entmax


@register
class EntmaxAttention(MaskStrategy):
    """Which edges are 0 follows from the scores, anew in every forward pass; nothing is drawn and nothing learned."""

    name = "entmax"
    replaces = "attention_map"
    family = "attention"
    site = "attention"
    refresh = "forward"
    source = "none"
    paper = "Peters, Niculae & Martins 2019, Sparse Sequence-to-Sequence Models"
    formula = r"p = \big[(\alpha-1)\,x - \tau\big]_+^{1/(\alpha-1)}, \quad \textstyle\sum p = 1"
    parameters = (Param("alpha", 1.5, 1.0, 2.0, scheduled=True),)

    def plan(self, context: MaskContext) -> MaskPlan:
        return MaskPlan(attention_map=partial(entmax, alpha=self.at("alpha")))

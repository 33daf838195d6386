"""Dynamic mask attention: a learned mask on the edges, from the query's state, the distance and the head."""

from __future__ import annotations

import numpy as np

from dynmask_core.lazy import F
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import CorpusStatistics, LayerContext
from dynmask_core.masks.ops.patterns import distances
from dynmask_core.masks.plan import MaskPlan

OPEN = 2.0
"""Initial U: a mask of 0.88 on every edge. The softmax cancels it, so training begins as if there were no mask."""


@register
class DynamicMaskAttention(MaskStrategy):
    """m = σ(h_q·w + P_{k−q} + U_h) multiplies the softmax's numerators: its logarithm is added to the scores.

    The heads of a layer share w and P, as in the paper's code; distances beyond `reach` share one P. The paper puts
    such a layer before an ordinary one; here every layer's attention has the mask.
    """

    name = "dman"
    needs = frozenset({"order"})
    family = "attention"
    site = "attention"
    refresh = "batch"
    source = "learned"
    paper = "Fan et al. 2021, Mask Attention Networks: Rethinking and Strengthen Transformer"
    formula = r"\mathrm{softmax}\Big(\frac{QK^\top}{\sqrt d} + \log\sigma\big(h_q w + P_{k-q} + U_h\big)\Big)"
    parameters = (Param("reach", 32, 1, 512),)

    def fit(self, corpus: CorpusStatistics) -> None:
        model = self.setting.model
        self.learn("query", np.zeros((model.layers, model.dim)))
        self.learn("distance", np.zeros((model.layers, 2 * int(self.values["reach"]) + 1)))
        self.learn("head", np.full((model.layers, model.heads), OPEN))

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        query, distance, head = (self.trainable[name][context.layer] for name in ("query", "distance", "head"))
        reach = int(self.values["reach"])
        place = distances(context.position).clamp(-reach, reach) + reach
        logit = (context.hidden @ query)[:, None, :, None] + distance[place][:, None] + head[:, None, None]
        return MaskPlan(attention_bias=F.logsigmoid(logit))  # [B, H, T', T']

"""Top-w dynamic keys: every head scores the tokens, and only those with the best scores can be seen."""

from __future__ import annotations

import numpy as np

from dynmask_core.keys import generator
from dynmask_core.lazy import F, torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import CorpusStatistics, LayerContext
from dynmask_core.masks.ops.ranks import largest
from dynmask_core.masks.plan import MaskPlan


@register
class TopKeys(MaskStrategy):
    """b = A_h · softplus(h_k·w_h); per head and text the `width` words of largest b stay, the same for all queries.

    [CLS] always stays and is not counted. b is added to the scores of what stays, and learns that way. The original
    reads the value vectors; this reads the state that they are made from.
    """

    name = "topw"
    family = "attention"
    site = "attention"
    refresh = "batch"
    source = "learned"
    paper = "Shi et al. 2025, Trainable Dynamic Mask Sparse Attention (flash-dmattn)"
    formula = r"b_{hk} = A_h\,\mathrm{softplus}(h_k w_h), \quad M_{qk} = [\,k \in \text{top-}w(b_h)\,]"
    parameters = (Param("width", 8, 0, 512),)

    def fit(self, corpus: CorpusStatistics) -> None:
        model = self.setting.model
        shape = (model.layers, model.heads, model.dim)
        # Not zero: with equal scores the choice would be arbitrary.
        self.learn("key", generator(self.seed, "top keys").normal(0, 0.02, shape))
        self.learn("scale", np.ones(shape[:2]))

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        key, scale = self.trainable["key"][context.layer], self.trainable["scale"][context.layer]
        bias = scale[:, None] * F.softplus(key @ context.hidden.transpose(1, 2))  # [B, H, T']
        words = context.maskable[:, None]
        width = torch.tensor(int(self.values["width"]), device=bias.device)
        kept = ~words | largest(bias.detach(), words, width)
        return MaskPlan(attention_bias=bias.masked_fill(~kept, -torch.inf)[:, :, None])

"""Adaptive attention span: every head learns how far it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import CorpusStatistics, LayerContext, MaskContext
from dynmask_core.masks.ops.patterns import distances
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor


@register
class AdaptiveSpan(MaskStrategy):
    """A head fully sees tokens up to z · reach away on either side, and none more than `ramp` beyond that.

    In the ramp the mask falls from 1 to 0; its logarithm is added to the scores, so it multiplies the weights before
    they are normalised. weight × the mean of z is added to the loss. Spans start at half of `reach`.
    """

    name = "adaptivespan"
    needs = frozenset({"order"})
    family = "attention"
    site = "attention"
    refresh = "batch"
    source = "learned"
    paper = "Sukhbaatar et al. 2019, Adaptive Attention Span in Transformers"
    formula = r"m_{qk} = \mathrm{clip}\Big(\frac{R + z_h S - |q-k|}{R}\Big), \quad \mathcal{L} + \lambda\,\overline{z}"
    parameters = (
        Param("reach", 32, 1, 512),
        Param("ramp", 4, 1, 128),
        Param("weight", 0.03, 0.0, 10.0, scheduled=True),
    )

    def fit(self, corpus: CorpusStatistics) -> None:
        self.learn("span", np.full((self.setting.model.layers, self.setting.model.heads), 0.5))

    def plan(self, context: MaskContext) -> MaskPlan:
        span = self.trainable["span"]
        if context.split != "train":
            return MaskPlan()
        with torch.no_grad():
            span.clamp_(0, 1)  # outside [0, 1] no gradient would bring it back
        return MaskPlan(aux_loss=self.at("weight") * span.mean())

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        span = self.trainable["span"][context.layer].clamp(0, 1) * float(self.values["reach"])
        away = distances(context.position).abs()[:, None]
        mask = (1 + (span[:, None, None] - away) / float(self.values["ramp"])).clamp(0, 1)  # [B or 1, H, T', T']
        return MaskPlan(attention_bias=log_mask(mask))


def log_mask(mask: Tensor) -> Tensor:
    """mask float in [0, 1] → log mask; −inf with gradient 0 where the mask is 0."""
    seen = mask > 0
    return torch.where(seen, torch.where(seen, mask, 1.0).log(), -torch.inf)

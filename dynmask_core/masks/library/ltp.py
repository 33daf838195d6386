"""Learned token pruning: a learned threshold on received attention, soft while it is learned, hard afterwards."""

from __future__ import annotations

import numpy as np

from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import CorpusStatistics, LayerContext
from dynmask_core.masks.ops.received import received
from dynmask_core.masks.plan import MaskPlan

SCALE = 0.1
"""Thresholds are learned in these units: attention in a small model is so even (a standard deviation of 0.02 around 1)
that a normal optimizer step would jump over all tokens."""


@register
class LearnedTokenPruning(MaskStrategy):
    """Token i enters block ℓ if the attention it received in block ℓ−1 reaches a threshold θ_ℓ.

    In the first `soft` share of the epochs a gate σ((s − θ)/T) multiplies the token and θ learns, pulled up by `weight`
    × the mean gate; then θ is fixed and tokens below it leave the sequence. Unlike in the published code, s counts only
    valid tokens, in multiples of an even share 1/n, so that one θ fits short and long texts. And the pull ends at
    `target`: in a small model all s are so close to 1 that a rising θ would pass all of them at once.
    """

    name = "ltp"
    family = "removal"
    site = "removal"
    refresh = "forward"
    source = "learned"
    needs = frozenset({"attention"})
    paper = "Kim et al. 2022, Learned Token Pruning for Transformers"
    formula = (
        r"m_i = \sigma\big((s_i-\theta_\ell)/T\big),\quad s_i = \tfrac{1}{H}\textstyle\sum_{h,q} A^{\ell-1}_{h,q,i}"
    )
    parameters = (
        Param("target", 0.5, 0.0, 1.0),
        Param("weight", 0.1, 0.0, 10.0),
        Param("temperature", "0.03..0.003", 0.0001, 10.0, scheduled=True),
        Param("soft", 0.5, 0.0, 1.0),
    )

    def fit(self, corpus: CorpusStatistics) -> None:
        # Just below what an average token receives, and a little higher in each block: later blocks prune more.
        self.learn("threshold", np.linspace(0.9, 0.95, self.setting.model.layers) / SCALE)

    @property
    def hard(self) -> bool:
        """True once thresholds are fixed and tokens leave."""
        return self.epoch > float(self.values["soft"]) * self.setting.epochs

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        if context.attention is None:
            return MaskPlan()
        words = context.maskable
        threshold = SCALE * self.trainable["threshold"][context.layer]
        above = received(context.attention, context.keep) - threshold
        if self.hard:
            return MaskPlan(keep=(above.detach() >= 0) | ~words)
        gate = torch.where(words, torch.sigmoid(above / self.at("temperature")), 1.0)
        mean = (gate * words).sum() / words.sum().clamp_min(1)
        excess = (mean - float(self.values["target"])).clamp_min(0)
        return MaskPlan(token_gate=gate, aux_loss=float(self.values["weight"]) * excess)

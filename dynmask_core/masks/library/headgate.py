"""Hard concrete gates on heads: training finds out which heads it does not need."""

from __future__ import annotations

import numpy as np

from dynmask_core.keys import seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.gates import GAIN, TARGET, Constrained
from dynmask_core.masks.ops.relaxed import concrete_fixed, concrete_open, concrete_sample, straight_through
from dynmask_core.masks.plan import MaskPlan

START = 2.0
"""Initial log α: heads start open."""


@register
class HeadGateMask(Constrained):
    """One log α per head, random gates per text in training; in prediction, heads with gate 0 leave the matrices.

    The paper weighs the number of open heads against the loss of a converged model. Here a share of open heads is the
    target from the first step on, and the multiplier finds the weight.
    """

    name = "headgate"
    family = "head"
    site = "head"
    paper = "Voita et al. 2019, Analyzing Multi-Head Self-Attention (and Louizos, Welling & Kingma 2018)"
    formula = r"\xi_h \sim \mathrm{HardConcrete}(\log\alpha_h),\quad \overline{[\xi>0]} \to \text{target}"
    parameters = (TARGET, Param("temperature", 0.33, 0.05, 2.0, scheduled=True))

    def fit(self, corpus: CorpusStatistics) -> None:
        self.learn("log_alpha", np.full((self.setting.model.layers, self.setting.model.heads), START / GAIN))

    def plan(self, context: MaskContext) -> MaskPlan:
        log_alpha = GAIN * self.trainable["log_alpha"]
        fixed = concrete_fixed(log_alpha)
        if context.split != "train":
            return MaskPlan(head_gate=fixed, head_keep=(fixed > 0).cpu())
        temperature = self.at("temperature")
        key = seed_of(self.seed, self.name, context.epoch, context.step)
        drawn = uniform_grid(key, context.sample.cpu().numpy(), log_alpha.numel())
        noise = torch.from_numpy(drawn).to(log_alpha).view(-1, *log_alpha.shape)
        share = straight_through(concrete_open(log_alpha, temperature), fixed > 0).mean()
        loss = self.constraint.loss(share - float(self.values["target"]))
        return MaskPlan(head_gate=concrete_sample(log_alpha, noise, temperature), aux_loss=loss)

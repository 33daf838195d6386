"""Hard concrete gates computed from each unit's vector: for inputs without words, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.keys import generator, seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import CorpusStatistics, LayerContext
from dynmask_core.masks.gates import TARGET
from dynmask_core.masks.ops.relaxed import concrete_fixed, concrete_open, concrete_sample, straight_through
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

WIDTH = 16
PULL = 30.0
"""Weight of (share of open gates − target)². A multiplier that learns, as the gates of words have, closes all gates of
this kind at once."""


@register
class VectorGate(MaskStrategy):
    """A small network reads the vector of a unit, its place included, before the first block, and decides whether the
    unit stays: random gates in training, fixed ones in prediction. Units with gate 0 leave.

    On pictures it finds ink, and so does brightness: compare before you call it attention to the object.
    """

    name = "vectorgate"
    family = "gate"
    site = "removal"
    refresh = "forward"
    source = "learned"
    paper = "Louizos, Welling & Kingma 2018 (the gate); Rao et al. 2021, DynamicViT (computed from the vector)"
    formula = (
        r"\log\alpha_i = f(x_i),\quad m_i = \mathrm{clip}\big(1.2\,\sigma(\cdot) - 0.1\big),\quad"
        r"\overline{[m>0]} \to \text{target}"
    )
    parameters = (TARGET, Param("temperature", 2 / 3, 0.05, 2.0, scheduled=True))

    def fit(self, corpus: CorpusStatistics) -> None:
        dim, rng = self.setting.model.dim, generator(self.seed, "vector gate")
        self.learn("in", rng.normal(0, dim**-0.5, (dim, WIDTH)))
        self.learn("in_bias", np.zeros(WIDTH))
        # Random from the start: equal gates would all close in the same step.
        self.learn("out", rng.normal(0, 0.25, (WIDTH, 1)))
        self.learn("out_bias", np.zeros(1))

    def scores(self, hidden: Tensor) -> Tensor:
        """hidden float [B, T, D] → log α, float [B, T]."""
        learned = self.trainable
        inside = torch.tanh(hidden @ learned["in"] + learned["in_bias"])
        return (inside @ learned["out"] + learned["out_bias"])[..., 0]

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        if context.layer:
            return MaskPlan()
        batch, units, loss = context.batch, context.maskable, None
        scores = self.scores(context.hidden)
        if batch.split == "train":
            key = seed_of(self.seed, self.name, batch.epoch, batch.step)
            width = batch.attention_mask.shape[1]
            drawn = torch.from_numpy(uniform_grid(key, batch.sample.cpu().numpy(), width)).to(scores)
            noise = drawn.gather(1, context.position)
            gate = concrete_sample(scores, noise, self.at("temperature"))
            share = straight_through(concrete_open(scores, self.at("temperature")), concrete_fixed(scores) > 0)
            mean = (share * units).sum() / units.sum().clamp_min(1)
            loss = PULL * (mean - float(self.values["target"])) ** 2
        else:
            gate = concrete_fixed(scores)
        gate = torch.where(units, gate, 1.0)
        return MaskPlan(token_gate=gate, keep=gate > 0, aux_loss=loss)

"""Band gate: which bands of a sound are let through is learned, moment by moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.keys import generator
from dynmask_core.lazy import F, torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

STRENGTH = 30.0
"""Of the spring that holds the open share at its target; a multiplier that learns can close the gate for good."""


@register
class BandGate(MaskStrategy):
    """A gate in [0, 1] for every band of every unit, computed from that unit alone: σ(W x + b). It learns from the
    classes, as the model does; the mean gate is held near `target`.

    A closed gate leaves the band's mean loudness. Nothing tells it what is speech and what is noise.
    """

    name = "bandgate"
    family = "gate"
    site = "input"
    refresh = "forward"
    source = "learned"
    needs = frozenset({"bands"})
    paper = "Wang, Narayanan & Wang 2014, On Training Targets for Supervised Speech Separation (here without a target)"
    formula = r"m = \sigma(Wx + b),\quad x \to m \odot x,\quad + 30\,(\bar m - \text{target})^2"
    parameters = (Param("target", 0.5, 0.05, 1.0),)

    def fit(self, corpus: CorpusStatistics) -> None:
        size = corpus.features
        self.learn("weight", generator(self.seed, self.name).normal(0, size**-0.5, (size, size)))
        self.learn("bias", np.zeros(size))

    def plan(self, context: MaskContext) -> MaskPlan:
        there = context.maskable[..., None]
        gate = self._gate(context.units)
        loss: Tensor | None = None
        if context.split == "train":
            share = (gate * there).sum() / (there.sum() * gate.shape[-1]).clamp_min(1)
            loss = STRENGTH * (share - float(self.values["target"])) ** 2
        return MaskPlan(feature_gate=torch.where(there, gate, 1.0), aux_loss=loss)

    def _gate(self, units: Tensor) -> Tensor:
        """[B, T, F] → [B, T, F] in [0, 1]."""
        scores: Tensor = F.linear(units, self.trainable["weight"], self.trainable["bias"])
        return scores.sigmoid()

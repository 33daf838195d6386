"""Masks whose values follow what the loss says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dynmask_core.config import Controls
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.plan import MaskPlan
from dynmask_core.masks.word_table import TokenValues, moved

if TYPE_CHECKING:
    from torch import Tensor


def z_scores(count: np.ndarray, total: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Mean divided by standard error, float64 [V], from the number, sum and sum of squares of each word's values.

    0 if a word was seen less than twice or always with the same value: then there is no error to measure.
    """
    n = np.maximum(count, 2)
    mean = total / n
    error = np.sqrt(np.maximum(squares / n - mean**2, 0.0) / (n - 1))
    return np.where((count >= 2) & (error > 1e-12), mean / np.maximum(error, 1e-12), 0.0)


class LossDriven(TokenValues):
    """A table of V values, one for each kind of unit, that move by ±α per epoch where |z| > τ; z is the mean of −∂L/∂m
    over all units of a kind, in standard errors.

    A subclass says which kind each unit is, and has `mask` when `fit` is called here.
    """

    saved: ClassVar[tuple[str, ...]] = ("mask", "seen")
    mask: np.ndarray
    """float32 [V]."""
    seen: np.ndarray
    """float64 [3, V]: count, sum and sum of squares of −∂L/∂m over the current epoch."""

    def kinds(self, context: MaskContext) -> Tensor:
        """int64 [B, T], in 0…V−1; those of units that are not maskable are ignored."""
        raise NotImplementedError

    def fit(self, corpus: CorpusStatistics) -> None:
        super().fit(corpus)
        self.seen = np.zeros((3, len(self.mask)))

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        super().on_epoch(epoch, controls)
        evidence = z_scores(*self.seen)
        self.seen = np.zeros_like(self.seen)
        self.mask = moved(self.mask, evidence, controls, self.at("pace"))

    def plan(self, context: MaskContext) -> MaskPlan:
        plan = super().plan(context)
        if context.split == "train" and plan.token_gate is not None:
            plan.token_gate.requires_grad_()
        return plan

    def feedback(self, context: MaskContext, plan: MaskPlan) -> None:
        if plan.token_gate is None or plan.token_gate.grad is None or plan.keep is None:
            return
        there = context.maskable & plan.keep
        kind = self.kinds(context)[there].cpu().numpy()
        # The loss is the mean over the batch, so the gradient of a sample's own loss is B times as large.
        gain = -plan.token_gate.grad[there].double().cpu().numpy() * len(there)
        for row, value in enumerate((np.ones_like(gain), gain, gain**2)):
            self.seen[row] += np.bincount(kind, value, minlength=len(self.mask))

"""The article's rule for places in place of words: ±α by whether a place lowers the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dynmask_core.config import Controls
from dynmask_core.data.limits import MAX_TOKENS
from dynmask_core.lazy import torch
from dynmask_core.masks.base import register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.library.gradient import z_scores
from dynmask_core.masks.plan import MaskPlan
from dynmask_core.masks.word_table import PACE, TokenValues

if TYPE_CHECKING:
    from torch import Tensor

PLACES = MAX_TOKENS + 1


@register
class PositionMask(TokenValues):
    """m_i of place i moves by ±α per epoch where |z_i| > τ; z is the mean of −∂L/∂m over the training samples, in
    standard errors: positive if a sample's loss would rise without what stands at this place.

    The article counts in which classes a word occurs. Every picture has all places, so counting says nothing there; the
    evidence is what the loss says, as in `gradient`. A place below θ leaves in all samples and never comes back.
    """

    name = "position"
    family = "gradient"
    source = "gradient"
    needs = frozenset()
    paper = "使用动态掩码而不是静态掩码 (the ± rule); Michel, Levy & Neubig 2019 (the evidence)"
    formula = (
        r"e_i = \frac{\mathrm{mean}(-\partial L/\partial m_i)}{\mathrm{standard\ error}},\quad "
        r"m_i \leftarrow \mathrm{clip}\big(m_i + \alpha\,\mathrm{sign}(e_i)\,[\,|e_i|>\tau\,]\big)"
    )
    parameters = (PACE,)
    uses = ("step_size", "evidence_threshold", "keep_threshold", "initial_value", "gate_mode")
    saved: ClassVar[tuple[str, ...]] = ("mask", "seen")
    mask: np.ndarray
    """float32 [PLACES]."""
    seen: np.ndarray
    """float64 [3, PLACES]: count, sum and sum of squares of −∂L/∂m over the current epoch."""

    def fit(self, corpus: CorpusStatistics) -> None:
        self.mask = np.full(PLACES, self.setting.mask.initial_value, dtype=np.float32)
        self.seen = np.zeros((3, PLACES))

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        super().on_epoch(epoch, controls)
        evidence = z_scores(*self.seen)
        self.seen = np.zeros_like(self.seen)
        direction = np.sign(evidence) * (np.abs(evidence) > controls.evidence_threshold)
        step = controls.step_size * self.at("pace")
        self.mask = np.clip(self.mask + step * direction, 0, 1).astype(np.float32)

    def token_values(self, context: MaskContext) -> Tensor:
        return torch.from_numpy(self.mask).to(context.device)[context.places]

    def plan(self, context: MaskContext) -> MaskPlan:
        plan = super().plan(context)
        if context.split == "train" and plan.token_gate is not None:
            plan.token_gate.requires_grad_()
        return plan

    def feedback(self, context: MaskContext, plan: MaskPlan) -> None:
        if plan.token_gate is None or plan.token_gate.grad is None or plan.keep is None:
            return
        there = context.maskable & plan.keep
        place = context.places[there].cpu().numpy()
        # The loss is the mean over the batch, so the gradient of a sample's own loss is B times as large.
        gain = -plan.token_gate.grad[there].double().cpu().numpy() * len(there)
        for row, value in enumerate((np.ones_like(gain), gain, gain**2)):
            self.seen[row] += np.bincount(place, value, minlength=PLACES)

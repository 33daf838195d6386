"""The article's rule for places in place of words: ±α by whether a place lowers the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.data.limits import MAX_TOKENS
from dynmask_core.lazy import torch
from dynmask_core.masks.base import register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.loss_driven import LossDriven
from dynmask_core.masks.word_table import PACE

if TYPE_CHECKING:
    from torch import Tensor

PLACES = MAX_TOKENS + 1


@register
class PositionMask(LossDriven):
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

    def fit(self, corpus: CorpusStatistics) -> None:
        self.mask = np.full(PLACES, self.setting.mask.initial_value, dtype=np.float32)
        super().fit(corpus)

    def kinds(self, context: MaskContext) -> Tensor:
        return context.places

    def token_values(self, context: MaskContext) -> Tensor:
        return torch.from_numpy(self.mask).to(context.device)[context.places]

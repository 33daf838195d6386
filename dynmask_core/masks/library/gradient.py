"""±α driven by the loss: words whose removal would raise it rise, words whose removal would lower it fall."""

from __future__ import annotations

import numpy as np

from dynmask_core.config import Controls
from dynmask_core.masks.base import register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.plan import MaskPlan
from dynmask_core.masks.word_table import PACE, WordMask


def z_scores(count: np.ndarray, total: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Mean divided by standard error, float64 [V], from the number, sum and sum of squares of each word's values.

    0 if a word was seen less than twice or always with the same value: then there is no error to measure.
    """
    n = np.maximum(count, 2)
    mean = total / n
    error = np.sqrt(np.maximum(squares / n - mean**2, 0.0) / (n - 1))
    return np.where((count >= 2) & (error > 1e-12), mean / np.maximum(error, 1e-12), 0.0)


@register
class GradientMask(WordMask):
    """m moves by ±α per epoch where |z| > τ; z is the mean of −∂L/∂m over a word's occurrences, in standard errors.

    First order: it estimates what a small change of the mask would do to a text's loss with the current model. Epoch 1
    has no evidence yet, and in the first epochs it comes from an untrained model. A word below θ is out of the text and
    has no gradient, so it never comes back, like a pruned weight. θ = 0 lets words return from 0.
    """

    name = "gradient"
    family = "gradient"
    source = "gradient"
    paper = "Michel, Levy & Neubig 2019, Are Sixteen Heads Really Better than One? (the evidence, there for heads)"
    formula = (
        r"e_w = \frac{\mathrm{mean}(-\partial L/\partial m_w)}{\mathrm{standard\ error}},\quad "
        r"m_w \leftarrow \mathrm{clip}\big(m_w + \alpha\,\mathrm{sign}(e_w)\,[\,|e_w|>\tau\,]\big)"
    )
    parameters = (PACE,)
    uses = ("step_size", "evidence_threshold", "keep_threshold", "initial", "initial_value", "gate_mode")
    saved = ("mask", "seen")
    seen: np.ndarray
    """float64 [3, V]: count, sum and sum of squares of −∂L/∂m over the current epoch."""

    def fit(self, corpus: CorpusStatistics) -> None:
        super().fit(corpus)
        self.seen = np.zeros((3, len(self.mask)))

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        super().on_epoch(epoch, controls)
        evidence = z_scores(*self.seen)
        self.seen = np.zeros_like(self.seen)
        self.move(evidence, controls)

    def plan(self, context: MaskContext) -> MaskPlan:
        plan = super().plan(context)
        if context.split == "train" and plan.token_gate is not None:
            plan.token_gate.requires_grad_()
        return plan

    def feedback(self, context: MaskContext, plan: MaskPlan) -> None:
        if plan.token_gate is None or plan.token_gate.grad is None or plan.keep is None:
            return
        there = context.maskable & plan.keep
        word = context.input_ids[there].cpu().numpy()
        # The loss is the mean over the batch, so the gradient of a text's own loss is B times as large.
        gain = -plan.token_gate.grad[there].double().cpu().numpy() * len(context.input_ids)
        for row, value in enumerate((np.ones_like(gain), gain, gain**2)):
            self.seen[row] += np.bincount(word, value, minlength=len(self.mask))

"""±α driven by the loss: words whose removal would raise it rise, words whose removal would lower it fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynmask_core.masks.base import register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.loss_driven import LossDriven
from dynmask_core.masks.word_table import PACE, WordMask

if TYPE_CHECKING:
    from torch import Tensor


@register
class GradientMask(LossDriven, WordMask):
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

    def kinds(self, context: MaskContext) -> Tensor:
        return context.input_ids

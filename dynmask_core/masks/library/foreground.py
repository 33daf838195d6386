"""Masked attention: a block looks only where the block before it sees an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynmask_core.keys import generator
from dynmask_core.lazy import F, torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import CorpusStatistics, LayerContext
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

GAIN = 0.1
"""The head is learned in these units: a mask's learned values have a rate ten times that of the model."""


@register
class Foreground(MaskStrategy):
    """Before every block after the first a head of its own marks each unit as something or nothing; the block's queries
    look only at units marked as something, and at the special one. The head learns with the model, from the marks of
    the training samples. If nothing is marked, all are looked at.

    In Mask2Former, queries are objects and keys are pixels; here both are units of one sample. attend=all learns the
    same heads and removes no edge: what is left is the effect of the heads alone.
    """

    name = "foreground"
    family = "attention"
    site = "attention"
    refresh = "forward"
    source = "learned"
    needs = frozenset({"marks"})
    paper = "Cheng et al. 2022, Masked-attention Mask Transformer for Universal Image Segmentation"
    formula = r"A^\ell = \mathrm{softmax}\big(QK^\top/\sqrt{d} + M\big),\quad M_{q,i} = -\infty\ [\,p^{\ell-1}_i < t\,]"
    parameters = (Param("threshold", 0.5, 0.01, 0.99), Param("attend", "foreground", choices=("foreground", "all")))

    def fit(self, corpus: CorpusStatistics) -> None:
        model = self.setting.model
        start = generator(self.seed, self.name).normal(0, 0.05, (model.layers, model.dim + 1)) / GAIN
        self.learn("heads", start)

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        if context.layer == 0:
            return MaskPlan()
        head = GAIN * self.trainable["heads"][context.layer]
        score = context.hidden @ head[:-1] + head[-1]  # [B, T']
        return MaskPlan(attention_bias=self._bias(score.detach(), context), aux_loss=self._loss(score, context))

    def _bias(self, score: Tensor, context: LayerContext) -> Tensor | None:
        """float [B, 1, 1, T'], −∞ for units that are not looked at."""
        if self.values["attend"] == "all":
            return None
        units = context.maskable
        seen = (score.sigmoid() >= float(self.values["threshold"])) & units
        hidden = units & ~seen & seen.any(1, keepdim=True)
        return torch.zeros_like(score).masked_fill(hidden, -torch.inf)[:, None, None]

    def _loss(self, score: Tensor, context: LayerContext) -> Tensor | None:
        marks = context.batch.marks
        if marks is None:
            return None
        marks = marks.gather(1, context.position).masked_fill(~context.maskable, -1)
        asked = marks >= 0
        total = F.binary_cross_entropy_with_logits(score[asked], (marks[asked] > 0).to(score), reduction="sum")
        return total / asked.sum().clamp_min(1)

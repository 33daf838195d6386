"""Marking every unit: tags of words (who, where, when), and objects in pictures, with the boxes around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from dynmask_core.config import ExperimentConfig, MarkSettings
from dynmask_core.data.encode import EncodedCorpus, pad
from dynmask_core.evaluate.cost import Usage
from dynmask_core.lazy import F, torch
from dynmask_core.masks import MaskContext, MaskPlan, Split
from dynmask_core.tasks.base import Evaluation, Loss, MeanMask, Result, Task, register
from dynmask_core.tasks.unit_marks import Truth

if TYPE_CHECKING:
    from torch import Tensor

    from dynmask_core.data.dataset import Dataset
    from dynmask_core.masked_model import MaskedModel
    from dynmask_core.model import Backbone, Output


@register
class Mark(Task):
    """Each unit is marked as one of `MarkSettings.marks`. Arms are written as in masks.compose."""

    name = "mark"
    provides = frozenset({"marks"})

    def __init__(self, config: ExperimentConfig, corpus: EncodedCorpus) -> None:
        super().__init__(config, corpus)
        self.marks = cast(MarkSettings, config.task).marks
        self.truth = Truth([])

    @classmethod
    def of(cls, config: ExperimentConfig, data: Dataset) -> Self:
        """Raises InputError `no_targets` for data whose units are not marked."""
        task = super().of(config, data)
        task.truth = Truth.of(data, [len(units) for units in task.corpus.ids], task.reader, task.marks)
        return task

    def model(self, arm: str) -> Backbone:
        from dynmask_core.model import Marker

        embedding = self.reader.embedding(self.config.model, len(self.corpus.vocabulary))
        return Marker(embedding, self.config.model, len(self.marks))

    def taught(self, context: MaskContext) -> MaskContext:
        return replace(context, marks=self._marks(context))

    def _marks(self, context: MaskContext) -> Tensor:
        """int64 [B, T]: what the units of samples of the data set are to be marked as."""
        rows = context.sample.cpu().numpy()
        return torch.from_numpy(pad([self.truth.units[row] for row in rows], -1)).to(context.device)

    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Loss:
        marks = self._marks(context) if context.marks is None else context.marks
        asked = marks >= 0
        logits, marks = output.logits[asked], marks[asked]
        with torch.no_grad():
            right = (logits.argmax(-1) == marks).sum()
        total = F.cross_entropy(logits.float(), marks, reduction="sum")
        return Loss(total / max(len(marks), 1), right, len(marks))

    def answers(self, output: Output) -> Tensor:
        return output.logits[:, 0, :0]

    def marked(self, output: Output) -> Tensor:
        return output.logits.float().softmax(-1)

    def evaluate(self, masked: MaskedModel, part: Split, epoch: int) -> Evaluation:
        rows, usage, mean_mask = self.corpus.rows(part), Usage(self.config.model), MeanMask()
        units = [self.corpus.ids[row] for row in rows]
        predicted: list[np.ndarray] = [np.zeros(0, dtype=np.int64)] * len(rows)
        loss = count = 0.0
        for answered in masked.answer(units, rows, part, epoch):
            context, output = answered.context, answered.output
            found = self.loss(output, context, answered.plan)
            loss, count = loss + float(found.mean) * found.count, count + found.count
            given = output.logits.argmax(-1).cpu().numpy()
            for place, one in zip(answered.rows, given, strict=True):
                predicted[place] = one[: len(units[place])]
            mean_mask.add(answered)
            usage.add(output.kept.cpu().numpy(), output.heads, int(context.attention_mask.sum()))
        scores = {"loss": loss / max(count, 1), **self.scores(rows, predicted)}
        best = scores["iou"] if "iou" in scores else scores["f1"]
        merit = (best, -scores["loss"] if len(rows) else float(epoch))
        return Evaluation(scores, merit, mean_mask.value, usage, np.zeros(0, dtype=np.int64))

    def scores(self, rows: np.ndarray, predicted: Sequence[np.ndarray]) -> dict[str, Any]:
        """Of marks given to some samples of the data set, int64 [T] each: see `evaluate.marks`."""
        from dynmask_core.evaluate.marks import picture_scores, text_scores

        if self.truth.objects is None:
            return text_scores([self.truth.units[row] for row in rows], predicted, self.marks)
        objects = [self.truth.objects[row] for row in rows]
        side = -(-self.reader.config.side // self.truth.patch)
        # Units beyond DataConfig.max_tokens were not read: they are marked as nothing.
        grids = [np.pad(one[1:], (0, side * side - len(one) + 1)).reshape(side, side) > 0 for one in predicted]
        return picture_scores(grids, objects, self.truth.patch)

    def result(self, masked: MaskedModel, epoch: int) -> Result:
        seen = {part: self.evaluate(masked, part, epoch) for part in ("test", "validation")}
        test = seen["test"]
        scores: dict[str, Any] = {part: one.scores for part, one in seen.items()}
        kept = {"kept_fraction": test.usage.kept_fraction, **test.usage.cost}
        return Result({**scores, "mean_mask": test.mean_mask, **kept})

    def references(self, predicted: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
        from dynmask_core.evaluate.mark_reference import references

        parts = {part: self.corpus.rows(part) for part in ("test", "validation")}
        simple = references(self.corpus, self.truth.units, len(self.marks))
        found = [{"name": one.name} | {p: self.scores(r, one.marks(r)) for p, r in parts.items()} for one in simple]
        if self.truth.objects is not None:
            perfect = {p: self.scores(r, [self.truth.units[row] for row in r]) for p, r in parts.items()}
            found.append({"name": "perfect_patches", **perfect})
        return found

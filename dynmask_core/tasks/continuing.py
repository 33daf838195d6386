"""Going on with a sequence: translating, answering, generating. One encoder, no separate decoder (Dong et al. 2019)."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from dynmask_core.config import ContinueSettings, ExperimentConfig
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.data.tokenize import END, PAD, SEP
from dynmask_core.errors import InputError
from dynmask_core.evaluate.cost import Usage
from dynmask_core.evaluate.generated import character_f, exact_match
from dynmask_core.evaluate.nearest import NEAREST, nearest
from dynmask_core.lazy import F, torch
from dynmask_core.masks import REGISTRY, Composed, MaskContext, MaskPlan, Split, parse
from dynmask_core.tasks.base import ENCODER, Evaluation, Loss, MeanMask, Result, Task, register
from dynmask_core.tasks.generate import LONGEST, Sampling, Written, from_left, prompts, unmask
from dynmask_core.tasks.target_order import Ordered, order_of, targets_of

if TYPE_CHECKING:
    from torch import Tensor

    from dynmask_core.data.dataset import Dataset
    from dynmask_core.masked_model import MaskedModel
    from dynmask_core.model import Backbone, Output
    from dynmask_core.model.embedding import TokenEmbedding

LOOKED_AT = 200
"""So many validation pairs are written out after each epoch; at the end, all up to MOST of each part."""
MOST = 2000


@register
class Continue(Task):
    """An arm is written as in masks.compose. Its masks act on the source, on edges and on heads, on top of the mask of
    the task (see target_order); targets are not touched.

    Masks that read attention weights are not offered: they would see what units of the future look at.
    """

    name = "continue"
    needs = frozenset({"words", "target"})
    writes = True

    def __init__(self, config: ExperimentConfig, corpus: EncodedCorpus) -> None:
        super().__init__(config, corpus)
        self.settings = cast(ContinueSettings, config.task)
        self.size = len(corpus.vocabulary)
        self.limit = config.data.longest or LONGEST

    @classmethod
    def provided(cls, config: ExperimentConfig) -> frozenset[str]:
        return super().provided(config) - ENCODER

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        super().check(config)
        if cast(ContinueSettings, config.task).way == "unmask":
            for arm in config.arms:
                for name, values in parse(arm):
                    if REGISTRY[name].replacement(values) == "units":
                        raise InputError("parts_clash", parts=f"unmask + {name}")

    @classmethod
    def of(cls, config: ExperimentConfig, data: Dataset) -> Self:
        task = super().of(config, data)
        if task.settings.way == "unmask":
            # All targets are as long as the longest: how many words to write is to be predicted as well.
            task.corpus = replace(task.corpus, ids=[task.canvas(sample) for sample in task.corpus.ids])
        return task

    def canvas(self, units: np.ndarray) -> np.ndarray:
        """The sample, its target filled up with ends to `limit` units."""
        size = len(units) - len(prompts([units])[0]) if SEP in units else len(units) - 1
        return np.append(units, np.full(max(self.limit - size, 0), END, dtype=np.int32)).astype(np.int32)

    def strategy(self, arm: str, device: str) -> Composed:
        return Ordered(order_of(self.settings, self.setting(device)), super().strategy(arm, device).parts)

    def model(self, arm: str) -> Backbone:
        from dynmask_core.model import MaskedLM

        embedding = cast("TokenEmbedding", self.reader.embedding(self.config.model, self.size))
        return MaskedLM(embedding, self.config.model)

    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Loss:
        assert plan.labels is not None
        asked = plan.labels >= 0
        labels = plan.labels[asked]
        with torch.no_grad():
            right = (output.logits.argmax(-1) == labels).sum()
        each = F.cross_entropy(output.logits, labels, reduction="none")
        if self.settings.way == "left":
            return Loss(each.sum() / max(len(labels), 1), right, len(labels))
        # Weight 1/t with t = k/n: then the sum over a target is a bound of its loss, whatever k was drawn.
        n, k = targets_of(context).sum(1), asked.sum(1)
        weight = (n / k.clamp_min(1)).repeat_interleave(k)
        return Loss((each * weight).sum() / n.sum().clamp_min(1), right, len(labels))

    def answers(self, output: Output) -> Tensor:
        return output.logits.new_zeros(output.kept.shape[1], 0)

    @property
    def flops_per_answer(self) -> float:
        return 2.0 * self.config.model.dim * (self.config.model.dim + self.size)

    def evaluate(self, masked: MaskedModel, part: Split, epoch: int, most: int = LOOKED_AT) -> Evaluation:
        """Scores: loss (nats per unit of the targets), accuracy (of single units, all before them given), perplexity,
        and of pairs exact and character_f of what is written without help, for the first `most` pairs."""
        corpus, rows = self.corpus, self.corpus.rows(part)
        units = [corpus.ids[row] for row in rows]
        total, right, count, asked_units = 0.0, 0, 0, 0
        usage, mean_mask = Usage(self.config.model), MeanMask()
        for answered in masked.answer(units, rows, part, epoch):
            loss = self.loss(answered.output, answered.context, answered.plan)
            weight = loss.count if self.settings.way == "left" else int(targets_of(answered.context).sum())
            total += float(loss.mean) * weight
            asked_units += weight
            right += int(loss.right)
            count += loss.count
            mean_mask.add(answered)
            usage.add(
                answered.output.kept.cpu().numpy(), answered.output.heads, sum(len(units[i]) for i in answered.rows)
            )
        usage.answer(count, self.flops_per_answer)
        mean = total / max(asked_units, 1)
        scores: dict[str, Any] = {"loss": mean, "accuracy": right / max(count, 1), "units": count}
        scores["perplexity"] = math.exp(min(mean, 50.0))
        merit = (-mean, 0.0)
        if len(units) and SEP in units[0]:
            scores |= self.written(masked, rows[:most], epoch)
            merit = (scores["exact"], -mean)
        return Evaluation(scores, merit, mean_mask.value, usage, np.zeros(0, dtype=np.int64))

    def written(self, masked: MaskedModel, rows: np.ndarray, epoch: int) -> dict[str, float]:
        """What the model writes for the sources of these rows, greedily, against their targets."""
        units = [self.corpus.ids[row] for row in rows]
        found = [one.units for one in write(self.settings, masked, prompts(units), rows, epoch, self.limit)]
        return {**self._against(found, self._targets(rows)), "written": float(len(rows))}

    def _targets(self, rows: np.ndarray) -> list[np.ndarray]:
        """The units of the targets of these rows, without their ends."""
        units = [self.corpus.ids[row] for row in rows]
        return [_body(sample[len(start) :]) for sample, start in zip(units, prompts(units), strict=True)]

    def _against(self, found: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> dict[str, float]:
        words = self.corpus.vocabulary.words
        ours, theirs = ([[words[unit] for unit in one] for one in side] for side in (found, wanted))
        return {
            "exact": exact_match(ours, theirs),
            "character_f": character_f(list(map("".join, ours)), list(map("".join, theirs))),
        }

    def references(self, predicted: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
        """Of pairs, the target of the training pair whose source is most similar."""
        train = self.corpus.rows("train")
        if not len(train) or SEP not in self.corpus.ids[train[0]]:
            return []
        began, targets = time.perf_counter(), self._targets(train)
        known = [one[1:-1].tolist() for one in prompts([self.corpus.ids[row] for row in train])]
        found: dict[str, Any] = {"name": NEAREST}
        for part in ("test", "validation"):
            rows = self.corpus.rows(part)[:MOST]
            asked = [one[1:-1].tolist() for one in prompts([self.corpus.ids[row] for row in rows])]
            found[part] = self._against([targets[place] for place in nearest(known, asked)], self._targets(rows))
        return [found | {"seconds": time.perf_counter() - began}]

    def result(self, masked: MaskedModel, epoch: int) -> Result:
        parts: tuple[Split, ...] = ("test", "validation") if len(self.corpus.rows("test")) else ("validation",)
        seen = {part: self.evaluate(masked, part, epoch, MOST) for part in parts}
        last = seen[parts[0]]
        cost = {"kept_fraction": last.usage.kept_fraction, **last.usage.cost}
        return Result({**{part: one.scores for part, one in seen.items()}, "mean_mask": last.mean_mask, **cost})


def write(
    settings: ContinueSettings,
    masked: MaskedModel,
    given: list[np.ndarray],
    rows: np.ndarray,
    epoch: int,
    limit: int,
    sampling: Sampling | None = None,
) -> list[Written]:
    """What the model writes after each sequence, in the way it was trained for. See generate.from_left."""
    if settings.way == "unmask":
        return unmask(masked, given, rows, epoch, limit, sampling).written()
    return from_left(masked, given, rows, epoch, limit, sampling)


def _body(target: np.ndarray) -> np.ndarray:
    body: np.ndarray = target[(target != END) & (target != PAD)]
    return body

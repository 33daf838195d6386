"""Restoring hidden units that are numbers, such as patches of a picture: masked image modelling, an arm per refresh."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dynmask_core.config import ExperimentConfig, GuessSettings, RestoreSettings
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.evaluate.cost import Usage
from dynmask_core.inputs import fit_to, make_input
from dynmask_core.keys import seed_of
from dynmask_core.lazy import torch
from dynmask_core.masks import Composed, MaskContext, MaskPlan, Split
from dynmask_core.masks.base import MaskStrategy, Setting
from dynmask_core.mlm.corruption import Corruption, Texts
from dynmask_core.tasks.base import Evaluation, Loss, Result, Task, register, task_of
from dynmask_core.tasks.hidden_words import check_refreshes, corruption

if TYPE_CHECKING:
    from torch import Tensor

    from dynmask_core.data import Dataset
    from dynmask_core.masked_model import MaskedModel
    from dynmask_core.model import Backbone, Output

EVALUATION_BATCH = 64
LEAST_RESTORED, MOST_WAYS = 4000, 8
"""Validation samples are hidden in 1 to MOST_WAYS ways, so that LEAST_RESTORED units are asked for: few are noisy."""


@register
class Restore(Task):
    """An arm is a refresh: its model restores the units that the refresh hides.

    As in SimMIM (Xie et al. 2022) a hidden unit becomes one learned vector at its place, all units go through the
    encoder, and a linear layer restores the numbers of the hidden ones; MAE (He et al. 2022) encodes the visible ones
    alone and needs a decoder. The targets are the numbers minus the training samples' average at that place, over the
    standard deviation that is left; so a loss of 1 (mean squared error) knows no more than this average. "accuracy" is
    the share of the variance around the average that is explained, at least 0.
    """

    name = "restore"
    needs = frozenset({"numbers"})

    def __init__(self, config: ExperimentConfig, corpus: EncodedCorpus) -> None:
        super().__init__(config, corpus)
        shape = (self.reader.max_positions, self.reader.features)
        self.average, self.scale = _spread(shape, [corpus.ids[row] for row in corpus.rows("train")])
        self._asked: dict[str, list[float]] = {}

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        cls.provided(config)
        check_refreshes(config)

    def strategy(self, arm: str, device: str) -> Composed:
        return Composed([hider_of(self.config, arm, device)])

    def model(self, arm: str) -> Backbone:
        from dynmask_core.model.heads import Restorer

        embedding = self.reader.embedding(self.config.model, len(self.corpus.vocabulary))
        return Restorer(embedding, self.config.model, torch.from_numpy(self.average), self.scale)

    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Loss:
        assert plan.labels is not None
        row, place = (plan.labels >= 0).nonzero(as_tuple=True)
        average = torch.from_numpy(self.average).to(context.device)
        target = (context.units[row, place] - average[place]) / self.scale
        wrong = (output.logits - target).pow(2).mean(-1)  # [G]
        with torch.no_grad():
            explained = 1 - wrong.sum() / target.pow(2).mean(-1).sum().clamp_min(1e-9)
            right = (explained.clamp_min(0) * len(row)).round().long()
        return Loss(wrong.sum() / max(len(row), 1), right, len(row))

    def answers(self, output: Output) -> Tensor:
        return output.logits.new_zeros(output.kept.shape[1], 0)

    def told(self, arm: str, epoch: int) -> dict[str, Any]:
        return {"ever_asked": self._ever_asked(arm)[epoch - 1]}

    def _ever_asked(self, arm: str) -> list[float]:
        """The share of the training samples' units that were hidden at least once, after each epoch."""
        if arm not in self._asked:
            rows = self.corpus.rows("train")
            lengths = np.array([len(self.corpus.ids[row]) for row in rows])
            there = (np.arange(lengths.max(initial=1)) < lengths[:, None])[:, 1:]
            hider = cast(HiddenUnits, self.strategy(arm, "cpu").parts[0])
            seen, shares = np.zeros_like(there), []
            for epoch in range(1, self.config.train.epochs + 1):
                seen |= hider.chosen(there, rows, epoch)
                shares.append(float(seen.sum() / max(there.sum(), 1)))
            self._asked[arm] = shares
        return self._asked[arm]

    @property
    def flops_per_answer(self) -> float:
        return 2.0 * self.config.model.dim * self.reader.features

    def evaluate(self, masked: MaskedModel, part: Split, epoch: int) -> Evaluation:
        rows, usage = self.corpus.rows(part), Usage(self.config.model)
        units = [self.corpus.ids[row] for row in rows]
        lengths = np.array([len(sample) for sample in units])
        there = int(lengths.sum()) - len(rows)
        hider = cast(HiddenUnits, masked.strategy.parts[0])
        ways = min(max(math.ceil(LEAST_RESTORED / max(there * hider.settled.schedule.start, 1)), 1), MOST_WAYS)
        wrong = spread = hidden = 0.0
        for way in range(ways):
            for answered in masked.answer(units, rows, part, way, EVALUATION_BATCH):
                context, plan, output = answered.context, answered.plan, answered.output
                assert plan.labels is not None
                loss = self.loss(output, context, plan)
                row, place = (plan.labels >= 0).nonzero(as_tuple=True)
                away = (context.units[row, place].cpu().numpy() - self.average[place.cpu().numpy()]) / self.scale
                wrong += float(loss.mean) * loss.count
                spread += float((away.astype(np.float64) ** 2).mean(-1).sum())
                hidden += loss.count
                usage.add(output.kept.cpu().numpy(), output.heads, int(lengths[answered.rows].sum()))
        usage.answer(hidden, self.flops_per_answer)
        mean = wrong / max(hidden, 1)
        explained = max(1 - wrong / spread, 0.0) if spread else 0.0
        scores = {"loss": mean, "accuracy": explained, "guesses": int(hidden)}
        visible = 1 - hidden / max(there * ways, 1)
        return Evaluation(scores, (-mean, 0.0), visible, usage, np.zeros(0, dtype=np.int64))

    def result(self, masked: MaskedModel, epoch: int) -> Result:
        """There are no classes to predict, and no test samples."""
        seen = self.evaluate(masked, "validation", epoch)
        told = self.told(masked.arm, self.config.train.epochs)
        return Result({"validation": seen.scores, "mean_mask": seen.mean_mask, **told})


def guess_or_restore(
    config: ExperimentConfig, dataset: Dataset, given: Collection[str] = (), rate: float | str | None = None
) -> ExperimentConfig:
    """The experiment for these data: units without a vocabulary are restored, not guessed.

    config: of guessing. given: see `fit_to`; arms always are. rate: of hidden units; None for the usual one.
    """
    fitted = fit_to(config, dataset, given={"arms", *given})
    if task_of(fitted).needs <= make_input(fitted).provides:
        return config
    settings = cast(GuessSettings, config.task)
    task = RestoreSettings(rate=RestoreSettings().rate if rate is None else rate, evaluation=settings.evaluation)
    return replace(fitted, model=fitted.model.without_dropout(), task=task)


def hider_of(config: ExperimentConfig, arm: str, device: str = "cpu") -> HiddenUnits:
    """What an arm hides in a run of restoring; needs neither data nor a model."""
    setting = Setting({}, config.mask, config.model, config.train.seed, config.train.epochs, device)
    return HiddenUnits(setting, corruption(cast(GuessSettings, config.task), arm))


class HiddenUnits(MaskStrategy):
    """Hidden units as an arm's mask: their gate is closed, so the model reads one learned vector in place of each.

    The refresh decides for training and watched samples. Validation samples are hidden in the same way in all arms, at
    the final rate of the run; there `epoch` numbers the ways.
    """

    name = "restore"
    family = "random"
    site = "corruption"
    source = "random"

    def __init__(self, setting: Setting, hidden: Corruption) -> None:
        super().__init__(setting)
        self.hidden = hidden
        rate = hidden.schedule.at(1.0) or hidden.schedule.bounds[1]
        self.settled = replace(hidden, refresh="dynamic", rate=rate)

    def chosen(self, maskable: np.ndarray, sample: np.ndarray, epoch: int, *, settled: bool = False) -> np.ndarray:
        """bool [B, T]: the units to hide. maskable: bool [B, T]. sample: int64 [B]."""
        progress = (max(epoch, 1) - 1) / max(self.setting.epochs - 1, 1)
        seed = seed_of(self.seed, "evaluation") if settled else self.seed
        nothing = np.zeros(maskable.shape, dtype=np.int64)
        texts = Texts(nothing, maskable, sample, None, epoch, seed, progress)
        return (self.settled if settled else self.hidden).choose(texts).tokens

    def plan(self, context: MaskContext) -> MaskPlan:
        maskable, sample = context.maskable.cpu().numpy(), context.sample.cpu().numpy()
        settled = context.split not in ("train", "probe")
        hidden = torch.from_numpy(self.chosen(maskable, sample, context.epoch, settled=settled)).to(context.device)
        return MaskPlan(token_gate=(~hidden).float(), gate_mode="interpolate", labels=hidden.long() - 1)


def _spread(shape: tuple[int, int], samples: list[np.ndarray]) -> tuple[np.ndarray, float]:
    """float32 `shape` [places, F]: the samples' average at each place; and the standard deviation of what is left."""
    total, there = np.zeros(shape), np.zeros(shape[0])
    for sample in samples:  # one at a time: together and as float64 they would fill the memory
        total[: len(sample)] += sample
        there[: len(sample)] += 1
    average = total / np.maximum(there, 1)[:, None]
    squares = sum(float(((sample[1:] - average[1 : len(sample)]) ** 2).sum()) for sample in samples)
    numbers = there[1:].sum() * shape[1]
    return average.astype(np.float32), math.sqrt(squares / max(numbers, 1)) or 1.0

"""Guessing hidden words: masked language modelling, one arm per refresh."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from dynmask_core.config import ExperimentConfig, GuessSettings
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.evaluate.cost import Usage
from dynmask_core.lazy import F, torch
from dynmask_core.masks import Composed, MaskContext, MaskPlan, Split
from dynmask_core.tasks.base import Evaluation, Loss, Result, Task, register
from dynmask_core.tasks.hidden_words import EverAsked, HiddenWords, Hider, check_refreshes, read

if TYPE_CHECKING:
    from torch import Tensor

    from dynmask_core.data.dataset import Dataset
    from dynmask_core.masked_model import MaskedModel
    from dynmask_core.model import Backbone, Output
    from dynmask_core.model.embedding import TokenEmbedding

EVALUATION_BATCH = 64
LEAST_GUESSES, MOST_WAYS = 4000, 8
"""Validation texts are masked in 1 to MOST_WAYS ways, to get LEAST_GUESSES guesses: with few, the loss is noisy."""


@register
class Guess(Task):
    """An arm is a refresh: its model guesses the words that the refresh hides."""

    name = "guess"
    needs = frozenset({"words"})

    def __init__(self, config: ExperimentConfig, corpus: EncodedCorpus, mask_seed: int | None = None) -> None:
        """mask_seed: the seed of what is hidden, by default the experiment's seed, which all else uses."""
        super().__init__(config, corpus)
        self.settings = cast(GuessSettings, config.task)
        self.mask_seed = config.train.seed if mask_seed is None else mask_seed
        self.size = len(corpus.vocabulary)
        self._hiders: dict[str, Hider] = {}
        self._ever: dict[str, EverAsked] = {}

    @classmethod
    def of(cls, config: ExperimentConfig, data: Dataset) -> Self:
        cls.check(config)
        return cls(config, read(config, data))

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        cls.provided(config)
        check_refreshes(config)

    def hider(self, arm: str) -> Hider:
        """What the arm hides, and when."""
        if arm not in self._hiders:
            epochs = self.config.train.epochs
            self._hiders[arm] = Hider.of(self.settings, arm, self.corpus, self.mask_seed, epochs)
        return self._hiders[arm]

    def strategy(self, arm: str, device: str) -> Composed:
        return Composed([HiddenWords(self.setting(device), self.hider(arm))])

    def model(self, arm: str) -> Backbone:
        from dynmask_core.model import MaskedLM

        embedding = cast("TokenEmbedding", self.reader.embedding(self.config.model, self.size))
        return MaskedLM(embedding, self.config.model)

    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Loss:
        assert plan.labels is not None
        labels = plan.labels[plan.labels >= 0]
        with torch.no_grad():
            right = (output.logits.argmax(-1) == labels).sum()
        # A batch without a word to guess has a loss of 0, not 0/0.
        total = F.cross_entropy(output.logits, labels, reduction="sum")
        return Loss(total / max(len(labels), 1), right, len(labels))

    def answers(self, output: Output) -> Tensor:
        return output.logits.new_zeros(output.kept.shape[1], 0)

    def told(self, arm: str, epoch: int) -> dict[str, Any]:
        if arm not in self._ever:
            self._ever[arm] = EverAsked(self.hider(arm), self.corpus)
        return {"ever_asked": self._ever[arm].until(epoch)}

    @property
    def flops_per_answer(self) -> float:
        return 2.0 * self.config.model.dim * (self.config.model.dim + self.size)

    def evaluate(self, masked: MaskedModel, part: Split, epoch: int) -> Evaluation:
        corpus, rows = self.corpus, self.corpus.rows(part)
        units = [corpus.ids[row] for row in rows]
        lengths = np.array([len(sample) for sample in units])
        words = int(lengths.sum()) - len(rows)
        guesses_at_once = max(words * self.hider(masked.arm).fixed().corruption.schedule.start, 1)
        ways = min(max(math.ceil(LEAST_GUESSES / guesses_at_once), 1), MOST_WAYS)
        total = right = guesses = visible = 0.0
        usage = Usage(self.config.model)
        word_ids = corpus.word_ids and [corpus.word_ids[row] for row in rows]
        for way in range(ways):
            for answered in masked.answer(units, rows, part, way, EVALUATION_BATCH, word_ids):
                context, plan, output = answered.context, answered.plan, answered.output
                assert plan.units is not None
                loss = self.loss(output, context, plan)
                total += float(loss.mean) * loss.count
                right += int(loss.right)
                guesses += loss.count
                visible += int(((plan.units == context.units) & context.maskable).sum())
                usage.add(output.kept.cpu().numpy(), output.heads, int(lengths[answered.rows].sum()))
        usage.answer(guesses, self.flops_per_answer)
        mean = total / max(guesses, 1)
        scores = {"loss": mean, "accuracy": right / max(guesses, 1), "guesses": int(guesses)}
        nothing = np.zeros(0, dtype=np.int64)
        return Evaluation(scores, (-mean, 0.0), visible / max(words * ways, 1), usage, nothing)

    def result(self, masked: MaskedModel, epoch: int) -> Result:
        """There are no classes to predict, and no test texts."""
        seen = self.evaluate(masked, "validation", epoch)
        told = self.told(masked.arm, self.config.train.epochs)
        return Result({"validation": seen.scores, "mean_mask": seen.mean_mask, **told})

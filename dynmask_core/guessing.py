"""Learning to guess hidden words: masked language modelling as the task of an experiment, one arm per refresh."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dynmask_core.arm import Arm, Evaluation, Learned, statistics
from dynmask_core.config import ExperimentConfig
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encode import EncodedCorpus, by_length
from dynmask_core.evaluate.cost import Usage
from dynmask_core.masks import Composed, MaskContext, MaskPlan, Setting, Split
from dynmask_core.mlm.hidden import EverAsked, HiddenWords, Hider, read
from dynmask_core.model import Output, WordGuesser

EVALUATION_BATCH = 64
LEAST_GUESSES, MOST_WAYS = 4000, 8
"""Validation texts are masked in several ways, until so many words are guessed: few guesses jump between epochs."""


class GuesserArm(Arm):
    """An arm whose model guesses the words that its refresh hides. mask_seed: see Guessing."""

    def __init__(
        self,
        name: str,
        config: ExperimentConfig,
        corpus: EncodedCorpus,
        device: torch.device,
        total_steps: int,
        mask_seed: int | None = None,
    ) -> None:
        assert config.mlm is not None
        train = config.train
        seed = train.seed if mask_seed is None else mask_seed
        self.hider = Hider.of(config.mlm, name, corpus, seed, train.epochs)
        self._ever = EverAsked(self.hider, corpus)
        setting = Setting({}, config.mask, config.model, train.seed, train.epochs, str(device))
        super().__init__(name, config, Composed([HiddenWords(setting, self.hider)]), device, total_steps)
        self.flops_per_answer = 2.0 * config.model.dim * (config.model.dim + self.hider.size)

    def make_model(self) -> WordGuesser:
        return WordGuesser(self.hider.size, self.config.model, self.config.data.max_tokens + 1)

    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Learned:
        assert plan.labels is not None
        labels = plan.labels[plan.labels >= 0]
        with torch.no_grad():
            right = (output.logits.argmax(-1) == labels).sum()
        # A batch without a word to guess has a loss of 0, not of 0/0.
        total = F.cross_entropy(output.logits, labels, reduction="sum")
        return Learned(total / max(len(labels), 1), right, len(labels), output)

    def answers(self, output: Output) -> Tensor:
        return output.logits.new_zeros(output.kept.shape[1], 0)

    def told(self, epoch: int) -> dict[str, Any]:
        return {"ever_asked": self._ever.until(epoch)}

    def evaluate(self, corpus: EncodedCorpus, part: Split, epoch: int) -> Evaluation:
        rows = corpus.rows(part)
        words = sum(len(corpus.ids[row]) - 1 for row in rows)
        guesses_at_once = max(words * self.hider.fixed().corruption.schedule.start, 1)
        ways = min(max(math.ceil(LEAST_GUESSES / guesses_at_once), 1), MOST_WAYS)
        lengths = np.array([len(corpus.ids[row]) for row in rows])
        total = right = guesses = visible = 0.0
        usage = Usage(self.config.model)
        for way in range(ways):
            for batch in by_length(lengths, EVALUATION_BATCH):
                chosen = rows[batch]
                context = self.batch([corpus.ids[row] for row in chosen], chosen, part, way, corpus.words_of(chosen))
                with torch.inference_mode():
                    plan = self.strategy.plan(context)
                    assert plan.units is not None
                    output = self.forward(self.averaged, context, plan)
                    learned = self.loss(output, context, plan)
                    total += float(learned.loss) * learned.count
                    right += int(learned.right)
                    guesses += learned.count
                    visible += int(((plan.units == context.input_ids) & context.maskable).sum())
                usage.add(output.kept.cpu().numpy(), output.heads, int(lengths[batch].sum()))
        usage.answer(guesses, self.flops_per_answer)
        loss = total / max(guesses, 1)
        scores = {"loss": loss, "accuracy": right / max(guesses, 1), "guesses": int(guesses)}
        return Evaluation(scores, (-loss, 0.0), visible / max(words * ways, 1), usage, np.zeros(0, dtype=np.int64))


class Guessing:
    """The task: texts, and the arms that learn to guess what is hidden of them.

    mask_seed: of what is hidden, where that is not to follow from the experiment's seed as all else does.
    """

    def __init__(self, config: ExperimentConfig, corpus: EncodedCorpus, mask_seed: int | None = None) -> None:
        self.config = config
        self.corpus = corpus
        self._mask_seed = mask_seed

    @classmethod
    def of(cls, config: ExperimentConfig, data: Dataset) -> Guessing:
        """With a vocabulary of the training texts' own words."""
        return cls(config, read(config, data))

    def arm(self, name: str, device: torch.device, total_steps: int) -> Arm:
        made = GuesserArm(name, self.config, self.corpus, device, total_steps, self._mask_seed)
        made.prepare(statistics(self.corpus))
        return made

    def pretraining(self, arm: Arm) -> None:
        """Nothing comes before it."""

    def result(self, arm: Arm) -> tuple[dict[str, Any], np.ndarray | None]:
        """What an arm at its best epoch is worth, as `Finished.arms` has it. There are no classes to predict."""
        seen = arm.evaluate(self.corpus, "validation", arm.best_epoch)
        return {"validation": seen.scores, "mean_mask": seen.mean_mask, **arm.told(self.config.train.epochs)}, None

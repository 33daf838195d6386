"""Training steps of arms, ready to time. They use the same code as a run."""

from __future__ import annotations

import numpy as np
import torch

from dynmask_core.config import Controls, DataConfig, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.data.tokenize import CLS, SPECIAL_TOKENS, Vocabulary
from dynmask_core.evaluate.cost import Usage
from dynmask_core.keys import generator
from dynmask_core.masks import CorpusStatistics
from dynmask_core.tasks.classify import Classify
from dynmask_core.training.learner import Learner


class Stepper:
    """An arm that trains on one made-up batch again and again.

    The batch has `texts` texts of `tokens` words each (plus [CLS]), drawn from a Zipf-like vocabulary. epoch: the epoch
    of the step, for strategies that change over a run of `epochs`.
    """

    def __init__(
        self,
        name: str,
        model: ModelConfig,
        *,
        texts: int = 32,
        tokens: int = 128,
        vocabulary: int = 8192,
        mask: MaskConfig | None = None,
        controls: Controls | None = None,
        epoch: int = 1,
        epochs: int = 10,
    ) -> None:
        torch.set_num_threads(1)
        rng = generator(0, "bench", tokens)
        weight = 1 / np.arange(10, vocabulary + 10 - len(SPECIAL_TOKENS))
        words = rng.choice(len(weight), (texts, tokens), p=weight / weight.sum()) + len(SPECIAL_TOKENS)
        labels = np.arange(texts) % 2
        config = ExperimentConfig(
            DataConfig("bench"),
            model,
            mask or MaskConfig(),
            controls or Controls(keep_threshold=0.0),
            TrainConfig(epochs=epochs, device="cpu"),
            (name,),
        )
        every = tuple(f"w{i}" for i in range(vocabulary))
        known = CorpusStatistics(
            words=every,
            specials=len(SPECIAL_TOKENS),
            tokens=words.ravel().astype(np.int32),
            lengths=np.full(texts, tokens),
            labels=labels,
            classes=("a", "b"),
        )
        task = Classify.for_asking(config, Vocabulary(every, np.zeros(vocabulary, dtype=np.int64)), known.classes)
        self.learner = Learner(name, task, torch.device("cpu"), total_steps=10_000, known=known)
        for number in range(1, epoch + 1):
            self.learner.strategy.on_epoch(number, config.controls)
        self.learner.model.train()
        ids = [np.concatenate([[CLS], row]).astype(np.int32) for row in words]
        context = self.learner.averaged.batch(ids, np.arange(texts), "train", epoch)
        self.context = context.with_labels(torch.from_numpy(labels))

    def __call__(self) -> None:
        self.output = self.learner.train_step(self.context).output

    @property
    def usage(self) -> Usage:
        """Tokens and arithmetic of the last step."""
        usage = Usage(self.learner.config.model)
        usage.add(self.output.kept.numpy(), self.output.heads, self.context.input_ids.numel())
        return usage

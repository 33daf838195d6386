"""Training steps of arms, ready to be timed. It is the same code that trains in a run."""

from __future__ import annotations

import numpy as np
import torch

from dynmask_core.classification import ClassifierArm
from dynmask_core.config import Controls, DataConfig, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.data.tokenize import CLS, SPECIAL_TOKENS
from dynmask_core.evaluate.cost import Usage
from dynmask_core.keys import generator
from dynmask_core.masks import CorpusStatistics


class Stepper:
    """An arm that trains on one made-up batch again and again.

    The batch has `texts` texts of `tokens` words each ([CLS] comes on top), drawn from a Zipf-like vocabulary. epoch:
    in which the step stands, for strategies that change over a run of `epochs`.
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
        self.arm = ClassifierArm(name, config, vocabulary, 2, torch.device("cpu"), total_steps=10_000)
        known = CorpusStatistics(
            words=[f"w{i}" for i in range(vocabulary)],
            specials=len(SPECIAL_TOKENS),
            tokens=words.ravel().astype(np.int32),
            lengths=np.full(texts, tokens),
            labels=labels,
            classes=("a", "b"),
        )
        self.arm.prepare(known)
        for number in range(1, epoch + 1):
            self.arm.strategy.on_epoch(number, config.controls)
        self.arm.model.train()
        ids = [np.concatenate([[CLS], row]).astype(np.int32) for row in words]
        self.context = self.arm.batch(ids, np.arange(texts), "train", epoch).with_labels(torch.from_numpy(labels))

    def __call__(self) -> None:
        self.output = self.arm.train_step(self.context).output

    @property
    def usage(self) -> Usage:
        """Tokens and arithmetic of the last step."""
        usage = Usage(self.arm.config.model)
        usage.add(self.output.kept.numpy(), self.output.heads, self.context.input_ids.numel())
        return usage

"""A task and an input that exist in tests alone: what it takes to add one, and what the laws are tried on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.config import ModelConfig, TaskSettings
from dynmask_core.data import Dataset
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.evaluate.cost import Usage
from dynmask_core.inputs import INPUTS, Batch, Input, Shown
from dynmask_core.masked_model import MaskedModel
from dynmask_core.masks import MaskContext, MaskPlan, Split
from dynmask_core.model import Backbone, Embedding, Output, Request
from dynmask_core.tasks import TASKS, Evaluation, Loss, Result, Task


@dataclass(frozen=True)
class AlternateSettings(TaskSettings):
    """every: which units are to be marked, those whose place is a multiple of it."""

    name: ClassVar[str] = "alternate"
    every: int = 2


class Alternator(Backbone):
    """One logit per unit."""

    def __init__(self, embedding: Embedding, config: ModelConfig) -> None:
        super().__init__(embedding, config)
        self.head = nn.Linear(config.dim, 1)
        self.start()

    def forward(self, units: Tensor, attention_mask: Tensor, request: Request | None = None) -> Output:
        encoded = self.encode(units, attention_mask, request or Request())
        logits = encoded.x.new_zeros(attention_mask.shape)
        places = torch.arange(logits.shape[1]).expand(logits.shape) if encoded.position is None else encoded.position
        marked = self.head(encoded.x)[..., 0].masked_fill(~encoded.keep, 0)
        return Output.of(logits.scatter_add(1, places, marked), encoded)


class Alternate(Task):
    """Marks every n-th unit."""

    name = "alternate"

    def model(self, arm: str) -> Backbone:
        return Alternator(self.reader.embedding(self.config.model, len(self.corpus.vocabulary)), self.config.model)

    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Loss:
        assert isinstance(self.config.task, AlternateSettings)
        truth = (torch.arange(context.maskable.shape[1]) % self.config.task.every == 0).expand(context.maskable.shape)
        logits, truth = output.logits[context.maskable], truth[context.maskable]
        mean = F.binary_cross_entropy_with_logits(logits, truth.float())
        return Loss(mean, ((logits > 0) == truth).sum(), len(truth))

    def answers(self, output: Output) -> Tensor:
        return output.logits[:, :0]

    def evaluate(self, masked: MaskedModel, part: Split, epoch: int) -> Evaluation:
        rows, usage, losses = self.corpus.rows(part), Usage(self.config.model), []
        units = [self.corpus.ids[row] for row in rows]
        for answered in masked.answer(units, rows, part, epoch):
            losses.append(self.loss(answered.output, answered.context, answered.plan))
            given = int(answered.context.attention_mask.sum())
            usage.add(answered.output.kept.numpy(), answered.output.heads, given)
        count = max(sum(one.count for one in losses), 1)
        loss = sum(float(one.mean) * one.count for one in losses) / count
        scores = {"loss": loss, "accuracy": sum(int(one.right) for one in losses) / count}
        return Evaluation(scores, (-loss, 0.0), 1.0, usage, np.zeros(0, dtype=np.int64))

    def result(self, masked: MaskedModel, epoch: int) -> Result:
        return Result({part: self.evaluate(masked, part, epoch).scores for part in ("validation", "test")})  # type: ignore[arg-type]


class GlyphEmbedding(Embedding):
    def __init__(self, config: ModelConfig, max_positions: int) -> None:
        super().__init__()
        self.project = nn.Linear(Glyphs.features, config.dim)
        self.place(config, max_positions)
        nn.init.normal_(self.position, std=0.02)

    def look_up(self, units: Tensor) -> Tensor:
        return self.project(units)  # type: ignore[no-any-return]


class Glyphs(Input):
    """Characters as numbers, five to a line: no vocabulary, and a grid."""

    name = "glyphs"
    provides = frozenset({"order", "grid", "numbers"})
    features, width = 3, 5

    def encode(self, dataset: Dataset, *, min_count: int = 1) -> EncodedCorpus:
        units = [self.read(text) for text in dataset.texts]
        return EncodedCorpus(units, dataset.labels, dataset.split, self.vocabulary, dataset.classes)

    def read(self, sample: str, limit: int | None = None) -> np.ndarray:
        codes = np.array([ord(letter) for letter in self.show(sample, limit).text], dtype=np.float32)
        body = np.stack([np.sin(codes), np.cos(codes), codes % 7 / 7], -1) if len(codes) else np.zeros((0, 3))
        return np.concatenate([np.zeros((1, self.features)), body]).astype(np.float32)

    def show(self, sample: str, limit: int | None = None) -> Shown:
        text = sample[: self.config.max_tokens if limit is None else limit]
        return Shown(text, [(place, place + 1) for place in range(len(text))])

    def embedding(self, model: ModelConfig, words: int) -> Embedding:
        return GlyphEmbedding(model, self.max_positions)

    def batch(self, units: Sequence[np.ndarray], embedding: Embedding, device: torch.device) -> Batch:
        lengths = torch.tensor([len(sample) for sample in units])
        padded = torch.zeros(len(units), int(lengths.max()), self.features)
        for row, sample in zip(padded, units, strict=True):
            row[: len(sample)] = torch.from_numpy(sample)
        there = torch.arange(padded.shape[1]) < lengths[:, None]
        place = (torch.arange(padded.shape[1]) - 1).clamp_min(0).expand(there.shape)
        special = ~there | (torch.arange(padded.shape[1]) == 0)
        return Batch(padded, there, special, torch.stack([place // self.width, place % self.width], -1))


@contextmanager
def registered() -> Iterator[None]:
    """While it lasts, the toys are a choice like any other."""
    TASKS[Alternate.name], INPUTS[Glyphs.name] = Alternate, Glyphs
    try:
        yield
    finally:
        del TASKS[Alternate.name], INPUTS[Glyphs.name]

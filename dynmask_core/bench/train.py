"""A pass over training texts: our trainer against Hugging Face, torch's own encoder, and the bare matrix products.

All see the same texts in batches of equal size, on one thread. A default peer takes texts as they come, as its
libraries do; a bucketed one puts texts of equal length together, as we do.
"""

from __future__ import annotations

import importlib.util
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.bench.timing import Row, speed_up, take_turns
from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import build
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import PAD
from dynmask_core.keys import generator
from dynmask_core.tasks import task_of
from dynmask_core.training.fit import pass_over
from dynmask_core.training.learner import Learner

TEXTS, VOCABULARY, BATCH = 1000, 8192, 64
MEAN, SPREAD, LONGEST = 20, 0.77, 128
"""Lengths are log-normal: their mean, the spread of their logarithms, and where they are cut."""
SIZES = {
    "d 64, 2 × feed-forward": ModelConfig(dim=64, heads=4, layers=2, ff_multiple=2),
    "d 128, 4 × feed-forward": ModelConfig(dim=128, heads=4, layers=2, ff_multiple=4),
}
OURS, BARE = "ours", "bare matrix products"


@dataclass(frozen=True)
class Texts:
    """ids: int64 arrays, one per training text. vocabulary: V. length: of the longest text."""

    ids: Sequence[np.ndarray]
    vocabulary: int
    length: int

    def batches(self, *, bucketed: bool) -> list[Tensor]:
        """int64 [B, T] each, padded with PAD; the same ones for every pass."""
        order = np.argsort([len(ids) for ids in self.ids], kind="stable") if bucketed else range(len(self.ids))
        chosen = [order[at : at + BATCH] for at in range(0, len(self.ids), BATCH)]
        return [nn.utils.rnn.pad_sequence([torch.from_numpy(self.ids[i]) for i in one], True, PAD) for one in chosen]


def learner_of(model: ModelConfig, texts: int = TEXTS) -> Learner:
    """Our arm without a mask, ready to train on seven of ten of so many made-up texts."""
    rng = generator(0, "bench", "train")
    lengths = np.clip(rng.lognormal(np.log(MEAN) - SPREAD**2 / 2, SPREAD, texts), 2, LONGEST).astype(int)
    weights = 1 / np.arange(10, VOCABULARY + 10)
    words = [rng.choice(VOCABULARY, size, p=weights / weights.sum()) for size in lengths]
    written = [" ".join(f"w{word}" for word in one) for one in words]
    table = Table(pd.DataFrame({"text": written, "label": ["ab"[i % 2] for i in range(len(written))]}), "csv")
    config = ExperimentConfig(
        DataConfig("bench", max_vocabulary=VOCABULARY),
        model,
        train=TrainConfig(batch_size=BATCH, device="cpu"),
        arms=("none",),
    )
    return Learner("none", task_of(config).of(config, build(table)[0]), torch.device("cpu"), total_steps=10_000)


def ours(learner: Learner) -> Callable[[], object]:
    return lambda: deque(pass_over(learner, 1), 0)


class Plain(nn.Module):
    """torch's own encoder with an embedding, a mean over words, and a classifier."""

    def __init__(self, model: ModelConfig, texts: Texts) -> None:
        super().__init__()
        self.words = nn.Embedding(texts.vocabulary, model.dim)
        self.places = nn.Embedding(texts.length, model.dim)
        layer = nn.TransformerEncoderLayer(model.dim, model.heads, model.inner, 0.1, "gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, model.layers, enable_nested_tensor=False)
        self.out = nn.Linear(model.dim, 2)

    def forward(self, ids: Tensor, labels: Tensor) -> Tensor:
        there = ids != PAD
        x = self.words(ids) + self.places(torch.arange(ids.shape[1]))
        x = self.encoder(x, src_key_padding_mask=~there) * there[..., None]
        return F.cross_entropy(self.out(x.sum(1) / there.sum(1, keepdim=True)), labels)


class HuggingFace(nn.Module):
    """BertForSequenceClassification of the same size, with its own defaults."""

    def __init__(self, model: ModelConfig, texts: Texts) -> None:
        from transformers import BertConfig, BertForSequenceClassification

        super().__init__()
        self.bert: Any = BertForSequenceClassification(
            BertConfig(
                vocab_size=texts.vocabulary,
                hidden_size=model.dim,
                num_hidden_layers=model.layers,
                num_attention_heads=model.heads,
                intermediate_size=model.inner,
                max_position_embeddings=texts.length,
            )
        )

    def forward(self, ids: Tensor, labels: Tensor) -> Tensor:
        loss: Tensor = self.bert(input_ids=ids, attention_mask=(ids != PAD).long(), labels=labels).loss
        return loss


def peer(model: nn.Module, batches: Sequence[Tensor]) -> Callable[[], object]:
    """A pass as their trainers make it: AdamW in one kernel, gradients clipped."""
    model.train()
    weights = list(model.parameters())
    optimizer = torch.optim.AdamW(weights, lr=1e-3, fused=True)
    labels = [torch.arange(len(batch)) % 2 for batch in batches]

    def turn() -> None:
        for ids, label in zip(batches, labels, strict=True):
            optimizer.zero_grad(set_to_none=True)
            model(ids, label).backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()

    return turn


def bare(model: ModelConfig, batches: Sequence[Tensor]) -> Callable[[], object]:
    """The matrix products of the encoder, forward and backward, on bucketed batches: nothing else can be faster."""
    D, H, inner = model.dim, model.heads, model.inner
    shapes = ((D, 3 * D), (D, D), (D, inner), (inner, D))
    weights = [torch.randn(rows, columns) for rows, columns in shapes]
    given = []
    for ids in batches:
        B, T = ids.shape
        flat = [(torch.randn(B * T, rows), torch.randn(B * T, columns)) for rows, columns in shapes]
        heads = torch.randn(B * H, T, D // H)
        given.append((flat, heads, torch.randn(B * H, T, T)))

    def turn() -> None:
        for flat, heads, scores in given:
            for _ in range(model.layers):
                for weight, (x, gradient) in zip(weights, flat, strict=True):
                    x @ weight
                    gradient @ weight.T
                    x.T @ gradient
                for _ in range(3):  # scores and values, and the gradients of both factors of each
                    heads @ heads.transpose(1, 2)
                    scores @ heads

    return turn


def run(rounds: int = 12, sizes: Mapping[str, ModelConfig] = SIZES, texts: int = TEXTS) -> list[Row]:
    """Our pass against each peer's; the note gives thousands of words per second, padding not counted."""
    torch.set_num_threads(1)
    there = importlib.util.find_spec("transformers") is not None
    if not there:
        print("transformers is not installed: it is left out (pip install 'dynmask[dev]')", file=sys.stderr)
    rows = []
    for size, model in sizes.items():
        learner = learner_of(model, texts)
        corpus = learner.task.corpus
        ids = [np.asarray(corpus.ids[row], dtype=np.int64) for row in corpus.rows("train")]
        given = Texts(ids, len(corpus.vocabulary or ()), max(map(len, ids)))
        turns = {OURS: ours(learner), BARE: bare(model, given.batches(bucketed=True))}
        for name, make in [("Hugging Face", HuggingFace)] * there + [("nn.TransformerEncoder", Plain)]:
            for bucketed in (False, True):
                turns[name + ", bucketed" * bucketed] = peer(make(model, given), given.batches(bucketed=bucketed))
        seconds = take_turns(turns, rounds, warm_up=1)
        words = sum(map(len, ids)) / 1000
        for name in turns:
            if name != OURS:
                speeds = " against ".join(f"{words / np.median(seconds[one]):.1f}" for one in (OURS, name))
                rows.append(replace(speed_up(seconds, OURS, name), name=size, note=f"{speeds} thousand words/s"))
    return rows

"""What a mask strategy sees, what it answers, and how answers combine.

A mask value is a number in [0, 1]; 1 keeps and 0 removes, everywhere in this project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from dynmask_core.config import Controls, GateMode, MaskConfig
from dynmask_core.data.tokenize import UNK
from dynmask_core.keys import generator

Site = Literal["none", "corruption", "input", "attention", "head", "removal"]
Refresh = Literal["never", "dataset", "epoch", "batch", "forward"]
Split = Literal["train", "validation", "test", "probe"]
Source = Literal["none", "random", "feature", "label", "gradient", "attention", "learned"]


@dataclass(frozen=True)
class CorpusStatistics:
    """What a strategy may know of the training texts, and of nothing else.

    words: vocabulary, index = id, the first `specials` of them special tokens.
    tokens: int32 [N] every token id of the training texts, in order, without special tokens.
    token_labels: int64 [N] the class of the text each token stands in. class_count ≥ 2. texts: |D|.
    """

    words: Sequence[str]
    specials: int
    tokens: np.ndarray
    token_labels: np.ndarray
    classes: tuple[str, ...]
    texts: int

    def counts(self) -> np.ndarray:
        """int64 [classes, vocabulary]: occurrences of each word in the training texts of each class."""
        size = len(self.words)
        flat = self.token_labels.astype(np.int64) * size + self.tokens
        return np.bincount(flat, minlength=len(self.classes) * size).reshape(len(self.classes), size)


@dataclass(frozen=True)
class MaskContext:
    """One batch as a strategy sees it. B texts, T positions with the special token in front.

    ids: int64 [B, T]. valid: bool [B, T], False at padding. special: bool [B, T], True at [CLS], [MASK] and padding;
    [UNK] is a word like others. sample: int64 [B], the index
    of each text in the data set. epoch counts from 1; step from 0 within the run. labels: int64 [B] when
    split is "train", else None: a mask that sees the label at test time is a leak.
    """

    ids: Tensor
    valid: Tensor
    special: Tensor
    sample: Tensor
    epoch: int
    step: int
    total_steps: int
    split: Split
    labels: Tensor | None = None

    def __post_init__(self) -> None:
        if self.split != "train" and self.labels is not None:
            raise ValueError("labels are for training only")

    def with_labels(self, labels: Tensor) -> MaskContext:
        """The same batch with its labels; for training steps alone."""
        return replace(self, labels=labels)


@dataclass(frozen=True)
class MaskPlan:
    """What the model is to do; None leaves a site alone.

    token_gate: float [B, T] in [0, 1], 1 keeps, applied as `gate_mode` says.
    keep: bool [B, T], False takes the token out of the text: no attention to it, no share in the pooling.
    attention_bias: float, broadcastable to [B, H, T, T], added to the scores; -inf removes the edge.
    head_gate: float [L, H] or [B, L, H] in [0, 1], multiplies a head's output.
    aux_loss: scalar added to the training loss.
    """

    token_gate: Tensor | None = None
    gate_mode: GateMode = "interpolate"
    keep: Tensor | None = None
    attention_bias: Tensor | None = None
    head_gate: Tensor | None = None
    aux_loss: Tensor | None = None

    def combine(self, other: MaskPlan) -> MaskPlan:
        """Both plans at once: gates multiply, biases and losses add, `keep` is AND-ed. Order does not matter."""
        if self.token_gate is not None and other.token_gate is not None and self.gate_mode != other.gate_mode:
            raise ValueError("token gates of different modes do not combine")
        merge = {
            "token_gate": torch.mul,
            "keep": torch.logical_and,
            "attention_bias": torch.add,
            "head_gate": torch.mul,
            "aux_loss": torch.add,
        }
        merged: dict[str, Any] = {
            f.name: _either(getattr(self, f.name), getattr(other, f.name), merge[f.name])
            for f in fields(self)
            if f.name in merge
        }
        mode = self.gate_mode if self.token_gate is not None else other.gate_mode
        return replace(self, **merged, gate_mode=mode)


def _either(a: Tensor | None, b: Tensor | None, merge: Any) -> Tensor | None:
    return b if a is None else a if b is None else merge(a, b)


class MaskStrategy:
    """One way to make masks. Subclass, set the class attributes, override what differs, and `register`.

    The life of a strategy: `fit` once on the training texts; `on_epoch` before each epoch; `plan` for every batch.
    """

    name: ClassVar[str]
    site: ClassVar[Site] = "input"
    refresh: ClassVar[Refresh] = "epoch"
    source: ClassVar[Source]
    uses: ClassVar[tuple[str, ...]] = ()
    """The settings that change what this strategy does, by their names in Controls and MaskConfig."""
    default_initial: ClassVar[Literal["uniform", "normal", "constant"]] = "constant"

    def __init__(self, config: MaskConfig, seed: int) -> None:
        self.config = config
        self.seed = seed

    def fit(self, corpus: CorpusStatistics) -> None:
        """Sees the training texts once, before the first epoch."""

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        """Called before epoch 1, 2, …; `controls` are those in force for that epoch."""

    def plan(self, context: MaskContext) -> MaskPlan:
        """The plan for one batch. Must not depend on the other texts of the batch."""
        return MaskPlan()

    def word_mask(self) -> np.ndarray | None:
        """float32 [vocabulary] in [0, 1] where the mask is a property of the word, else None."""
        return None

    def state_dict(self) -> dict[str, np.ndarray]:
        """All that changes after `fit`, as arrays, so that a resumed run equals an uninterrupted one."""
        return {}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Takes back what `state_dict` gave."""


REGISTRY: dict[str, type[MaskStrategy]] = {}


def register(strategy: type[MaskStrategy]) -> type[MaskStrategy]:
    """Class decorator: makes the strategy an arm in the app and on the command line."""
    REGISTRY[strategy.name] = strategy
    return strategy


def initial_mask(kind: str, size: int, rng: np.random.Generator, value: float = 0.5) -> np.ndarray:
    """float32 [size] in [0, 1]: "uniform" on [0, 1], "normal" N(0.5, 0.2²) clipped, or "constant" `value`."""
    if kind == "uniform":
        return rng.random(size, dtype=np.float32)
    if kind == "normal":
        return np.clip(rng.normal(0.5, 0.2, size), 0, 1).astype(np.float32)
    if kind == "constant":
        return np.full(size, value, dtype=np.float32)
    raise ValueError(f"initial mask {kind!r}: choose uniform, normal or constant")


class WordMask(MaskStrategy):
    """Base of the strategies whose mask is one value per vocabulary word, the same wherever the word stands."""

    mask: np.ndarray

    def fit(self, corpus: CorpusStatistics) -> None:
        kind = self.default_initial if self.config.initial == "default" else self.config.initial
        # The key does not name the strategy: static and dynamic arms start from the same mask.
        rng = generator(self.seed, "initial mask")
        self.mask = initial_mask(kind, len(corpus.words), rng, self.config.initial_value)
        # [UNK] stands for all words never seen: one random value would decide about all of them at once.
        self.mask[UNK] = self.config.initial_value if kind == "constant" else 0.5
        self.threshold = 0.0

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        self.threshold = controls.keep_threshold

    def plan(self, context: MaskContext) -> MaskPlan:
        table = torch.from_numpy(self.mask).to(context.ids.device)
        gate = torch.where(context.special | ~context.valid, 1.0, table[context.ids])
        return MaskPlan(token_gate=gate, gate_mode=self.config.gate_mode, keep=gate >= self.threshold)

    def word_mask(self) -> np.ndarray:
        return self.mask

    def state_dict(self) -> dict[str, np.ndarray]:
        return {"mask": self.mask, "threshold": np.float64(self.threshold).reshape(1)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        self.mask = state["mask"].astype(np.float32).copy()
        self.threshold = float(state["threshold"][0])

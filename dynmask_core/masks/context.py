"""What a mask strategy sees: the training texts once, then one batch after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from dynmask_core.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

Split = Literal["train", "validation", "test", "transfer", "probe"]


@dataclass(frozen=True)
class CorpusStatistics:
    """What a strategy may know about the data: the training texts and nothing else. N tokens in all.

    words: vocabulary, index = id; the first `specials` of them are special tokens.
    tokens: int32 [N], all token ids of the training texts, in order, without special tokens.
    lengths: int64 [texts], tokens per text. labels: int64 [texts], each text's class, an index into `classes`.
    features: F, how many numbers describe a unit; 0 if it has a number in a vocabulary. bands: see MaskContext.
    Of sounds: rate: values a second. decibels: what a difference of 1 between two numbers of a unit stands for, on
    average over the training sounds.
    """

    words: Sequence[str]
    specials: int
    tokens: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    features: int = 0
    bands: int = 0
    rate: int = 0
    decibels: float = 0.0

    @property
    def texts(self) -> int:
        """|D|, the number of training texts."""
        return len(self.lengths)

    @property
    def token_labels(self) -> np.ndarray:
        """int64 [N]: the class of the text each token stands in."""
        return np.repeat(self.labels, self.lengths)

    def word_counts(self) -> np.ndarray:
        """int64 [vocabulary]: occurrences of each word in the training texts."""
        return np.bincount(self.tokens, minlength=len(self.words))

    def text_counts(self) -> np.ndarray:
        """int64 [vocabulary]: how many training texts hold each word."""
        return np.bincount(self._once()[1], minlength=len(self.words))

    def counts(self) -> np.ndarray:
        """int64 [classes, vocabulary]: `word_counts` of the texts of each class."""
        return self._table(self.token_labels, self.tokens)

    def document_counts(self) -> np.ndarray:
        """int64 [classes, vocabulary]: `text_counts` of the texts of each class."""
        text, word = self._once()
        return self._table(self.labels[text], word)

    def _once(self) -> tuple[np.ndarray, np.ndarray]:
        """(text, word), each int64 [n]: every word of every text, once."""
        size = max(len(self.words), 1)
        once = np.unique(np.repeat(np.arange(self.texts), self.lengths) * size + self.tokens)
        return once // size, once % size

    def _table(self, labels: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        size = len(self.words)
        flat = labels.astype(np.int64) * size + tokens
        return np.bincount(flat, minlength=len(self.classes) * size).reshape(len(self.classes), size)


@dataclass(frozen=True)
class MaskContext:
    """One batch as a strategy sees it: B inputs of T units each, with the special unit [CLS] in front.

    units: int64 [B, T], word ids, or float [B, T, F] if the input has no vocabulary; only a strategy that needs "words"
    may read them. attention_mask: bool [B, T], False at padding. special: bool [B, T], True at [CLS], [MASK] and
    padding; [UNK] is a word like others. sample: int64 [B], the index of each text in the data set, negative for text
    from elsewhere. epoch counts from 1; step from 0 within the run.
    labels: int64 [B] when split is "train", else None: a mask that sees the label at test time is a leak.
    marks: int64 [B, T] when split is "train" and the task marks units, else None: what each unit is to be marked as,
    an index into MarkSettings.marks, negative where this is not asked.
    word_ids: int64 [B, T], equal for the tokens of one word, −1 outside words; None: every token is a word.
    coordinates: int64 [B, T, k], the place of each unit; None: in a row, at places 0…T−1. With k = 1 [CLS] has a place
    like other units; with more axes it has none, and its values there mean nothing.
    prefix: int64 [B], how many units at the start, [CLS] included, are visible to all; None if no input has a prefix.
    bands: of units with F numbers that belong to bands of frequency, how many bands there are: F is a multiple of it,
    all bands of one moment and then all of the next. 0 for other units.
    split "probe" is a watched sentence: it gets the mask that a training text would get, without its label.
    """

    units: Tensor
    attention_mask: Tensor
    special: Tensor
    sample: Tensor
    epoch: int
    step: int
    split: Split
    labels: Tensor | None = None
    word_ids: np.ndarray | None = None
    coordinates: Tensor | None = None
    prefix: Tensor | None = None
    marks: Tensor | None = None
    bands: int = 0

    def __post_init__(self) -> None:
        if self.split != "train" and (self.labels is not None or self.marks is not None):
            raise ValueError("labels are for training only")

    def with_labels(self, labels: Tensor) -> MaskContext:
        """The same batch with its labels; only for training steps."""
        return replace(self, labels=labels)

    @property
    def training(self) -> bool:
        """True if the mask is that of training: `only_training` strategies act on these batches only."""
        return self.split in ("train", "probe")

    @property
    def input_ids(self) -> Tensor:
        """int64 [B, T]: the units of an input that has a vocabulary."""
        return self.units

    @property
    def device(self) -> torch.device:
        return self.attention_mask.device

    @property
    def places(self) -> Tensor:
        """int64 [B, T] ≥ 0: the place of each unit as one number, the same for the same place in all samples. Units of
        a grid always lie row by row, so their order numbers their places."""
        if self.coordinates is not None and self.coordinates.shape[-1] == 1:
            return self.coordinates[..., 0]
        return torch.arange(self.attention_mask.shape[1], device=self.device).expand(self.attention_mask.shape)

    @property
    def maskable(self) -> Tensor:
        """bool [B, T]: the units a mask may touch."""
        return self.attention_mask & ~self.special


@dataclass(frozen=True)
class LayerContext:
    """A batch inside the model, before one block. T' tokens are still in the text.

    batch: the whole batch, as `plan` saw it. layer: 0…L−1. hidden: float [B, T', D], the input of the block's attention
    (after its LayerNorm). attention: float [B, H, T', T'], the previous block's weights over the tokens still here,
    rows are queries; None before block 0 and if the strategy does not need it. position: int64 [B, T'], the place of
    each token in the batch. keep: bool [B, T'], False at padding and at removed tokens.
    """

    batch: MaskContext
    layer: int
    hidden: Tensor
    attention: Tensor | None
    position: Tensor
    keep: Tensor

    @property
    def maskable(self) -> Tensor:
        """bool [B, T']: the tokens still here that a mask may touch."""
        return self.keep & ~self.batch.special.gather(1, self.position)

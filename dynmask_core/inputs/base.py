"""The interface of every kind of input, and their register.

A sample is a text, an image or a sound. It becomes an array of units, a special one first: int32 [T] if units have
numbers in a vocabulary, float32 [T, F] if each is described by F numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.data.tokenize import SPECIAL_TOKENS, UNK, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.messages import Words

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from dynmask_core.data.dataset import Dataset
    from dynmask_core.model.embedding import Embedding

MAX_UNITS = 128
"""How many units of a sample have their masks recorded and shown, without the special one."""
MAX_MAP = MAX_UNITS + 1
"""How many units, with the special one, have their attention recorded."""


@dataclass(frozen=True)
class Batch:
    """B samples, padded to T units.

    units: int64 [B, T] or float32 [B, T, F]. attention_mask: bool [B, T], False at padding. special: bool [B, T], True
    at units that no mask may touch. coordinates: int64 [B, T, k], prefix: int64 [B], see MaskContext, or None.
    """

    units: Tensor
    attention_mask: Tensor
    special: Tensor
    coordinates: Tensor | None = None
    prefix: Tensor | None = None


@dataclass(frozen=True)
class Picture:
    """A sample that is looked at: cut into rows × columns equal parts, one for each unit after the special one, row by
    row. url: the picture, as a data URL. sound: what it is the picture of, as a data URL, to listen to; "" for none."""

    url: str
    rows: int
    columns: int
    sound: str = ""


@dataclass(frozen=True)
class Shown:
    """How a sample is shown to people: a text, and the characters [start, end) of each unit after the special one.

    picture: if the sample is rather looked at; the text then holds names of its parts.
    """

    text: str
    spans: list[tuple[int, int]]
    picture: Picture | None = None


@dataclass(frozen=True)
class Tuned:
    """What trains well on an input, in place of the settings for text; measured on its samples.

    arms: a first comparison. The others: see ModelConfig and TrainConfig.
    """

    arms: tuple[str, ...]
    epochs: int
    batch_size: int = 32
    learning_rate: float = 4e-3
    weight_decay: float = 0.1
    dropout: float = 0.1
    embedding_dropout: float = 0.0
    trained_blocks: int | None = None
    rate_decay: float = 1.0


class Input(ABC):
    """One kind of input. Subclass, set `name` and `provides`, and `register`."""

    name: ClassVar[str]
    provides: ClassVar[frozenset[str]] = frozenset()
    """What masks can rely on, out of "words", "order", "grid" and "bands": see MaskStrategy.needs. And what tasks can:
    "numbers", if each unit is described by F numbers, and "target", if samples say what they are to become."""
    bands: ClassVar[int] = 0
    """If units are described by numbers that belong to bands of frequency: how many bands. F is a multiple of it: all
    bands of one moment, then all of the next."""
    tuned: ClassVar[Tuned | None] = None
    """None: the defaults of the settings are meant for this input."""

    @classmethod
    def measured(cls, samples: Sequence[str]) -> dict[str, Any]:
        """The settings of DataConfig that the samples decide, such as the size of pictures."""
        return {}

    @classmethod
    def described(cls, config: DataConfig, samples: Sequence[str]) -> dict[str, Any]:
        """What people ask about such samples, as JSON, in place of the numbers of words of texts; {} for texts.

        config: as `measured` has completed it.
        """
        return {}

    @classmethod
    def of(cls, config: ExperimentConfig, vocabulary: Vocabulary | None = None) -> Self:
        """The input of an experiment; see __init__."""
        return cls(config.data, vocabulary)

    @classmethod
    def adapted(cls, config: ExperimentConfig) -> ExperimentConfig:
        """The experiment with what this input decides besides `measured` and `tuned`, such as the size of the model."""
        return config

    def shortened(self, samples: Sequence[str]) -> Words:
        """Says how many samples are read in part only, and which part; "" if all are read whole, or if the data check
        says it."""
        return ""

    def __init__(self, config: DataConfig, vocabulary: Vocabulary | None = None) -> None:
        """vocabulary: the units that have a number; None until `encode` has found them, or if the input has none."""
        self.config = config
        self.vocabulary = vocabulary or Vocabulary(SPECIAL_TOKENS, np.zeros(len(SPECIAL_TOKENS), dtype=np.int64))

    @abstractmethod
    def encode(self, dataset: Dataset, *, min_count: int = 1) -> EncodedCorpus:
        """All samples as units. A vocabulary holds the units that occur at least `min_count` times in the training
        samples."""

    @abstractmethod
    def read(self, sample: str, limit: int | None = None) -> np.ndarray:
        """The units of a sample as it is written in a data set: the special one and at most `limit` others (None:
        DataConfig.max_tokens)."""

    @classmethod
    def sample(cls, dataset: Dataset, row: int) -> str:
        """A row of a data set as a sample, to be read and shown; by default its text alone."""
        return dataset.texts[row]

    @abstractmethod
    def show(self, sample: str, limit: int | None = None) -> Shown:
        """The same units, in a form for people."""

    def places(self, dataset: Dataset, row: int) -> np.ndarray:
        """int [units, 2]: the characters [start, end) of the units that `encode` makes of a sample, as in `show`."""
        return np.array(self.show(dataset.texts[row]).spans, dtype=np.int32).reshape(-1, 2)

    @abstractmethod
    def embedding(self, model: ModelConfig, words: int) -> Embedding:
        """A new first layer. words: the size of the vocabulary."""

    @abstractmethod
    def batch(self, units: Sequence[np.ndarray], embedding: Embedding, device: torch.device) -> Batch:
        """Samples as one padded batch."""

    def weights(self) -> Mapping[str, Tensor]:
        """What embedding and encoder start from, by their names in a Backbone; {} if drawn at random."""
        return {}

    def word_ids(self, sample: str) -> np.ndarray:
        """int64 [T]: which word each unit of the sample belongs to, −1 for none; by default each is its own word."""
        return np.arange(len(self.read(sample))) - 1

    def unknown_units(self, sample: str) -> list[str]:
        """The units of a sample that training never saw, as written, each once; [] if units have no numbers."""
        units, shown = self.read(sample)[1:], self.show(sample)
        if not np.issubdtype(units.dtype, np.integer):
            return []
        new = (shown.text[a:b] for (a, b), unit in zip(shown.spans, units, strict=True) if unit == UNK)
        return list(dict.fromkeys(new))

    @property
    def features(self) -> int:
        """F, how many numbers describe a unit; 0 if units have numbers in a vocabulary."""
        return 0

    @property
    def max_positions(self) -> int:
        """The longest sample, the special unit included."""
        return self.config.max_tokens + 1

    @property
    def recorded(self) -> int:
        """How many units of a sample are recorded and shown, without the special one."""
        return min(self.config.max_tokens, MAX_UNITS)


INPUTS: dict[str, type[Input]] = {}


def register(kind: type[Input]) -> type[Input]:
    """Class decorator: makes the class a choice for ExperimentConfig.input."""
    INPUTS[kind.name] = kind
    return kind


def make_input(config: ExperimentConfig, vocabulary: Vocabulary | None = None) -> Input:
    """The input of an experiment. Raises InputError for an unknown name."""
    if config.input not in INPUTS:
        raise InputError("bad_setting", name="input", value=config.input, expected=", ".join(INPUTS))
    return INPUTS[config.input].of(config, vocabulary)

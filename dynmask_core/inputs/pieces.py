"""Text for a pre-trained encoder: the word pieces of its own tokenizer, between its [CLS] and [SEP]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig
from dynmask_core.data.encode import EncodedCorpus, pad
from dynmask_core.data.encoder_folder import architecture, tokenizer_text
from dynmask_core.data.media import medium_of
from dynmask_core.data.tokenize import CLS, PAD, SEP, UNK, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.inputs.base import Batch, Input, Shown, Tuned, register
from dynmask_core.inputs.wordpieces import ENDS, Cut, pieces_of
from dynmask_core.inputs.wordpieces import Pieces as Cutter
from dynmask_core.lazy import torch
from dynmask_core.mlm.word_ids import of_text

if TYPE_CHECKING:
    from torch import Tensor

    from dynmask_core.data.dataset import Dataset
    from dynmask_core.model.embedding import Embedding


@register
class Pieces(Input):
    """Units are the word pieces of ExperimentConfig.encoder, and a last one, [SEP], that no mask may touch. A text
    without pieces has no [SEP].

    The folder is read when a run starts; after that, the vocabulary has its tokenizer.json.
    """

    name = "pieces"
    provides = frozenset({"words", "order"})
    tuned = Tuned(
        arms=("none", "repaired"),
        epochs=3,
        learning_rate=5e-4,
        weight_decay=0.01,
        embedding_dropout=0.1,
        trained_blocks=2,
        rate_decay=0.9,
    )

    def __init__(self, config: DataConfig, vocabulary: Vocabulary | None = None, encoder: str = "") -> None:
        super().__init__(config, vocabulary)
        self.encoder = encoder
        self.started = vocabulary is not None

    @classmethod
    def of(cls, config: ExperimentConfig, vocabulary: Vocabulary | None = None) -> Self:
        return cls(config.data, vocabulary, config.encoder)

    @classmethod
    def measured(cls, samples: Sequence[str]) -> dict[str, Any]:
        if medium_of(samples) != "text":
            raise InputError("encoder_needs_text")
        return {}

    @classmethod
    def adapted(cls, config: ExperimentConfig) -> ExperimentConfig:
        told = architecture(config.encoder)
        most = min(config.data.max_tokens, told.positions - 1)
        return replace(config, model=told.model, data=replace(config.data, max_tokens=most))

    @cached_property
    def cutter(self) -> Cutter:
        """Raises InputError for a folder that cannot be read, or if `tokenizers` is not installed."""
        # A run that has started never looks at the folder again: who brings one could name any.
        return pieces_of(self.vocabulary.tokenizer if self.started else tokenizer_text(self.encoder))

    def encode(self, dataset: Dataset, *, min_count: int = 1) -> EncodedCorpus:
        """All pieces of the encoder are known, whether or not the training texts have them."""
        ids = [self.read(text) for text in dataset.texts]
        train = [ids[row] for row in dataset.rows("train")]
        counts = np.bincount(np.concatenate(train or [np.zeros(0, dtype=np.int64)]), minlength=len(self.cutter.words))
        counts[: SEP + 1] = 0
        content = self.vocabulary.tokenizer if self.started else tokenizer_text(self.encoder)
        self.vocabulary = Vocabulary(self.cutter.words, counts.astype(np.int64), SEP + 1, content)
        word_ids = [self.word_ids(text) for text in dataset.texts]
        return EncodedCorpus(ids, dataset.labels, dataset.split, self.vocabulary, dataset.classes, word_ids)

    def cut(self, sample: str, limit: int | None) -> Cut:
        """The pieces for which there is room beside [SEP]."""
        return self.cutter.cut(sample, max((self.config.max_tokens if limit is None else limit) - 1, 0))

    def read(self, sample: str, limit: int | None = None) -> np.ndarray:
        ids = self.cut(sample, limit).ids
        return np.array([CLS, *ids, *[SEP] * (len(ids) > 0)], dtype=np.int32)

    def show(self, sample: str, limit: int | None = None) -> Shown:
        """The text as it is written, and [SEP] behind it."""
        cut = self.cut(sample, limit)
        if not len(cut.ids):
            return Shown(cut.text, [])
        text = f"{cut.text} {ENDS}"
        return Shown(text, [*((int(a), int(b)) for a, b in cut.spans), (len(text) - len(ENDS), len(text))])

    def places(self, dataset: Dataset, row: int) -> np.ndarray:
        """As the text is written: what is drawn for pieces without a character is not in it. [SEP] has no place."""
        cut = self.cut(dataset.texts[row], None)
        nowhere = [(-1, -1)] * (len(cut.ids) > 0)
        return np.array([*cut.written.tolist(), *nowhere], dtype=np.int32).reshape(-1, 2)

    def word_ids(self, sample: str) -> np.ndarray:
        cut = self.cut(sample, None)
        return np.array([-1, *of_text(sample, cut.written), *[-1] * (len(cut.ids) > 0)], dtype=np.int64)

    def embedding(self, model: ModelConfig, words: int) -> Embedding:
        from dynmask_core.model.embedding import TokenEmbedding

        return TokenEmbedding(words, model, self.max_positions)

    def weights(self) -> Mapping[str, Tensor]:
        from dynmask_core.model.load import pretrained

        return pretrained(self.encoder, self.cutter.rows, self.max_positions)

    def batch(self, units: Sequence[np.ndarray], embedding: Embedding, device: torch.device) -> Batch:
        ids = torch.from_numpy(pad(units)).to(device)
        return Batch(ids, ids != PAD, (ids <= SEP) & (ids != UNK))

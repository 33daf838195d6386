"""Text: words or Chinese characters, numbered by a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.data.encode import EncodedCorpus, encode, pad
from dynmask_core.data.tokenize import PAD, SPECIAL_TOKENS, UNK, Tokenizer, words_at
from dynmask_core.inputs.base import Batch, Input, Shown, register
from dynmask_core.lazy import torch
from dynmask_core.mlm.word_ids import of_text

if TYPE_CHECKING:
    from dynmask_core.config import ModelConfig
    from dynmask_core.data.dataset import Dataset
    from dynmask_core.model.embedding import Embedding


@register
class Text(Input):
    """Units are the tokens of DataConfig.tokenizer."""

    name = "text"
    provides = frozenset({"words", "order"})

    @property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer(self.config.tokenizer)  # type: ignore[arg-type]

    def encode(self, dataset: Dataset, *, min_count: int = 1) -> EncodedCorpus:
        corpus = encode(dataset, self.config.max_vocabulary, min_count=min_count)
        self.vocabulary = corpus.vocabulary
        return corpus

    def read(self, sample: str, limit: int | None = None) -> np.ndarray:
        spans = np.array(self.show(sample, limit).spans, dtype=np.int32).reshape(-1, 2)
        return self.vocabulary.encode(words_at(sample, spans))

    def show(self, sample: str, limit: int | None = None) -> Shown:
        return Shown(sample, self.tokenizer.spans(sample, self.config.max_tokens if limit is None else limit))

    def places(self, dataset: Dataset, row: int) -> np.ndarray:
        return dataset.spans[row]  # a file with tokens keeps its own

    def word_ids(self, sample: str) -> np.ndarray:
        spans = np.array(self.show(sample).spans, dtype=np.int64).reshape(-1, 2)
        return np.append(-1, of_text(sample, spans))

    def embedding(self, model: ModelConfig, words: int) -> Embedding:
        # Loaded here: pages show text without torch.
        from dynmask_core.model.embedding import TokenEmbedding

        return TokenEmbedding(words, model, self.max_positions)

    def batch(self, units: Sequence[np.ndarray], embedding: Embedding, device: torch.device) -> Batch:
        padded = pad(units)
        padded[padded >= embedding.vocabulary_size] = UNK  # a word that only the model of another arm knows
        ids = torch.from_numpy(padded).to(device)
        # An unknown word is still a word: masks may act on it.
        return Batch(ids, ids != PAD, (ids < len(SPECIAL_TOKENS)) & (ids != UNK))

"""Dataset → ids, and ids → batches. NumPy only; torch is needed only for the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dynmask_core.data.dataset import Dataset
from dynmask_core.data.split import PARTS
from dynmask_core.data.tokenize import PAD, Vocabulary, words_at
from dynmask_core.keys import generator

POOL_BATCHES = 50
"""Number of batches whose texts are sorted by length together: large enough for little padding, small enough to stay
random."""


@dataclass(frozen=True)
class EncodedCorpus:
    """ids: one int32 array per text, [CLS] first. labels: int64 [N]. split: int8 [N], as in Dataset.

    word_ids: per text an int64 array as long as its ids: the index of the word that each token belongs to, −1 at [CLS].
    None if tokens are words. bands, rate, decibels: see CorpusStatistics.
    """

    ids: list[np.ndarray]
    labels: np.ndarray
    split: np.ndarray
    vocabulary: Vocabulary
    classes: tuple[str, ...]
    word_ids: list[np.ndarray] | None = None
    bands: int = 0
    rate: int = 0
    decibels: float = 0.0

    def rows(self, part: str) -> np.ndarray:
        """int64 indices of the texts of one of `PARTS`, ascending."""
        return np.flatnonzero(self.split == PARTS.index(part))

    def words_of(self, rows: np.ndarray) -> np.ndarray | None:
        """int64 [B, T]: `word_ids` of these texts, padded with −1; None if tokens are words."""
        return None if self.word_ids is None else pad([self.word_ids[row] for row in rows], -1)


def encode(dataset: Dataset, max_vocabulary: int, *, min_count: int = 1) -> EncodedCorpus:
    """Encodes all texts. The vocabulary holds the words that occur at least `min_count` times in the training texts."""
    tokenized = [words_at(text, spans) for text, spans in zip(dataset.texts, dataset.spans, strict=True)]
    training = (tokenized[i] for i in dataset.rows("train"))
    vocabulary = Vocabulary.build(training, max_size=max_vocabulary, min_count=min_count)
    ids = [vocabulary.encode(tokens) for tokens in tokenized]
    return EncodedCorpus(ids, dataset.labels, dataset.split, vocabulary, dataset.classes)


def read_more(corpus: EncodedCorpus, dataset: Dataset, rows: np.ndarray, max_vocabulary: int) -> EncodedCorpus:
    """The same corpus; new words that occur at least twice in the texts `rows` are appended to the vocabulary."""
    known = corpus.vocabulary
    tokenized = [words_at(text, spans) for text, spans in zip(dataset.texts, dataset.spans, strict=True)]
    more = Vocabulary.build((tokenized[row] for row in rows), max_size=2 * max_vocabulary, min_count=2)
    there = set(known.words)
    new = [word for word in more.words if word not in there][: max(max_vocabulary - len(known), 0)]
    counts = np.append(known.counts, np.zeros(len(new), dtype=np.int64))
    vocabulary = replace(known, words=(*known.words, *new), counts=counts)
    return replace(corpus, vocabulary=vocabulary, ids=[vocabulary.encode(tokens) for tokens in tokenized])


def pad(sequences: Sequence[np.ndarray], behind: int = PAD) -> np.ndarray:
    """int64 [B, T]: the sequences, padded on the right with `behind`."""
    out = np.full((len(sequences), max(len(s) for s in sequences)), behind, dtype=np.int64)
    for row, sequence in zip(out, sequences, strict=True):
        row[: len(sequence)] = sequence
    return out


def pad_features(units: Sequence[np.ndarray]) -> np.ndarray:
    """float32 [B, T, F]: samples of F numbers per unit, padded with zeros."""
    out = np.zeros((len(units), max(map(len, units)), units[0].shape[1]), dtype=np.float32)
    for row, sample in zip(out, units, strict=True):
        row[: len(sample)] = sample
    return out


def training_batches(lengths: np.ndarray, batch_size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Batches of indices into `lengths`: each text once, similar lengths together, in an order set by (seed, epoch)."""
    rng = generator(seed, "order", epoch)
    order = rng.permutation(len(lengths))
    pool = batch_size * POOL_BATCHES
    batches: list[np.ndarray] = []
    for start in range(0, len(order), pool):
        chunk = order[start : start + pool]
        batches.extend(by_length(lengths[chunk], batch_size, chunk))
    return [batches[i] for i in rng.permutation(len(batches))]


def by_length(lengths: np.ndarray, batch_size: int, rows: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """Batches of `rows` (default 0…N−1) in ascending order of length."""
    rows = np.arange(len(lengths)) if rows is None else rows
    ordered = rows[np.argsort(lengths, kind="stable")]
    for start in range(0, len(ordered), batch_size):
        yield ordered[start : start + batch_size]

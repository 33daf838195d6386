"""Pairs: [CLS] source [SEP] target [END], as one sequence (Dong et al. 2019, UniLM); and prose: [CLS] text [END]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.config import DataConfig
from dynmask_core.data.encode import EncodedCorpus, pad
from dynmask_core.data.pairs import cutter, joined, parted, repeats_sentences, sentence_spans, source_spans, unit_spans
from dynmask_core.data.tokenize import CLS, END, PAD, PAIR_TOKENS, SEP, SPECIAL_TOKENS, UNK, Vocabulary, words_at
from dynmask_core.inputs.base import Batch, Input, Shown, Tuned, register
from dynmask_core.lazy import torch

if TYPE_CHECKING:
    from dynmask_core.config import ModelConfig
    from dynmask_core.data.dataset import Dataset
    from dynmask_core.model.embedding import Embedding

ARROW, STOP = "⇒", "■"
"""How the separator and the end are shown."""


@register
class Pairs(Input):
    """A sample is a source, a tab and a target (see data.pairs); without a tab it is all target. Units are words, and
    digits one by one; or the sentences of the source, if DataConfig says so. Masks may touch the source alone, and
    of sentences all but the last, which is the question."""

    name = "pairs"
    provides = frozenset({"words", "order", "target"})
    tuned = Tuned(arms=("none", "dropout:0.1"), epochs=16, batch_size=32, learning_rate=4e-3, dropout=0.0)

    @classmethod
    def measured(cls, samples: Sequence[str]) -> dict[str, Any]:
        pairs = [parted(sample) for sample in samples]
        characters = cutter(DataConfig())
        longest = max((len(unit_spans(target, characters)) for _, target in pairs), default=0)
        sentences = repeats_sentences(source for source, _ in pairs if source is not None)
        return {"longest": min(longest + 1, 512), **({"sentences": True} if sentences else {})}

    @classmethod
    def sample(cls, dataset: Dataset, row: int) -> str:
        return dataset.texts[row] if dataset.targets is None else joined(dataset.texts[row], dataset.targets[row])

    def __init__(self, config: DataConfig, vocabulary: Vocabulary | None = None) -> None:
        super().__init__(config, vocabulary)
        self.tokenizer = cutter(config)

    def encode(self, dataset: Dataset, *, min_count: int = 1) -> EncodedCorpus:
        samples = [self.sample(dataset, row) for row in range(len(dataset))]
        cut = [self._units(sample, None) for sample in samples]
        words = [[word for part in self._words(cut[row]) for word in part] for row in dataset.rows("train")]
        self.vocabulary = Vocabulary.build(
            words, max_size=self.config.max_vocabulary, min_count=min_count, specials=SPECIAL_TOKENS + PAIR_TOKENS
        )
        ids = [self._numbers(parts) for parts in cut]
        return EncodedCorpus(ids, dataset.labels, dataset.split, self.vocabulary, dataset.classes)

    def read(self, sample: str, limit: int | None = None) -> np.ndarray:
        return self._numbers(self._units(sample, limit))

    def _units(self, sample: str, limit: int | None) -> tuple[list[str] | None, list[str], bool]:
        """The words of the source (None: there is none) and of the target, and whether the target has its end."""
        text, spans, size, ended = self._laid_out(sample, limit)
        words = words_at(text, spans)
        if size is None:
            return None, words[: len(words) - ended], ended
        return words[:size], words[size + 1 : len(words) - ended], ended

    def _numbers(self, parts: tuple[list[str] | None, list[str], bool]) -> np.ndarray:
        source, target, ended = parts
        end = PAIR_TOKENS[1:] if ended else ()
        return self.vocabulary.encode([*target, *end] if source is None else [*source, PAIR_TOKENS[0], *target, *end])

    def _words(self, parts: tuple[list[str] | None, list[str], bool]) -> tuple[list[str], ...]:
        """What the vocabulary is made from: units, and the words of those that are sentences."""
        source, target, _ = parts
        if source is None or not self.config.sentences:
            return source or [], target
        return source, target, [word for sentence in source for word in self.tokenizer.tokens(sentence)]

    def show(self, sample: str, limit: int | None = None) -> Shown:
        text, spans, _, _ = self._laid_out(sample, limit)
        return Shown(text, spans)

    def _laid_out(self, sample: str, limit: int | None) -> tuple[str, list[tuple[int, int]], int | None, bool]:
        """The text that is shown, the places of its units, how many of them are the source's (None: there is none), and
        whether the end is among them. It stands behind a target that is there and was not cut."""
        room = self.config.max_tokens if limit is None else limit
        source, target = parted(sample)
        found = unit_spans(target, self.tokenizer)
        if source is None:
            kept = found[:room]
            ended = len(found) < room
            return f"{target} {STOP}", kept + [(len(target) + 1, len(target) + 2)] * ended, None, ended
        given = source_spans(source, self.tokenizer, self.config.sentences)
        size = min(len(given), max(room - 1 - len(found) - 1, (room - 1) // 2))
        start = len(source) + 3
        text = f"{source} {ARROW} {target} {STOP}" if target else f"{source} {ARROW}"
        after = [(a + start, b + start) for a, b in found[: max(room - 1 - size, 0)]]
        spans = [*given[:size], (len(source) + 1, len(source) + 2), *after][:room]
        ended = bool(found) and len(spans) == size + 1 + len(found) < room
        return text, spans + [(len(text) - 1, len(text))] * ended, min(size, len(spans)), ended

    def embedding(self, model: ModelConfig, words: int) -> Embedding:
        # Loaded here: pages show text without torch.
        from dynmask_core.model.pair_embedding import PairEmbedding

        specials = len(SPECIAL_TOKENS) + len(PAIR_TOKENS)
        return PairEmbedding(words, model, self.max_positions + self.config.longest, specials, self._parts(words))

    def _parts(self, words: int) -> list[list[int]] | None:
        if not self.config.sentences:
            return None
        known = self.vocabulary
        parts = [[number] for number in range(words)]
        for number in range(known.specials, min(words, len(known))):
            inside = self.tokenizer.tokens(known.words[number])
            if len(inside) > 1 and sentence_spans(known.words[number]):
                parts[number] = known.encode(inside)[1:].tolist()
        return parts

    def batch(self, units: Sequence[np.ndarray], embedding: Embedding, device: torch.device) -> Batch:
        padded = pad(units)
        padded[padded >= embedding.vocabulary_size] = UNK  # a word that only the model of another arm knows
        ids = torch.from_numpy(padded).to(device)
        there, separator = ids != PAD, ids == SEP
        place = torch.arange(ids.shape[1], device=device)
        prefix = torch.where(separator, place + 1, 0).amax(1)
        prefix = torch.where(prefix > 0, prefix, 1)
        special = ~there | (place >= prefix[:, None]) | (ids == CLS) | separator | (ids == END)
        if self.config.sentences:
            special |= separator.roll(-1, 1)  # the question
        return Batch(ids, there, special, prefix=prefix)

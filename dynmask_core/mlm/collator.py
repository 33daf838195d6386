"""Static and dynamic masking for Hugging Face's `Trainer`, in place of `DataCollatorForLanguageModeling`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol

import numpy as np

from dynmask_core.config import Selection
from dynmask_core.keys import digests, seed_of
from dynmask_core.lazy import torch
from dynmask_core.mlm.columns import Rectangle, one_row_each, passed_on, read
from dynmask_core.mlm.corruption import Corruption, Replacements, Texts
from dynmask_core.mlm.pieces import Pieces

NAMES = ("sample", "idx")
"""Columns that may name an example; the first of them that is present is used."""
TAKEN = (*NAMES, "input_ids", "special_tokens_mask", "offset_mapping", "word_ids", "labels")
OF_THE_PEER = {
    "mlm": "leave it out, this collator always hides tokens to guess",
    "whole_word_mask": "write selection='whole-word'",
}
"""Arguments of Hugging Face's collator that are said in another way here."""


class PretrainedTokenizer(Protocol):
    """What the collator needs of a tokenizer; every tokenizer of the `transformers` package has it."""

    mask_token_id: int | None
    pad_token_id: int | None
    pad_token_type_id: int
    padding_side: str
    all_special_ids: Sequence[int]
    model_input_names: Sequence[str]

    def get_vocab(self) -> Mapping[str, int]: ...


class DataCollatorForDynamicMasking:
    """Examples → a batch of tensors with the keys and shapes of Hugging Face's collator: input_ids, labels, and, if
    examples are dicts, attention_mask and their other columns.

    examples: a list of dicts (input_ids; optionally attention_mask, token_type_ids, special_tokens_mask), or of lists,
    arrays or tensors of ids. They are padded to the longest one, or to the next multiple of `pad_to_multiple_of`, on
    the tokenizer's padding side. labels are −100 where there is nothing to guess.

    mlm_probability: a number, or a schedule such as "0.3..0.15@cosine". mask_replace_prob, random_replace_prob: as in
    Hugging Face's. selection, refresh: as in Corruption. Unlike Hugging Face's collator, this one draws exact counts by
    default, takes 0 as a seed like any other, never writes a special token at random, and with whole words, too, may
    keep tokens or replace them at random.

    Which example is it? The column "sample" or "idx" (an integer or a text) names it. Without such a column the ids
    name it, and equal texts are masked alike. `Trainer` drops columns that the model does not know: to keep one, pass
    TrainingArguments(remove_unused_columns=False). The column itself does not reach the batch.

    Which epoch is it? Call `set_epoch(epoch, progress)` when one begins: in a TrainerCallback, on_epoch_begin has it in
    `state.epoch`. The workers of a DataLoader see it, too. If it is never called, an example's epoch is the number of
    times it was seen so far. Workers cannot know that number, so in them every refresh but "static" raises
    RuntimeError. A rate that changes over the run stays at its start unless `progress` is given.
    Equal seed, example and epoch give equal masks, in any process, in any batch, after any restart.

    Which tokens make a word (for "whole-word", "span" and "pmi")? The column "word_ids" (as a fast tokenizer gives it,
    None for special tokens), which is taken as it is; else "offset_mapping" (tokens that touch are one word), else the
    marks in the tokenizer's vocabulary (##, or ▁ or Ġ); else every token is a word. Chinese characters that touch are
    cut into dictionary words, and in other scripts without spaces every token is a word: see Pieces. "pmi" needs `fit`.

    Other columns are passed on if they hold numbers. A column that cannot be read is a ValueError that names it.
    """

    def __init__(
        self,
        tokenizer: PretrainedTokenizer,
        mlm_probability: float | str = 0.15,
        mask_replace_prob: float = 0.8,
        random_replace_prob: float = 0.1,
        pad_to_multiple_of: int | None = None,
        return_tensors: Literal["pt", "np"] = "pt",
        seed: int = 0,
        refresh: str = "dynamic",
        selection: Selection = "exact",
        **unknown: Any,
    ) -> None:
        for name in unknown:
            raise TypeError(
                f"there is no argument '{name}': {OF_THE_PEER.get(name, 'see the docstring for those known')}"
            )
        if tokenizer.mask_token_id is None:
            raise ValueError("this tokenizer has no mask token, and masked language modelling needs one")
        self.corruption = Corruption(selection, mlm_probability, mask_replace_prob, random_replace_prob, refresh)
        self.tokenizer = tokenizer
        self.pad_to_multiple_of = pad_to_multiple_of
        self.return_tensors = return_tensors
        self.seed = seed
        vocabulary = tokenizer.get_vocab()
        ids = np.fromiter(vocabulary.values(), np.int64, len(vocabulary))
        self._special = np.zeros(int(ids.max(initial=0)) + 1, dtype=bool)
        self._special[list(tokenizer.all_special_ids)] = True
        self._words = Replacements(tokenizer.mask_token_id, np.sort(ids[~self._special[ids]]))
        self._pieces: Pieces | None = None
        if selection not in ("exact", "bernoulli"):
            tokens = [""] * len(self._special)
            for token, number in vocabulary.items():
                tokens[number] = token
            self._pieces = Pieces(tokens)
        self._seen: dict[int, int] = {}
        # In shared memory, so that running DataLoader workers see a new epoch.
        self._epoch = torch.tensor([-1.0, 0.0], dtype=torch.float64).share_memory_()  # type: ignore[no-untyped-call]

    def set_epoch(self, epoch: float, progress: float = 0.0) -> None:
        """epoch: ≥ 0; only its whole part counts. progress: the finished share of the run, in [0, 1], for a rate that
        changes."""
        self._epoch[0], self._epoch[1] = int(epoch), progress

    def fit(self, texts: Iterable[np.ndarray]) -> None:
        """Finds the word groups that selection "pmi" masks together. texts: int arrays of ids, the training texts."""
        self.corruption = self.corruption.fit(texts, self.tokenizer.all_special_ids)

    def __call__(self, features: Sequence[Any], return_tensors: str | None = None) -> dict[str, Any]:
        named = isinstance(features[0], Mapping)
        columns = one_row_each(features) if named else {"input_ids": features}
        tokenizer = self.tokenizer
        grid = read("input_ids", columns, lambda ids: Rectangle.around(ids, self.pad_to_multiple_of or 1, self._left))
        if grid.there is not None and tokenizer.pad_token_id is None:
            raise ValueError("this tokenizer has no padding token, and the examples have different lengths")
        ids = read("input_ids", columns, lambda ids: grid.numbers(ids, tokenizer.pad_token_id or 0))
        told = "special_tokens_mask" in columns
        special = (
            read("special_tokens_mask", columns, lambda given: grid.flags(given, True)) if told else self._special[ids]
        )
        maskable = ~special if grid.there is None else grid.there & ~special

        batch = {"input_ids": ids}
        for key in (key for key in columns if key not in TAKEN):
            if key == "attention_mask":
                seen = read(key, columns, lambda given: grid.flags(given, False))
                maskable &= seen
                batch[key] = seen.astype(np.int64)
            elif key == "token_type_ids":
                batch[key] = read(key, columns, lambda given: grid.numbers(given, tokenizer.pad_token_type_id))
            else:
                batch[key] = passed_on(key, columns[key])
        if named and "attention_mask" not in batch and "attention_mask" in tokenizer.model_input_names:
            there = np.ones(grid.shape, dtype=bool) if grid.there is None else grid.there
            batch["attention_mask"] = there.astype(np.int64)
        sample, word_ids = self._samples(columns, ids, maskable), self._word_ids(columns, grid, ids, special)
        batch["input_ids"], batch["labels"] = self._corrupt(Texts(ids, maskable, sample, word_ids, seed=self.seed))
        if (return_tensors or self.return_tensors) == "np":
            return batch
        return {key: torch.from_numpy(values) for key, values in batch.items()}

    @property
    def _left(self) -> bool:
        return self.tokenizer.padding_side == "left"

    def _samples(self, columns: Mapping[str, Sequence[Any]], ids: np.ndarray, maskable: np.ndarray) -> np.ndarray:
        """int64 [B]: a number for each example that stays the same over epochs and batches."""
        for key in NAMES:
            if key in columns:
                names = (seed_of(one) if isinstance(one, str) else int(one) for one in columns[key])
                return np.fromiter(names, np.int64, len(ids))
        return digests(ids, np.cumsum(maskable, axis=1), maskable)

    def _word_ids(
        self, columns: Mapping[str, Sequence[Any]], grid: Rectangle, ids: np.ndarray, special: np.ndarray
    ) -> np.ndarray | None:
        if self._pieces is None:
            return None
        if "word_ids" in columns:
            return read("word_ids", columns, lambda given: grid.numbers([_words_of(one) for one in given], -1))
        if "offset_mapping" not in columns:
            return self._pieces.words(ids, special)
        return self._pieces.words(ids, special, read("offset_mapping", columns, lambda given: grid.pairs(given, 0)))

    def _corrupt(self, texts: Texts) -> tuple[np.ndarray, np.ndarray]:
        epochs, of_each, progress = self._epochs(texts.sample)
        texts = replace(texts, progress=progress)
        if len(epochs) == 1:
            return self.corruption.corrupt(replace(texts, epoch=epochs.pop()), self._words)
        out, labels = np.empty_like(texts.ids), np.empty_like(texts.ids)
        for epoch in epochs:
            rows = of_each == epoch
            out[rows], labels[rows] = self.corruption.corrupt(texts.of_epoch(epoch, rows), self._words)
        return out, labels

    def _epochs(self, sample: np.ndarray) -> tuple[set[int], np.ndarray, float]:
        """The set of the examples' epochs, the epoch of each example (if there are several), and the progress."""
        epoch, progress = self._epoch.tolist()
        if epoch >= 0 or self.corruption.changes.patterns == 1:
            return {max(int(epoch), 0)}, sample, progress
        if torch.utils.data.get_worker_info() is not None:
            raise RuntimeError(
                "a DataLoader's worker cannot know the epoch: call the collator's set_epoch when one begins, "
                "or use refresh='static' or num_workers=0"
            )
        epochs = []
        for name in sample.tolist():
            epochs.append(self._seen.get(name, 0))
            self._seen[name] = epochs[-1] + 1
        return set(epochs), np.array(epochs, dtype=np.int64), progress


def _words_of(numbers: Iterable[int | None]) -> list[int]:
    return [-1 if word is None else word for word in numbers]

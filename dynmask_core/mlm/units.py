"""Units are masked as a whole: tokens, words of several tokens, or groups of words. Rates count in units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Units:
    """number: int64 [B, T], the index of each token's unit in its text, from 0; meaningless if the token is not
    maskable. count: int64 [B], how many units a text has."""

    number: np.ndarray
    count: np.ndarray

    @property
    def there(self) -> np.ndarray:
        """bool [B, max(count, 1)]: which units a text has."""
        among: np.ndarray = np.arange(max(int(self.count.max(initial=0)), 1)) < self.count[:, None]
        return among

    def spread(self, values: np.ndarray) -> np.ndarray:
        """[B, T]: for each token the value of its unit. values: [B, max(count, 1)], one value for each unit."""
        texts, width = values.shape
        # For a token that is not maskable any value will do, so numbers out of range are clipped.
        at = self.number + width * np.arange(texts)[:, None]
        spread: np.ndarray = values.ravel().take(at, mode="clip")
        return spread


def single_tokens(maskable: np.ndarray) -> Units:
    """Every maskable token is a unit. maskable: bool [B, T]."""
    number = np.cumsum(maskable, axis=1) - 1
    return Units(number, number[:, -1] + 1 if number.shape[1] else np.zeros(len(number), dtype=np.int64))


def whole_words(maskable: np.ndarray, word_ids: np.ndarray | None, joined: np.ndarray | None = None) -> Units:
    """Neighbouring tokens of one word are a unit; without `word_ids` every token is a word.

    maskable: bool [B, T]. word_ids: int64 [B, T], equal for the tokens of a word, −1 outside words (special tokens,
    padding; each such token stands alone). A piece that is not maskable does not divide its word.
    joined: bool [B, T], True for a token that belongs to the unit of the token before it, even if of another word.
    """
    opens = np.ones(maskable.shape, dtype=bool)
    if word_ids is not None:
        np.logical_or(word_ids[:, 1:] != word_ids[:, :-1], word_ids[:, 1:] < 0, out=opens[:, 1:])
    if joined is not None:
        opens[:, 1:] &= ~joined[:, 1:]
    run = np.cumsum(opens, axis=1)
    # A unit is counted at its first maskable token; a word without any maskable token is not counted.
    latest = np.maximum.accumulate(run * maskable, axis=1)
    first = maskable.copy()
    first[:, 1:] &= run[:, 1:] > latest[:, :-1]
    return single_tokens(first)

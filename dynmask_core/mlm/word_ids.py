"""Which word each token belongs to, derived from what a tokenizer returns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dynmask_core.data.tokenize import Tokenizer

MARKS = ("##", "▁", "Ġ")
"""WordPiece marks pieces that continue a word (##); SentencePiece (▁) and byte-level BPE (Ġ) those that begin one."""


def of_text(text: str, spans: np.ndarray) -> np.ndarray:
    """int64 [n]: the index of the word that each token lies in. spans: int [n, 2], its characters [start, end).

    All characters of a Chinese word get the same number, even if the tokens are single characters.
    """
    starts = np.array([start for start, _ in Tokenizer("words").spans(text)], dtype=np.int64)
    number: np.ndarray = np.searchsorted(starts, np.asarray(spans).reshape(-1, 2)[:, 0], side="right") - 1
    return number


def touching(offsets: np.ndarray) -> np.ndarray:
    """bool [B, T]: True for a token that begins where the token before it ends.

    offsets: int64 [B, T, 2], each token's characters [start, end).
    """
    touch = np.zeros(offsets.shape[:2], dtype=bool)
    np.equal(offsets[:, 1:, 0], offsets[:, :-1, 1], out=touch[:, 1:])
    return touch


def by_continuation(goes_on: np.ndarray, special: np.ndarray) -> np.ndarray:
    """int64 [B, T]: the index of each token's word, −1 for special tokens.

    goes_on: bool [B, T], True for a token that continues the word of the token before it, unless that one is special.
    special: bool [B, T].
    """
    opens = ~goes_on
    opens[:, 1:] |= special[:, :-1]
    number = np.cumsum(opens, axis=1)
    number[special] = -1
    return number


def continuations(tokens: Sequence[str]) -> np.ndarray | None:
    """bool [V]: which tokens of a vocabulary continue a word; None if no token has one of `MARKS`."""
    mark = marks_of(tokens)
    if mark is None:
        return None
    if mark == "##":
        return np.array([token.startswith(mark) and token != mark for token in tokens], dtype=bool)
    return ~np.array([token.startswith(mark) for token in tokens], dtype=bool)


def marks_of(tokens: Sequence[str]) -> str | None:
    """The one of `MARKS` that most tokens of the vocabulary begin with, None without any. A byte-level vocabulary can
    hold a few tokens of hash signs."""
    count = {mark: sum(token.startswith(mark) and token != mark for token in tokens) for mark in MARKS}
    return max(count, key=count.__getitem__) if any(count.values()) else None

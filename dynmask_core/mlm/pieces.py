"""The pieces of a tokenizer's vocabulary, and which of them make a word together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import regex

from dynmask_core.data.tokenize import UNSPACED, Tokenizer
from dynmask_core.mlm.word_ids import by_continuation, continuations, marks_of, touching

HAN = regex.compile(r"\p{Han}+")
APART = regex.compile(rf"(?V1){UNSPACED}|[\u3000-\u303f\uff00-\uff0f\uff1a-\uff20]")
"""Scripts that are written without spaces, and the punctuation of East Asia."""
CUT = "〓"
"""The sign that East Asian printers set for a character that is missing."""


class Pieces:
    """Finds the words of texts given as ids of pieces.

    Pieces that a mark joins (see `continuations`), or that touch in the text, are one word. In scripts without spaces
    that would make a word of a whole sentence. There, a run of Chinese characters is cut into dictionary words, as in
    Chinese BERT with whole word masking (Cui et al. 2021), and in other scripts each piece is a word.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        """tokens: the whole vocabulary, index = id."""
        mark = marks_of(tokens)
        self._marks_spaces = mark in ("▁", "Ġ")
        text_of = _decoded if mark == "Ġ" else _bare
        written = [text_of(token) for token in tokens]
        self._goes_on = continuations(tokens)
        self._han = {number: text for number, text in enumerate(written) if text and HAN.fullmatch(text)}
        self._unspaced = np.array([bool(text) and APART.search(text) is not None for text in written], dtype=bool)
        # A piece that begins within a character of several bytes belongs to the piece before it.
        self._inside = np.array([text is None for text in written], dtype=bool)
        # A mark alone, a space, belongs to the piece behind it.
        self._space = np.array([self._marks_spaces and text == "" for text in written], dtype=bool)
        self._plain = not (self._unspaced.any() or self._inside.any())
        self._is_han = np.zeros(len(tokens), dtype=bool)
        self._is_han[list(self._han)] = True

    def words(self, ids: np.ndarray, special: np.ndarray, offsets: np.ndarray | None = None) -> np.ndarray | None:
        """int64 [B, T]: the index of each piece's word, −1 for special pieces; None if every piece is a word.

        ids: int64 [B, T]. special: bool [B, T]. offsets: int64 [B, T, 2], the characters [start, end) of each piece in
        its text; without them the marks tell which pieces belong together.
        """
        goes_on = None if self._goes_on is None else self._goes_on[ids]
        adjoins = goes_on if self._marks_spaces else None
        if offsets is not None:
            touch = touching(offsets)
            # Some tokenizers count the space before a piece to the piece.
            goes_on = adjoins = touch if adjoins is None else touch & adjoins
        if not self._plain:
            goes_on = self._unspaced_words(ids, special, goes_on, adjoins)
        return None if goes_on is None else by_continuation(goes_on, special)

    def _unspaced_words(
        self, ids: np.ndarray, special: np.ndarray, goes_on: np.ndarray | None, adjoins: np.ndarray | None
    ) -> np.ndarray | None:
        """goes_on, adjoins: bool [B, T], the pieces that belong to the word before, and those that no space divides
        from it; None if nothing tells."""
        apart, inside = self._unspaced[ids], self._inside[ids]
        if not apart.any():
            return goes_on if goes_on is None else goes_on | inside
        out = np.zeros(ids.shape, dtype=bool) if goes_on is None else goes_on.copy()
        out[:, 1:] &= ~(apart[:, 1:] | apart[:, :-1])
        out |= inside
        han = self._is_han[ids] & ~special
        follows = han.copy()
        follows[:, 0] = False
        follows[:, 1:] &= han[:, :-1]
        if adjoins is not None:
            follows &= adjoins
        # Flat places of the first and the last piece of each run of two pieces or more.
        inner = follows.ravel()
        begins = np.flatnonzero(~inner & np.append(inner[1:], False))
        ends = np.flatnonzero(inner & ~np.append(inner[1:], False))
        flat, joined = ids.ravel(), out.ravel()
        for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
            texts = [self._han[number] for number in flat[first : last + 1].tolist()]
            joined[first : last + 1] = _continues(tuple(texts))
        out[:, 1:] |= self._space[ids[:, :-1]]
        return out


@lru_cache(maxsize=2**16)
def _continues(pieces: tuple[str, ...]) -> tuple[bool, ...]:
    """For each piece of a run of Chinese characters, whether it begins within a dictionary word."""
    starts = {start for start, _ in Tokenizer("words").spans("".join(pieces))}
    places = np.cumsum([0, *map(len, pieces[:-1])]).tolist()
    return tuple(place not in starts for place in places)


def _bare(token: str) -> str | None:
    """The text of a piece without its mark."""
    return token.removeprefix("##").removeprefix("▁")


def _decoded(token: str) -> str | None:
    """The text of a piece of byte-level BPE, without a character that is cut at the end; None if it begins within
    one. The first bytes of a character beyond U+3000 alone stand for one of a script without spaces."""
    numbers = bytes(_bytes()[letter] for letter in token if letter in _bytes())
    if numbers and 0x80 <= numbers[0] < 0xC0:
        return None
    text = numbers.decode("utf-8", "ignore").removeprefix(" ")
    return text or (CUT if numbers and 0xE3 <= numbers[0] < 0xF0 else "")


@lru_cache(maxsize=1)
def _bytes() -> dict[str, int]:
    """The letter that byte-level BPE writes for each byte (Radford et al. 2019): itself if it is visible in Latin-1,
    else one of those from U+0100 on."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [number for number in range(256) if number not in set(visible)]
    return {chr(number): number for number in visible} | {chr(256 + i): number for i, number in enumerate(others)}

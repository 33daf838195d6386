"""Hides tokens for a model to guess: masked language modelling, static and dynamic in one code path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, get_args

import numpy as np

from dynmask_core.config import Selection
from dynmask_core.data.tokenize import MASK, SPECIAL_TOKENS
from dynmask_core.errors import InputError
from dynmask_core.keys import bits_at, seed_of, uniform_grid
from dynmask_core.masks.ops.sampling import mean_counts, pick_spans, pick_words
from dynmask_core.masks.schedule import Schedule
from dynmask_core.mlm.collocations import Collocations
from dynmask_core.mlm.refresh import Refresh
from dynmask_core.mlm.units import Units, single_tokens, whole_words

SELECTIONS: tuple[Selection, ...] = get_args(Selection)
IGNORED = -100
"""The label of tokens that are not guessed; PyTorch's cross entropy ignores it."""
_HALF = np.uint64(2**32 - 1)


@dataclass(frozen=True)
class Texts:
    """A batch to mask, in one epoch of one run: B texts, T tokens.

    ids: int64 [B, T]. maskable: bool [B, T], False for special tokens and padding, which stay. sample: int64 [B], the
    texts' names. word_ids: int64 [B, T], equal for the pieces of a word, −1 outside words; None: every token is a word.
    seed: of the masks. progress: of the run, in [0, 1], for a rate that changes.
    """

    ids: np.ndarray
    maskable: np.ndarray
    sample: np.ndarray
    word_ids: np.ndarray | None = None
    epoch: int = 1
    seed: int = 0
    progress: float = 0.0

    def of_epoch(self, epoch: int, rows: np.ndarray) -> Texts:
        """The texts marked by `rows` (bool [B]), in another epoch."""
        word_ids = None if self.word_ids is None else self.word_ids[rows]
        return replace(
            self,
            ids=self.ids[rows],
            maskable=self.maskable[rows],
            sample=self.sample[rows],
            word_ids=word_ids,
            epoch=epoch,
        )


@dataclass(frozen=True)
class Replacements:
    """What can replace a token. mask: the id of [MASK]. ids: int64 [R], the ids a random word is drawn from."""

    mask: int
    ids: np.ndarray

    @classmethod
    def of(cls, size: int, specials: int = len(SPECIAL_TOKENS)) -> Replacements:
        """For the project's own vocabulary of `size` words: any but the first `specials` may be drawn."""
        return cls(MASK, np.arange(specials, size, dtype=np.int64))

    def draw(self, bits: np.ndarray) -> np.ndarray:
        """int64 [n]: an id for each of `bits` (uint64 [n]; only the lower 32 are used).

        All ids are equally likely, up to one part in 2^32/R.
        """
        drawn: np.ndarray = self.ids.take((bits & _HALF) * np.uint64(len(self.ids)) >> np.uint64(32))
        return drawn


class Chosen(NamedTuple):
    """tokens: bool [B, T], True for tokens to guess. draw: int64 [B, T]; tokens of one text with equal numbers are
    replaced in the same way. place: int64 [B, T], a maskable token's index among the maskable tokens of its text."""

    tokens: np.ndarray
    draw: np.ndarray
    place: np.ndarray


@dataclass(frozen=True)
class Corruption:
    """Which tokens to guess, and what replaces them.

    selection: how they are chosen.
      "exact" draws some of a text's T tokens without replacement: rate·T on average, and at least one;
      "bernoulli" decides for each token independently, so a short text may have none;
      "whole-word" is like "exact", but draws words, with all their pieces;
      "span" draws runs of whole words, of geometric lengths with p 0.2, at most 10 (SpanBERT, Joshi et al. 2020);
      "pmi" draws groups of words that often stand together (Levine et al. 2021; needs `fit`).
    rate: a number in [0, 1], or a schedule over the run, "0.3..0.15" or "0.3..0.15@cosine"; a rate of 0 masks nothing.
    mask_share, random_share: the shares of the tokens to guess that become [MASK] and a random word; the others stay as
    they are. This is drawn for each token, or for each whole span if selection is "span".
    refresh: "static", "static:K" or "dynamic" (see Refresh). Raises InputError for any value that is not allowed.
    """

    selection: Selection = "exact"
    rate: float | str = 0.15
    mask_share: float = 0.8
    random_share: float = 0.1
    refresh: str = "dynamic"
    collocations: Collocations | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.selection not in SELECTIONS:
            self._refuse("selection", ", ".join(SELECTIONS))
        try:
            low, high = Schedule.read(self.rate).bounds
        except (ValueError, AttributeError):
            low = high = np.nan
        if not (low >= 0 and high <= 1):
            self._refuse("rate", "0–1, 0.3..0.15, 0.3..0.15@cosine")
        if not 0 <= self.mask_share <= 1:
            self._refuse("mask_share", "0–1")
        if not 0 <= self.random_share <= 1 - self.mask_share + 1e-9:
            self._refuse("random_share", f"0–{1 - self.mask_share:g}")
        object.__setattr__(self, "refresh", str(Refresh.read(self.refresh)))

    def _refuse(self, name: str, expected: str) -> None:
        raise InputError("bad_setting", name=name, value=getattr(self, name), expected=expected)

    @cached_property
    def schedule(self) -> Schedule:
        return Schedule.read(self.rate)

    @cached_property
    def changes(self) -> Refresh:
        return Refresh.read(self.refresh)

    def fit(self, texts: Iterable[np.ndarray], specials: Iterable[int] = range(len(SPECIAL_TOKENS))) -> Corruption:
        """A copy that knows the texts' word groups if the selection is "pmi", else itself. texts: int arrays of ids.

        specials: ids that belong to no group; by default those of the project's own vocabulary.
        """
        return replace(self, collocations=Collocations.fit(texts, specials)) if self.selection == "pmi" else self

    def corrupt(self, texts: Texts, words: Replacements) -> tuple[np.ndarray, np.ndarray]:
        """New ids int64 [B, T], and labels int64 [B, T]: the original ids of the tokens to guess, else −100.

        A text's mask depends only on its seed, its name, the turn of the epoch and its own tokens.
        """
        ids, sample, chosen, key = texts.ids, texts.sample, self.choose(texts), self._key(texts)
        at = np.flatnonzero(chosen.tokens)
        text, original = at // max(ids.shape[1], 1), ids.take(at)
        bits = bits_at(seed_of(*key, "write"), sample, text, chosen.place.take(at))
        # The upper bits decide what to write, the lower ones which random word.
        kind = (
            bits if chosen.draw is chosen.place else bits_at(seed_of(*key, "span"), sample, text, chosen.draw.take(at))
        )
        what = kind * 2.0**-64
        written = np.where(what < self.mask_share, words.mask, original)
        if len(words.ids):
            is_random = np.flatnonzero((what >= self.mask_share) & (what < self.mask_share + self.random_share))
            written[is_random] = words.draw(bits[is_random])
        out, labels = np.array(ids, dtype=np.int64, order="C"), np.full(ids.shape, IGNORED, dtype=np.int64)
        out.ravel()[at], labels.ravel()[at] = written, original
        return out, labels

    def choose(self, texts: Texts) -> Chosen:
        """The tokens that `corrupt` would hide."""
        maskable, sample, key, rate = texts.maskable, texts.sample, self._key(texts), self.schedule.at(texts.progress)
        single = single_tokens(maskable)
        units = self._units(texts, single)
        place = single.number
        if self.selection == "bernoulli":
            there = units.there
            drawn = uniform_grid(seed_of(*key, "word"), sample, there.shape[1]) < rate
            return Chosen(units.spread(drawn & there) & maskable, place, place)
        counts = mean_counts(units.count, rate, sample, *key)
        counts = np.minimum(np.maximum(counts, 1 if rate > 0 else 0), units.count)
        if self.selection == "span":
            span = units.spread(pick_spans(units.count, counts, sample, *key))
            return Chosen((span >= 0) & maskable, span, place)
        return Chosen(units.spread(pick_words(units.there, counts, sample, *key)) & maskable, place, place)

    def _key(self, texts: Texts) -> tuple[int | str, ...]:
        return (texts.seed, "mlm", *self.changes.turn(texts.epoch))

    def _units(self, texts: Texts, single: Units) -> Units:
        joined = None
        if self.selection == "pmi":
            if self.collocations is None:
                raise ValueError("selection 'pmi' knows no word groups yet: call fit with the training texts first")
            joined = self.collocations.joined(texts.ids, texts.maskable)
        elif self.selection in ("exact", "bernoulli") or texts.word_ids is None:
            return single
        return whole_words(texts.maskable, texts.word_ids, joined)

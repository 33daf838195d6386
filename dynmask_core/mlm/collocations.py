"""Groups of words that stand together more often than by chance, found by pointwise mutual information (PMI)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

MIN_COUNT = 5
LEAST_NPMI = 0.5
_LOW = 32
_Ids = TypeVar("_Ids", int, np.ndarray)


@dataclass(frozen=True)
class Collocations:
    """groups: two or three word ids each, with the group's normalised PMI; the highest first.

    The PMI of three words is the lowest over all ways to cut the group in two or three, so that "of New York" is not a
    group only because "New York" is one (Levine et al. 2021, PMI-Masking). It is divided by −log p(group) (Bouma 2009):
    1 for words that never stand apart, 0 for words that meet by chance.
    """

    groups: tuple[tuple[tuple[int, ...], float], ...]

    def __post_init__(self) -> None:
        pairs = [group for group, _ in self.groups if len(group) == 2]
        triples = [group for group, _ in self.groups if len(group) == 3]
        object.__setattr__(self, "_pairs", np.unique(np.array([_pair(a, b) for a, b in pairs], dtype=np.int64)))
        heads = np.unique(np.array([_pair(a, b) for a, b, _ in triples], dtype=np.int64))
        object.__setattr__(self, "_heads", heads)
        codes = [_pair(int(np.searchsorted(heads, _pair(a, b))), c) for a, b, c in triples]
        object.__setattr__(self, "_triples", np.unique(np.array(codes, dtype=np.int64)))

    @classmethod
    def fit(
        cls,
        texts: Iterable[np.ndarray],
        specials: Iterable[int] = (),
        *,
        min_count: int = MIN_COUNT,
        least: float = LEAST_NPMI,
        most: int = 100_000,
    ) -> Collocations:
        """The groups that occur at least `min_count` times and have a normalised PMI of at least `least`; only the best
        `most` of them.

        texts: int arrays of ids ≥ 0. specials: ids that belong to no group; no group reaches across them.
        """
        # −1 ends a text, so that no group reaches into the next one.
        parts = [np.append(np.asarray(text, dtype=np.int64), -1) for text in texts]
        ids = np.concatenate([*parts, [-1, -1]])
        ids[np.isin(ids, list(specials))] = -1
        word = ids >= 0
        total = max(int(word.sum()), 1)
        p = np.bincount(ids[word], minlength=1) / total
        is_pair = word[:-2] & word[1:-1]
        is_triple = is_pair & word[2:]
        pair = np.where(is_pair, _pair(ids[:-2], ids[1:-1]), -1)
        pairs, pair_number, pair_count = _counted(pair, is_pair)
        p_pair = pair_count / total
        # A triple is numbered by its first pair and its last word.
        triples, triple_number, triple_count = _counted(_pair(pair_number, ids[2:]), is_triple)
        p_triple = triple_count / total
        where = np.zeros(len(triples), dtype=np.int64)  # one place of each triple in the corpus
        where[triple_number[is_triple]] = np.flatnonzero(is_triple)
        a, b, c = ids[where], ids[where + 1], ids[where + 2]
        found: list[tuple[tuple[int, ...], float]] = []
        first, second = pairs >> _LOW, pairs & (2**_LOW - 1)
        found += _good(np.stack([first, second], 1), p_pair, p[first] * p[second], pair_count >= min_count, least)
        head, tail = p_pair[pair_number[where]], p_pair[pair_number[where + 1]]
        # The lowest PMI is that of the cut whose parts are likeliest to meet by chance.
        chance = np.max([p[a] * p[b] * p[c], head * p[c], p[a] * tail], axis=0)
        found += _good(np.stack([a, b, c], 1), p_triple, chance, triple_count >= min_count, least)
        return cls(tuple(sorted(found, key=lambda one: (-one[1], one[0]))[:most]))

    def joined(self, ids: np.ndarray, maskable: np.ndarray) -> np.ndarray:
        """bool [B, T], True for a token that is in the same group as the token before it.

        ids: int64 [B, T]. maskable: bool [B, T]; groups have only maskable tokens. Each text is read from left to
        right: the longest group that begins at a token is taken, and the next group begins after it.
        """
        size = np.ones(ids.shape, dtype=np.int64)
        if ids.shape[1] > 1:
            pair = _pair(ids[:, :-1], ids[:, 1:])
            both = maskable[:, :-1] & maskable[:, 1:]
            size[:, :-1][_index(self._pairs, pair)[1] & both] = 2  # type: ignore[attr-defined]
            number, is_head = _index(self._heads, pair)  # type: ignore[attr-defined]
            triple = _pair(number[:, :-1], ids[:, 2:])
            is_triple = _index(self._triples, triple)[1] & is_head[:, :-1] & both[:, :-1] & both[:, 1:]  # type: ignore[attr-defined]
            size[:, :-2][is_triple] = 3
        joined = np.zeros(ids.shape, dtype=bool)
        end = np.zeros(len(ids), dtype=np.int64)
        for column in np.flatnonzero((size > 1).any(0)):
            begins = (size[:, column] > 1) & (end <= column)
            end = np.where(begins, column + size[:, column], end)
            joined[begins, column + 1] = True
            joined[begins & (size[:, column] == 3), min(column + 2, ids.shape[1] - 1)] = True
        return joined


def _pair(one: _Ids, other: _Ids) -> _Ids:
    """One number that stands for a pair of numbers below 2^31."""
    code: _Ids = (one << _LOW) | other
    return code


def _counted(codes: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct codes, each place's index among them (0 where `among` is False), and how often each code occurs."""
    values, number, count = np.unique(codes[among], return_inverse=True, return_counts=True)
    numbers = np.zeros(len(codes), dtype=np.int64)
    numbers[among] = number
    return values, numbers, count


def _good(
    groups: np.ndarray, p: np.ndarray, chance: np.ndarray, often: np.ndarray, least: float
) -> list[tuple[tuple[int, ...], float]]:
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(p < 1, np.log(p / chance) / -np.log(p), 0.0)
    good = np.flatnonzero(often & (score >= least))
    return [(tuple(groups[i].tolist()), float(score[i])) for i in good]


def _index(known: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each code its index in `known` (int64; `known` is ascending), and whether it is there (bool)."""
    if not len(known):
        return np.zeros(codes.shape, dtype=np.int64), np.zeros(codes.shape, dtype=bool)
    number = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    found: np.ndarray = known[number] == codes
    return number, found

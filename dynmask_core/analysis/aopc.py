"""The area over the perturbation curve, and the lowest and highest that any order of words can reach with a model.

AOPC (Samek et al. 2017): the words of a text are removed one after the other; the mean, over all steps, of how much
the probability of the model's answer has dropped. How high it can get depends on the model: one that is sure of itself,
or that needs few words, drops further, whatever order it is tested with. Raw values of two models do not compare.
Normalized AOPC says where between the two bounds of this model and text an order lies: 0 the worst one, 1 the best.

Source: Edin et al. 2024, Normalized AOPC: Fixing Misleading Faithfulness Metrics for Feature Attribution
Explainability, arXiv 2408.08137. Its exact bounds try every order; here a table over all subsets finds the same values.
Its approximate ones come from a beam search; here two ways to the same subset are one, so that the beam holds only
different ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

EXACT = 8
"""Up to so many words the bounds are exact: 256 subsets."""
BEAM = 5
"""As in the source."""
MOST = 60
"""Longer texts have no bounds: their number of subsets fits into no integer, and the search would take too long."""

Drop = Callable[[np.ndarray], np.ndarray]
"""bool [S, n], True for the words that are removed → float [S], how much the probability drops."""


def aopc(drop: Drop, orders: np.ndarray) -> np.ndarray:
    """float [K]: the mean drop over the n steps of each order. orders: int [K, n], places; 0 leaves first."""
    count, n = orders.shape
    steps = orders[:, None, :] <= np.arange(n)[None, :, None]  # [K, n, n]
    means: np.ndarray = drop(steps.reshape(count * n, n)).reshape(count, n).mean(1)
    return means


def bounds(drop: Drop, n: int) -> tuple[float, float]:
    """The lowest and highest `aopc` over all orders of n words, 1 ≤ n ≤ MOST; exact for n ≤ EXACT."""
    low, high = _exact(drop, n) if n <= EXACT else _beam(drop, n)
    return low / n, high / n


def normalized(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Where the values lie between their bounds, in [0, 1]; NaN if these are equal: then all orders are alike."""
    placed: np.ndarray = np.full(np.shape(values), np.nan)
    if high - low > 1e-9:
        # An approximate bound may be passed by a little.
        placed = np.clip((values - low) / (high - low), 0, 1)
    return placed


def _subsets(codes: Iterable[int], n: int) -> np.ndarray:
    """bool [S, n]: the bits of each code."""
    bits: np.ndarray = (np.fromiter(codes, dtype=np.int64)[:, None] >> np.arange(n)) & 1
    return bits.astype(bool)


def _exact(drop: Drop, n: int) -> tuple[float, float]:
    dropped = np.concatenate([[0.0], drop(_subsets(range(1, 2**n), n))])
    low, high = dropped.copy(), dropped.copy()
    # A subset has a greater code than those it contains: their best sums are known before.
    for code in range(1, 2**n):
        before = [code ^ (1 << word) for word in range(n) if code >> word & 1]
        low[code] += low[before].min()
        high[code] += high[before].max()
    return float(low[-1]), float(high[-1])


def _beam(drop: Drop, n: int) -> tuple[float, float]:
    # Sums are negated for the lower bound: then both searches look for the greatest.
    beams: list[dict[int, float]] = [{0: 0.0}, {0: 0.0}]
    for _ in range(n):
        grown = [_grow(beam, n) for beam in beams]
        codes = sorted({*grown[0], *grown[1]})
        dropped = dict(zip(codes, drop(_subsets(codes, n)).tolist(), strict=True))
        for side, sign in ((0, -1.0), (1, 1.0)):
            sums = {code: total + sign * dropped[code] for code, total in grown[side].items()}
            best = sorted(sums, key=lambda code: -sums[code])[:BEAM]
            beams[side] = {code: sums[code] for code in best}
    (low,), (high,) = (beam.values() for beam in beams)
    return -low, high


def _grow(beam: dict[int, float], n: int) -> dict[int, float]:
    """Each subset with one more word, and the best sum of those it can come from."""
    found: dict[int, float] = {}
    for code, total in beam.items():
        for word in range(n):
            if not code >> word & 1:
                more = code | 1 << word
                found[more] = max(found.get(more, -np.inf), total)
    return found

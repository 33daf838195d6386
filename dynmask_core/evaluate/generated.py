"""How near generated texts come to what was wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

ORDERS = 6
BETA = 2.0
"""Recall counts this many times as much as precision."""


def exact_match(written: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> float:
    """The share of texts whose words are all as wanted, in [0, 1]."""
    return sum(list(one) == list(other) for one, other in zip(written, wanted, strict=True)) / max(len(wanted), 1)


def character_f(written: Sequence[str], wanted: Sequence[str]) -> float:
    """chrF (Popović 2015) over all texts together, in [0, 1].

    As sacreBLEU computes it: character n-grams of 1 to 6 without white space, counted over all texts; precision and
    recall averaged over the orders that both sides have, then F with β = 2. Multiply by 100 for its scale.
    """
    matched, ours, theirs = [0] * ORDERS, [0] * ORDERS, [0] * ORDERS
    for one, other in zip(written, wanted, strict=True):
        for order in range(ORDERS):
            mine, given = _grams(one, order + 1), _grams(other, order + 1)
            matched[order] += (mine & given).total()
            ours[order] += mine.total()
            theirs[order] += given.total()
    there = [order for order in range(ORDERS) if ours[order] and theirs[order]]
    if not there:
        return 0.0
    precision = sum(matched[order] / ours[order] for order in there) / len(there)
    recall = sum(matched[order] / theirs[order] for order in there) / len(there)
    if not precision + recall:
        return 0.0
    return (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def _grams(text: str, size: int) -> Counter[str]:
    letters = "".join(text.split())
    return Counter(letters[start : start + size] for start in range(len(letters) - size + 1))

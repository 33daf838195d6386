"""Ranks and top selections. Of equal values the first comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


def ranks(score: np.ndarray, among: np.ndarray) -> np.ndarray:
    """int64 [B, T]: each place's rank in its row, 0 for the lowest score; those not `among` bool [B, T] come last."""
    order = np.where(among, score, np.inf).argsort(axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(score.shape[1])[None].repeat(len(score), 0), axis=1)
    return rank


def largest(scores: Tensor, among: Tensor, count: Tensor) -> Tensor:
    """bool [..., T]: the `count` (int [...]) largest scores of each row, of the places in `among` (bool [..., T])."""
    rank = scores.masked_fill(~among, float("-inf")).argsort(dim=-1, descending=True, stable=True).argsort(dim=-1)
    return (rank < count[..., None]) & among


def keep_top(score: np.ndarray, counts: np.ndarray, share: float) -> np.ndarray:
    """float32 [V]: 1 for the highest-scoring words that together make up `share` of all occurrences, else 0.

    score: float [V]. counts: int [V] occurrences. The word at the border is kept if that comes closer to the share, so
    0 keeps none and 1 keeps all. Words that never occur are kept by their place in the ranking.
    """
    order = np.argsort(-score, kind="stable")
    upto = np.cumsum(counts[order])
    kept = np.zeros(len(score), dtype=np.float32)
    kept[order] = upto - counts[order] / 2 < share * counts.sum()
    return kept

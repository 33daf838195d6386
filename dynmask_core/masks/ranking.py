"""Keeping the best words of a ranking, as many as make up a given share of the running text."""

from __future__ import annotations

import numpy as np


def keep_top(score: np.ndarray, counts: np.ndarray, share: float) -> np.ndarray:
    """float32 [V]: 1 for the words of the highest scores that together make up `share` of all occurrences, else 0.

    score: float [V]. counts: int [V] occurrences. Ties go by id. The word on the border is kept where that comes
    closer to the share, so 0 keeps none and 1 keeps all; words that never occur are kept along with their score.
    """
    order = np.argsort(-score, kind="stable")
    upto = np.cumsum(counts[order])
    kept = np.zeros(len(score), dtype=np.float32)
    kept[order] = upto - counts[order] / 2 < share * counts.sum()
    return kept

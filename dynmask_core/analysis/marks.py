"""How well an order of words finds the words that are marked as reasons: planted ones, or those that people marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import average_precision_score

Marks = Sequence[np.ndarray]


def precision(marks: Marks, scores: Sequence[np.ndarray]) -> float:
    """Average precision: how well the scores rank the marked words first, in the mean over the texts with a mark.

    marks: int or bool [n] per text. scores: float [n], the highest first; equal scores count as one step.
    """
    pairs = [(own, score) for own, score in zip(marks, scores, strict=True) if own.any()]
    return float(np.mean([average_precision_score(own, score) for own, score in pairs]))


def f1(marks: Marks, places: Sequence[np.ndarray]) -> float:
    """Token F1, in the mean over the texts: the first words of each order against the marked ones. As many words count
    as first as are marked in the mean: a share of all words, at least one (DeYoung et al. 2020, ERASER).

    places: int [n] per text, 0 is first.
    """
    share = sum(int(own.sum()) for own in marks) / sum(len(own) for own in marks)
    found = []
    for own, place in zip(marks, places, strict=True):
        first = place < max(1, round(share * len(own)))
        found.append(2 * float((own * first).sum()) / float(own.sum() + first.sum()))
    return float(np.mean(found))

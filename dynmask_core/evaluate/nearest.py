"""What needs no Transformer to write: the target of the most similar source that training has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

NEAREST = "nearest_source"
AT_ONCE = 200
"""So many sources are compared with all of training at a time."""


def nearest(known: Sequence[Sequence[int]], asked: Sequence[Sequence[int]]) -> np.ndarray:
    """int64 [asked]: for each source the index of the most similar known one: the cosine of their units, single and in
    pairs, weighted by rarity (TF-IDF); of equal ones the first. Sources are units by number; there is at least one."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    def parts(source: Sequence[int]) -> list[str]:
        return [*map(str, source), *(f"{one} {other}" for one, other in pairwise(source))]

    weights = TfidfVectorizer(analyzer=parts)
    table = weights.fit_transform(known).T
    found = [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(asked), AT_ONCE):
        alike = weights.transform(asked[start : start + AT_ONCE]) @ table
        found.append(np.asarray(alike.argmax(axis=1)).ravel())
    return np.concatenate(found)

"""Scores of marked units, of any task that marks them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from dynmask_core.config import OUTSIDE
from dynmask_core.evaluate.entities import entity_scores
from dynmask_core.evaluate.objects import Marked, Numbered, object_scores, patches_of


def text_scores(truth: Sequence[np.ndarray], predicted: Sequence[np.ndarray], marks: Sequence[str]) -> dict[str, Any]:
    """truth, predicted: int64 [T] per text, numbers of marks, the true ones negative where none is asked.

    accuracy: over all units. Then, if words can belong to nothing: precision, recall and f1 of exact entities, see
    `entity_scores`; else f1: the average over the marks (macro).
    """
    asked = [true >= 0 for true in truth]
    true = [one[there].tolist() for one, there in zip(truth, asked, strict=True)]
    given = [one[there].tolist() for one, there in zip(predicted, asked, strict=True)]
    flat_true, flat_given = list(chain(*true)), list(chain(*given))
    scores = {"accuracy": _accuracy(flat_true, flat_given)}
    if OUTSIDE in marks:
        return scores | entity_scores(*([[marks[code] for code in one] for one in many] for many in (true, given)))
    return scores | {
        "f1": float(f1_score(flat_true, flat_given, average="macro", zero_division=0)) if flat_true else 0.0
    }


def picture_scores(predicted: Sequence[Marked], objects: Sequence[Numbered], patch: int) -> dict[str, Any]:
    """See `object_scores`; accuracy: over all patches."""
    true = [patches_of(one, patch).ravel().tolist() for one in objects]
    given = [one.ravel().tolist() for one in predicted]
    return {"accuracy": _accuracy(list(chain(*true)), list(chain(*given))), **object_scores(predicted, objects, patch)}


def _accuracy(true: Sequence[int], given: Sequence[int]) -> float:
    return float(np.mean(np.array(true) == np.array(given))) if len(true) else 0.0

"""Scores of predictions against labels."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support


@dataclass(frozen=True)
class Scores:
    """accuracy, and precision, recall and F1 averaged over the classes that have texts here (macro), in [0, 1]; loss in
    nats per text.

    per_class: precision, recall, f1 and support of each class. confusion: counts; rows are true classes, columns
    predicted ones. absent: the classes without texts, ascending; their support is 0, and a text that
    is given to one of them lowers the recall of its own class.
    """

    accuracy: float
    precision: float
    recall: float
    f1: float
    loss: float
    per_class: list[dict[str, float]]
    confusion: list[list[int]]
    absent: list[int]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def score(labels: np.ndarray, predicted: np.ndarray, loss: float, classes: int) -> Scores:
    """labels, predicted: int [N], classes 0…C−1. A class that has texts and is never predicted counts as 0 in the macro
    average: scikit-learn's `average="macro"` with `labels=np.unique(labels)` and `zero_division=0`.

    Without texts, all scores and supports are 0, and all classes are absent.
    """
    every = list(range(classes))
    if len(labels) == 0:
        nothing = [{"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0.0} for _ in every]
        return Scores(0.0, 0.0, 0.0, 0.0, 0.0, nothing, [[0] * classes for _ in every], every)
    columns = precision_recall_fscore_support(labels, predicted, labels=every, zero_division=0.0)
    present = columns[3] > 0
    names = ("precision", "recall", "f1", "support")
    return Scores(
        accuracy=float(accuracy_score(labels, predicted)),
        precision=float(np.mean(columns[0][present])),
        recall=float(np.mean(columns[1][present])),
        f1=float(np.mean(columns[2][present])),
        loss=float(loss),
        per_class=[dict(zip(names, map(float, row), strict=True)) for row in zip(*columns, strict=True)],
        confusion=confusion_matrix(labels, predicted, labels=every).tolist(),
        absent=np.flatnonzero(~present).tolist(),
    )

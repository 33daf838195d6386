"""What tests of studies share: made results, and a way to say that something is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from dynmask_core.errors import InputError
from dynmask_core.messages import LANGUAGES
from dynmask_core.studies.results import METRICS, Result

A, B = (("dropout", 0.1),), (("dropout", 0.2),)
LOW, HIGH = [0.50, 0.51, 0.52, 0.53, 0.54, 0.55], [0.60, 0.62, 0.61, 0.65, 0.66, 0.63]
MIXED = [0.52, 0.50, 0.53, 0.52, 0.56, 0.54]


def refused(make: Callable[[], object]) -> InputError:
    with pytest.raises(InputError) as caught:
        make()
    assert all(caught.value.sentence(lang) for lang in LANGUAGES)
    return caught.value


def result(
    arm: str, seed: int, test: float = 0.5, *, validation: float = 0.5, loss: float = 1.0, cell: Any = (),
    size: int | None = None, right: Sequence[bool] | None = None, away: float | None = None, **values: Any,
) -> Result:  # fmt: skip
    """A made result: all metrics alike, 100 test texts."""
    scores = {
        part: {**dict.fromkeys(METRICS, score), "loss": loss, "confusion": [[50, 0], [0, 50]]}
        for part, score in (("test", test), ("validation", validation), ("transfer", away))
        if score is not None
    }
    rest = {"best_epoch": 1, "seconds": 2.0, "training_flops": 3.0, "kept_fraction": 1.0, "mean_mask": 1.0, **values}
    name = f"{arm} {seed} {cell} {size}"
    return Result(arm, seed, cell, size, name, {**scores, **rest}, None if right is None else np.array(right))


def scored(scores: dict[str, Sequence[float]], **more: Any) -> list[Result]:
    """One result per arm and seed."""
    return [result(arm, seed, score, **more) for arm, own in scores.items() for seed, score in enumerate(own)]

"""Learning curves: what each arm reaches with fewer training texts, and where it pulls away from the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dynmask_core.data.dataset import Dataset
from dynmask_core.data.variants import shorten
from dynmask_core.evaluate.statistics import interval
from dynmask_core.studies.comparison import Comparison, Difference, compare
from dynmask_core.studies.config import StudyConfig
from dynmask_core.studies.results import Result


@dataclass(frozen=True)
class Point:
    """One arm at one size: mean test accuracy, its interval over seeds, and each seed's."""

    arm: str
    size: int
    mean: float
    ci95: tuple[float, float]
    seeds: tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """comparisons: by size, ascending, of the sizes that have a complete seed."""

    arms: tuple[str, ...]
    comparisons: dict[int, Comparison]

    def points(self, arm: str) -> list[Point]:
        made = []
        for size, comparison in self.comparisons.items():
            scores = comparison.scores(arm)
            made.append(Point(arm, size, float(scores.mean()), interval(scores), tuple(scores.tolist())))
        return made

    def differences(self, size: int) -> list[Difference]:
        """In accuracy, against the first arm."""
        return self.comparisons[size].of("accuracy")


def fitting(config: StudyConfig, dataset: Dataset) -> StudyConfig:
    """The same curve with sizes that `dataset` has: those beyond its training part become one, the whole part.

    Raises InputError `too_short` where the smallest is too small for the classes.
    """
    whole = len(dataset.rows("train"))
    fitted = replace(config, sizes=tuple(sorted({min(size, whole) for size in config.sizes})))
    shorten(dataset, fitted.sizes[0], config.base.train.seed)
    return fitted


def curve(found: Sequence[Result], arms: Sequence[str]) -> Curve:
    sizes = sorted({result.size for result in found if result.size is not None})
    made = {size: compare([result for result in found if result.size == size], arms) for size in sizes}
    return Curve(tuple(arms), {size: comparison for size, comparison in made.items() if comparison.seeds})


def to_json(curve: Curve) -> dict[str, Any]:
    """`points` and `differences` of `dynmask curve --json`."""
    return {
        "points": [
            {"arm": p.arm, "size": p.size, "accuracy": p.mean, "ci95": p.ci95, "per_seed": list(p.seeds)}
            for arm in curve.arms
            for p in curve.points(arm)
        ],
        "differences": [
            {
                "arm": d.arm,
                "size": size,
                "mean": d.statistics.mean,
                "ci95": d.statistics.ci95,
                "p_value": d.statistics.p_value,
                "adjusted_p": d.adjusted_p,
                "decision": d.decision,
            }
            for size in curve.comparisons
            for d in curve.differences(size)
        ],
    }

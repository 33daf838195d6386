"""Learning curves: what each arm reaches with fewer training texts, and where it pulls away from the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from dynmask_core.blocks import Block, Figure, Finding, Look, Paragraph, Section, Table
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.variants import shorten
from dynmask_core.evaluate.statistics import interval
from dynmask_core.masks import brief
from dynmask_core.masks.naming import named
from dynmask_core.messages import say
from dynmask_core.recipes import Recipe
from dynmask_core.studies.comparison import Comparison, Difference, compare
from dynmask_core.studies.config import StudyConfig
from dynmask_core.studies.kinds.base import StudyKind, column
from dynmask_core.studies.results import Result


@dataclass(frozen=True)
class Point:
    """One arm at one size: mean test accuracy, its interval over seeds, and the accuracy of each seed."""

    arm: str
    size: int
    accuracy: float
    ci95: tuple[float, float]
    per_seed: tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """comparisons: by size, ascending; only sizes with a complete seed."""

    arms: tuple[str, ...]
    comparisons: dict[int, Comparison]

    def points(self, arm: str) -> list[Point]:
        made = []
        for size, comparison in self.comparisons.items():
            scores = comparison.scores(arm)
            made.append(Point(arm, size, float(scores.mean()), interval(scores), tuple(scores.tolist())))
        return made

    def differences(self, size: int) -> list[Difference]:
        """Differences in accuracy to the first arm."""
        return self.comparisons[size].of("accuracy")


def curve(found: Sequence[Result], arms: Sequence[str]) -> Curve:
    sizes = sorted({result.size for result in found if result.size is not None})
    made = {size: compare([result for result in found if result.size == size], arms) for size in sizes}
    return Curve(tuple(arms), {size: comparison for size, comparison in made.items() if comparison.seeds})


class LearningCurve(StudyKind[Curve]):
    name: ClassVar[str] = "curve"
    seeds: ClassVar[int] = 7  # the fewest that can show a difference between four arms
    least_seeds: ClassVar[int] = 2
    start: ClassVar[Recipe] = Recipe(("none", "static", "repaired"))
    asks: ClassVar[tuple[str, ...]] = ("sizes",)
    reading: ClassVar[tuple[str, ...]] = ("seeds", "interval", "exact", "holm", "limits")

    def fitting(self, config: StudyConfig, dataset: Dataset) -> StudyConfig:
        """Replaces sizes beyond the training part by a single one, the whole part.

        Raises InputError `too_short` if the smallest size is too small for the number of classes.
        """
        whole = len(dataset.rows("train"))
        fitted = replace(config, sizes=tuple(sorted({min(size, whole) for size in config.sizes})))
        shorten(dataset, fitted.sizes[0], config.base.train.seed)
        return fitted

    def analyse(self, found: Sequence[Result], config: StudyConfig) -> Curve:
        return curve(found, config.base.arms)

    def to_json(self, result: Curve) -> dict[str, Any]:
        points = [point for arm in result.arms for point in result.points(arm)]
        told = ("mean", "ci95", "p_value")
        return {
            "points": [asdict(point) for point in points],
            "differences": [
                {"arm": d.arm, "size": size, "adjusted_p": d.adjusted_p, "decision": d.decision}
                | {name: getattr(d.statistics, name) for name in told}
                for size in result.comparisons
                for d in result.differences(size)
            ],
        }

    def findings(self, result: Curve, config: StudyConfig, *, final: bool) -> list[Block]:
        if not result.comparisons:
            return [Finding(say("figure.empty"), "note")]
        if final:
            found = [finding for arm in result.arms[1:] for finding in _apart(result, arm)]
        else:
            seeds = min(len(comparison.seeds) for comparison in result.comparisons.values())
            found = [Finding(say("compare.wait", seeds=seeds), "wait")]
        read = Paragraph(say("study_report.curve.read", sizes=len(result.comparisons)))
        return [*found, Figure("learning_curve", result, key="figure_curve"), read]

    def sections(self, result: Curve, config: StudyConfig, *, final: bool) -> list[Section]:
        if not result.comparisons:
            return []
        help = say("compare.interval.help")
        columns = [column("arm"), column("size", "whole"), column("accuracy", "percent")]
        columns.append(column("interval", "percent_span", help))
        if final:
            columns += [column("points", "points"), replace(column("interval", "points_span", help), name="apart")]
            columns += [column("p", "p", say("compare.p.help"))]
            columns += [column("adjusted", "p", say("compare.adjusted.help")), column("decision")]
        rows = []
        for arm in result.arms:
            for point in result.points(arm):
                row: list[Any] = [named(arm), point.size, point.accuracy, point.ci95]
                apart = next((d for d in result.differences(point.size) if d.arm == arm), None)
                if final and apart is not None:
                    own = apart.statistics
                    row += [own.mean, own.ci95, own.p_value, apart.adjusted_p]
                    row.append(say(f"study_report.decision.{apart.decision}"))
                rows.append(row + [None] * (len(columns) - len(row)))
        return [Section(say("study_report.sizes"), [Table("study_curve", columns, rows)])]


def _apart(result: Curve, arm: str) -> list[Finding]:
    """The sizes at which the arm differs from the baseline."""
    decided = {size: next(d.decision for d in result.differences(size) if d.arm == arm) for size in result.comparisons}
    names = {"arm": brief(arm), "baseline": brief(result.arms[0])}
    found = []
    decisions: tuple[Look, ...] = ("better", "worse")
    for decision in decisions:
        sizes = ", ".join(str(size) for size, one in decided.items() if one == decision)
        if sizes:
            found.append(Finding(say(f"study_report.curve.{decision}", sizes=sizes, **names), decision))
    if found:
        return found
    looks: tuple[Look, ...] = ("undetected", "few_texts", "too_few", "same")
    told = next(look for look in looks if look in decided.values())
    return [Finding(say(f"study_report.curve.{told}", **names), told)]

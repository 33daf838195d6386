"""A question to every model of a study: the models are asked run by run, and the answers are compared over seeds.

The pairs, the tests, their correction and the words of the verdict are those of the comparison of accuracies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from dynmask_core.analysis.kept import Tick, piece, silent
from dynmask_core.errors import InputError
from dynmask_core.evaluate.statistics import Decision, Paired, decide, holm, interval, paired
from dynmask_core.messages import Words, say, told
from dynmask_core.runs import Run
from dynmask_core.studies.comparison import judged_by
from dynmask_core.studies.results import Result, paired_seeds, results
from dynmask_core.studies.study import Study

Against = Literal["random", "trained", "arm"]
"""What an arm is compared with: random words in the same model; its own θ as trained; another arm."""
SIGHT = 0.05
"""Five points: a verdict says how many seeds it would take to see a difference this large."""


@dataclass(frozen=True)
class Series:
    """One arm in one metric: a number per seed, more is better, and in the same models what it is compared with; None
    if the metric compares arms alone. texts: how many test texts the numbers rest on, for `decide`."""

    arm: str
    metric: str
    against: Against
    own: tuple[float, ...]
    other: tuple[float, ...]
    texts: int


@dataclass(frozen=True)
class Verdict:
    """One comparison over seeds, own − other. baseline: the other arm, "" if `against` is not "arm".

    adjusted_p: after Holm's correction over all arms that are compared in this metric with the same kind of thing,
    `comparisons` of them. won: in how many seeds the arm is better.
    """

    arm: str
    against: Against
    baseline: str
    metric: str
    differences: tuple[float, ...]
    statistics: Paired
    adjusted_p: float
    comparisons: int
    decision: Decision
    won: int
    texts: int

    @property
    def sentence(self) -> Words:
        """In the words of the comparison of accuracies."""
        own = say(f"over.own.{self.against}", arm=self.arm)
        return judged_by(
            self.statistics,
            self.adjusted_p,
            self.decision,
            comparisons=self.comparisons,
            sight=SIGHT,
            arm=own,
            baseline=self.other,
            metric=say(f"over.metric.{self.metric}"),
            won=self.won,
            tests=self.texts,
        )

    @property
    def other(self) -> Words:
        """What the arm is compared with."""
        return self.baseline or say(f"over.other.{self.against}")

    def to_json(self) -> dict[str, Any]:
        names = ("arm", "against", "baseline", "metric", "adjusted_p", "decision", "won", "texts")
        return {name: getattr(self, name) for name in names} | asdict(self.statistics) | {"said": told(self.sentence)}


@dataclass(frozen=True)
class Curves:
    """The mean over seeds at every θ, with its 95 % interval, all in [0, 1]: test accuracy without the words below θ,
    and without as many random words; and the shares of words kept and of arithmetic, of that at θ = 0."""

    thetas: tuple[float, ...]
    own: tuple[float, ...]
    own_ends: tuple[tuple[float, float], ...]
    random: tuple[float, ...]
    random_ends: tuple[tuple[float, float], ...]
    kept: tuple[float, ...]
    cost: tuple[float, ...]


@dataclass(frozen=True)
class OverSeeds:
    """The answers of all arms. seeds: those in which every arm is done. without: arms that cannot be judged, and why.

    metrics: the first one decides, the others describe. curves: by arm, of a question that has some.
    """

    question: str
    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    metrics: tuple[str, ...]
    series: tuple[Series, ...]
    verdicts: tuple[Verdict, ...]
    without: Mapping[str, Words]
    curves: Mapping[str, Curves]

    @property
    def deciding(self) -> list[Verdict]:
        """The verdicts in the metric that decides."""
        return [one for one in self.verdicts if one.metric == self.metrics[0]]

    def to_json(self) -> dict[str, Any]:
        return {
            "seeds": list(self.seeds),
            "metrics": list(self.metrics),
            "arms": [{"arm": arm, "said": told(self.without[arm]) if arm in self.without else ""} for arm in self.arms],
            "values": [_values(one, self.seeds) for one in self.series],
            "comparisons": [one.to_json() for one in self.verdicts],
            "verdicts": [told(one.sentence) for one in self.deciding],
            **({"curves": {arm: asdict(curves) for arm, curves in self.curves.items()}} if self.curves else {}),
        }


def _values(one: Series, seeds: Sequence[int]) -> dict[str, Any]:
    ends = {"mean": float(np.mean(one.own)), "ci95": list(interval(np.array(one.own)))}
    pairs = [{"seed": s, "own": own, "other": other} for s, own, other in zip(seeds, one.own, one.other, strict=True)]
    return {"arm": one.arm, "metric": one.metric, "against": one.against, **ends, "per_seed": pairs}


@dataclass(frozen=True)
class Question:
    """name: of the analysis. metrics: the first one decides. between: those in which arms are compared with each other.

    ask(run, arms, tick): the answers by arm, which are kept; known(run): those kept already. read(arm, answers,
    own_texts): an arm's series from its answers, one per seed, or why there are none. curves(answers): see OverSeeds.
    """

    name: str
    metrics: tuple[str, ...]
    between: tuple[str, ...]
    ask: Callable[[Run, Sequence[str], Tick], dict[str, Any]]
    known: Callable[[Run], dict[str, Any]]
    read: Callable[[str, Sequence[Any], bool], list[Series] | Words]
    curves: Callable[[Sequence[Any]], Curves | None]

    def answer(self, study: Study, tick: Tick = silent) -> OverSeeds:
        """Asks the models of every complete seed that have not been asked. Raises InputError `study_active` while the
        study is worked on: who looks early and stops when the result pleases finds differences that are not there;
        `no_seeds` if no seed is complete; what the analysis raises."""
        if study.worked_on():
            raise InputError("study_active", name=study.name)
        chosen, runs = _chosen(study)
        wanted: dict[str, list[str]] = {}
        for own in chosen.values():
            for result in own:
                wanted.setdefault(result.run, []).append(result.values["name"])
        if not wanted:
            raise InputError("no_seeds", name=study.name)
        for number, (name, arms) in enumerate(wanted.items()):
            self.ask(runs[name], arms, piece(tick, number, len(wanted)))
        found = self.kept(study)
        assert found is not None
        return found

    def kept(self, study: Study) -> OverSeeds | None:
        """The result, if all models of all complete seeds have been asked; None else."""
        chosen, runs = _chosen(study)
        known = {name: self.known(runs[name]) for own in chosen.values() for name in {result.run for result in own}}
        answers: dict[str, list[Any]] = {}
        for arm, own in chosen.items():
            answers[arm] = [known[result.run].get(result.values["name"]) for result in own]
            if not own or any(answer is None for answer in answers[arm]):
                return None
        seeds = tuple(result.seed for result in chosen[study.config.base.arms[0]])
        # Seeds divide the texts anew, unless the file says how.
        return self.compare(answers, seeds, own_texts=study.dataset().given is None)

    def compare(self, answers: Mapping[str, Sequence[Any]], seeds: Sequence[int], *, own_texts: bool) -> OverSeeds:
        """answers: by arm, one per seed. own_texts: every seed has test texts of its own."""
        series: list[Series] = []
        without: dict[str, Words] = {}
        curves: dict[str, Curves] = {}
        for arm, own in answers.items():
            read = self.read(arm, own, own_texts)
            if not isinstance(read, list):
                without[arm] = read
                continue
            series += read
            if drawn := self.curves(own):
                curves[arm] = drawn
        verdicts = [one for metric in self.metrics for one in self._judged([s for s in series if s.metric == metric])]
        metrics = tuple(metric for metric in self.metrics if any(one.metric == metric for one in series))
        return OverSeeds(
            self.name, tuple(answers), tuple(seeds), metrics, tuple(series), tuple(verdicts), without, curves
        )

    def _judged(self, series: Sequence[Series]) -> list[Verdict]:
        """All comparisons in one metric: each arm with what it has beside itself, then the others with the first."""
        found = _verdicts([(one, one.against, "", one.other, one.texts) for one in series])
        if series and series[0].metric in self.between:
            first, *others = series
            pairs: list[Any] = [(one, "arm", first.arm, first.own, min(one.texts, first.texts)) for one in others]
            found += _verdicts(pairs)
        return found


def _verdicts(pairs: Sequence[tuple[Series, Against, str, Sequence[float], int]]) -> list[Verdict]:
    measured = [paired(np.array(one.own), np.array(other)) for one, _, _, other, _ in pairs]
    adjusted = holm([one.p_value for one in measured])
    return [
        Verdict(
            one.arm,
            against,
            baseline,
            one.metric,
            tuple(a - b for a, b in zip(one.own, other, strict=True)),
            statistics,
            p,
            len(pairs),
            decide(statistics, p, len(pairs), texts),
            sum(a > b for a, b in zip(one.own, other, strict=True)),
            texts,
        )
        for (one, against, baseline, other, texts), statistics, p in zip(pairs, measured, adjusted, strict=True)
    ]


def _chosen(study: Study) -> tuple[dict[str, list[Result]], dict[str, Run]]:
    """By arm, its result in each complete seed; and the finished runs by name."""
    runs = {run.name: run for _, run in study.finished()}
    return paired_seeds(results(study), study.config.base.arms), runs

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
    """One arm in one metric: by seed, a number of which more is better, and what it is compared with in the same model.
    texts: how many test texts the numbers rest on, for `decide`."""

    arm: str
    metric: str
    against: Against
    own: Mapping[int, float]
    other: Mapping[int, float]
    texts: int


@dataclass(frozen=True)
class Verdict:
    """One comparison over seeds. differences: own − other by seed. baseline: the other arm, "" if `against` is not
    "arm".

    adjusted_p: after Holm's correction over all arms that are compared in this metric with the same kind of thing,
    `comparisons` of them. won: in how many seeds the arm is better.
    """

    arm: str
    against: Against
    baseline: str
    metric: str
    differences: Mapping[int, float]
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
    """The answers of all arms. seeds: those in which every arm is done. notes: by arm, why it cannot be judged, or not
    over all seeds.

    metrics: the first one decides, the others describe. curves: by arm, of a question that has some.
    """

    question: str
    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    metrics: tuple[str, ...]
    series: tuple[Series, ...]
    verdicts: tuple[Verdict, ...]
    notes: Mapping[str, Words]
    curves: Mapping[str, Curves]

    @property
    def deciding(self) -> list[Verdict]:
        """The verdicts in the metric that decides."""
        return [one for one in self.verdicts if one.metric == self.metrics[0]]

    def to_json(self) -> dict[str, Any]:
        return {
            "seeds": list(self.seeds),
            "metrics": list(self.metrics),
            "arms": [{"arm": arm, "said": told(self.notes[arm]) if arm in self.notes else ""} for arm in self.arms],
            "values": [_values(one) for one in self.series],
            "comparisons": [one.to_json() for one in self.verdicts],
            "verdicts": [told(one.sentence) for one in self.deciding],
            **({"curves": {arm: asdict(curves) for arm, curves in self.curves.items()}} if self.curves else {}),
        }


def _values(one: Series) -> dict[str, Any]:
    own = np.array(list(one.own.values()))
    ends = {"mean": float(own.mean()), "ci95": list(interval(own))}
    pairs = [{"seed": seed, "own": value, "other": one.other[seed]} for seed, value in one.own.items()]
    return {"arm": one.arm, "metric": one.metric, "against": one.against, **ends, "per_seed": pairs}


@dataclass(frozen=True)
class Question:
    """name: of the analysis. metrics: the first one decides. between: those in which arms are compared with each other.

    ask(run, arms, tick): the answers by arm, which are kept; known(run): those kept already. read(arm, answers,
    own_texts): an arm's series from its answers by seed, and a note or "". curves(answers): see OverSeeds.
    """

    name: str
    metrics: tuple[str, ...]
    between: tuple[str, ...]
    ask: Callable[[Run, Sequence[str], Tick], dict[str, Any]]
    known: Callable[[Run], dict[str, Any]]
    read: Callable[[str, Mapping[int, Any], bool], tuple[list[Series], Words]]
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
        answers: dict[str, dict[int, Any]] = {}
        for arm, own in chosen.items():
            answers[arm] = {result.seed: known[result.run].get(result.values["name"]) for result in own}
            if not own or None in answers[arm].values():
                return None
        # Seeds divide the texts anew, unless the file says how.
        return self.compare(answers, own_texts=study.dataset().given is None)

    def compare(self, answers: Mapping[str, Mapping[int, Any]], *, own_texts: bool) -> OverSeeds:
        """answers: by arm and seed, the same seeds for all arms. own_texts: every seed has test texts of its own."""
        series: list[Series] = []
        notes: dict[str, Words] = {}
        curves: dict[str, Curves] = {}
        for arm, own in answers.items():
            read, note = self.read(arm, own, own_texts)
            series += read
            if note:
                notes[arm] = note
            if read and (drawn := self.curves(list(own.values()))):
                curves[arm] = drawn
        verdicts = [one for metric in self.metrics for one in self._judged([s for s in series if s.metric == metric])]
        metrics = tuple(metric for metric in self.metrics if any(one.metric == metric for one in series))
        seeds = tuple(next(iter(answers.values())))
        return OverSeeds(self.name, tuple(answers), seeds, metrics, tuple(series), tuple(verdicts), notes, curves)

    def _judged(self, series: Sequence[Series]) -> list[Verdict]:
        """All comparisons in one metric: each arm with what it has beside itself, then the others with the first."""
        found = _verdicts([(one, one.against, "", one.other, one.texts) for one in series])
        if series and series[0].metric in self.between:
            first, *others = series
            pairs: list[Any] = [(one, "arm", first.arm, first.own, min(one.texts, first.texts)) for one in others]
            found += _verdicts(pairs)
        return found


def _verdicts(pairs: Sequence[tuple[Series, Against, str, Mapping[int, float], int]]) -> list[Verdict]:
    """Each over the seeds that both sides have."""
    pairs = [pair for pair in pairs if pair[0].own.keys() & pair[3].keys()]
    scores = [[(own, other[seed]) for seed, own in one.own.items() if seed in other] for one, _, _, other, _ in pairs]
    measured = [paired(*np.array(both).T) for both in scores]
    adjusted = holm([one.p_value for one in measured])
    return [
        Verdict(
            one.arm,
            against,
            baseline,
            one.metric,
            {seed: own - other[seed] for seed, own in one.own.items() if seed in other},
            statistics,
            p,
            len(pairs),
            decide(statistics, p, len(pairs), texts),
            sum(own > baselines for own, baselines in both),
            texts,
        )
        for (one, against, baseline, other, texts), both, statistics, p in zip(
            pairs, scores, measured, adjusted, strict=True
        )
    ]


def _chosen(study: Study) -> tuple[dict[str, list[Result]], dict[str, Run]]:
    """By arm, its result in each complete seed; and the finished runs by name."""
    runs = {run.name: run for _, run in study.finished()}
    return paired_seeds(results(study), study.config.base.arms), runs

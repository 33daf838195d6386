"""Every arm against the first one, over seeds: differences, how sure they are, and a verdict in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dynmask_core.evaluate.statistics import (
    LEAST_TEXTS,
    MAX_SEEDS,
    Decision,
    McNemar,
    Paired,
    decide,
    holm,
    interval,
    least_seeds,
    mcnemar,
    paired,
    seeds_needed,
)
from dynmask_core.evaluate.verdict import texts_in
from dynmask_core.masks import brief
from dynmask_core.messages import Words, p_value, say, several, told
from dynmask_core.studies.results import METRICS, Result, lacking, paired_seeds

SIGHT = 0.005
"""Half a point: `judged` says how many seeds it would take to see a difference this large."""


@dataclass(frozen=True)
class Difference:
    """arm − baseline in one metric, over seeds. adjusted_p: after Holm's correction over all arms in that metric."""

    arm: str
    baseline: str
    metric: str
    statistics: Paired
    adjusted_p: float
    decision: Decision


@dataclass(frozen=True)
class SameTexts:
    """Both arms on the same test texts, seed by seed (McNemar 1947). p_value: twice the median of the seeds' p-values,
    valid however these depend on each other (Rüschendorf 1982)."""

    arm: str
    baseline: str
    seeds: tuple[McNemar, ...]
    p_value: float


@dataclass(frozen=True)
class Comparison:
    """seeds: those in which every arm is done. results: by arm, one per seed. tests: number of test texts per seed."""

    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    results: dict[str, list[Result]]
    differences: tuple[Difference, ...]
    same_texts: tuple[SameTexts, ...]
    tests: int

    def of(self, metric: str) -> list[Difference]:
        return [difference for difference in self.differences if difference.metric == metric]

    def scores(self, arm: str, metric: str = "accuracy", part: str = "test") -> np.ndarray:
        """float [seeds]"""
        return np.array([result.score(metric, part) for result in self.results[arm]])

    def numbers(self, arm: str, name: str) -> np.ndarray:
        """float [seeds]: a number that each run reports for the arm: seconds, training_flops, kept_fraction …"""
        return np.array([float(result.values[name]) for result in self.results[arm]])

    @property
    def transferred(self) -> bool:
        """True if the arms were also tested on another data set."""
        return bool(self.seeds) and all("transfer" in r.values for own in self.results.values() for r in own)


def compare(found: Sequence[Result], arms: Sequence[str]) -> Comparison:
    """The first arm is the baseline. With no complete seed there are no differences."""
    results = paired_seeds(found, arms)
    baseline, *others = arms
    seeds = tuple(result.seed for result in results[baseline])
    tests = texts_in(results[baseline][0].values["test"]) if seeds else 0
    differences = (
        [one for metric in METRICS for one in _differences(results, baseline, others, metric, tests)] if seeds else []
    )
    checks = [_same_texts(results, baseline, arm) for arm in others] if seeds else []
    return Comparison(tuple(arms), seeds, results, tuple(differences), tuple(check for check in checks if check), tests)


def _differences(
    results: dict[str, list[Result]], baseline: str, others: Sequence[str], metric: str, tests: int
) -> list[Difference]:
    scores = {arm: np.array([result.score(metric) for result in own]) for arm, own in results.items()}
    measured = [paired(scores[arm], scores[baseline]) for arm in others]
    adjusted = holm([one.p_value for one in measured])
    return [
        Difference(arm, baseline, metric, one, p, decide(one, p, len(others), tests))
        for arm, one, p in zip(others, measured, adjusted, strict=True)
    ]


def _same_texts(results: dict[str, list[Result]], baseline: str, arm: str) -> SameTexts | None:
    pairs = [
        mcnemar(treated.right, untreated.right)
        for treated, untreated in zip(results[arm], results[baseline], strict=True)
        if treated.right is not None and untreated.right is not None
    ]
    if len(pairs) < len(results[arm]):
        return None
    p = min(1.0, 2 * float(np.median([pair.p_value for pair in pairs])))
    return SameTexts(arm, baseline, tuple(pairs), p)


def verdict(difference: Difference, comparison: Comparison, lang: str = "en") -> str:
    """`judged` in the language `lang`."""
    return told(judged(difference, comparison), lang)


def judged(difference: Difference, comparison: Comparison) -> Words:
    """One or two sentences: what the evidence shows, and what it would take to know more."""
    return judged_by(
        difference.statistics,
        difference.adjusted_p,
        difference.decision,
        comparisons=len(comparison.arms) - 1,
        arm=brief(difference.arm),
        baseline=brief(difference.baseline),
        metric=say(f"score.{difference.metric}"),
        won=sum(better(comparison, difference.arm, difference.baseline, difference.metric)),
        tests=comparison.tests,
    )


def judged_by(
    measured: Paired,
    adjusted_p: float,
    decision: Decision,
    *,
    comparisons: int,
    sight: float = SIGHT,
    arm: Words,
    baseline: Words,
    metric: Words,
    won: int,
    tests: int,
) -> Words:
    """`judged` for any metric in which more is better. comparisons: that p is adjusted for. won: a number of seeds.
    tests: of texts."""
    facts = {
        "arm": arm,
        "baseline": baseline,
        "metric": metric,
        "points": f"{100 * measured.mean:+.1f}",
        "low": f"{100 * measured.ci95[0]:+.1f}",
        "high": f"{100 * measured.ci95[1]:+.1f}",
        "p": p_value(adjusted_p),
        "won": won,
        "seeds": measured.n,
        "tests": tests,
        "least_texts": LEAST_TEXTS,
    }
    sentence = say(f"compare.verdict.{decision}", **facts)
    if decision == "too_few":
        return several(sentence, say("compare.more.too_few", least=least_seeds(comparisons)))
    if decision == "undetected":
        needed = seeds_needed(measured.sd, sight)
        if needed <= measured.n:
            more = "compare.more.enough"
        else:
            more = "compare.more.seeds" if needed < MAX_SEEDS else "compare.more.never"
        return several(sentence, say(more, needed=needed, seeds=measured.n, points=f"{100 * sight:.1f}"))
    return sentence


def better(comparison: Comparison, arm: str, baseline: str, metric: str = "accuracy") -> list[bool]:
    """Per seed: whether the arm has the higher score on the test texts."""
    return [bool(won) for won in comparison.scores(arm, metric) > comparison.scores(baseline, metric)]


def to_json(comparison: Comparison) -> dict[str, Any]:
    """`notes`, `arms`, `differences`, `same_test_texts` and `verdicts` of `dynmask compare --json`."""
    said = lacking([result for own in comparison.results.values() for result in own])
    return {
        "seeds": list(comparison.seeds),
        "test_texts": comparison.tests,
        "notes": [told(said)] if said is not None else [],
        "arms": [_arm(comparison, arm) for arm in comparison.arms] if comparison.seeds else [],
        "differences": [
            {
                "arm": d.arm,
                "baseline": d.baseline,
                "metric": d.metric,
                **asdict(d.statistics),
                "adjusted_p": d.adjusted_p,
                "decision": d.decision,
                "verdict": verdict(d, comparison),
            }
            for d in comparison.differences
        ],
        "same_test_texts": [asdict(check) for check in comparison.same_texts],
        "verdicts": [verdict(d, comparison) for d in comparison.of("accuracy")],
        **({"transfer": [transfer(comparison, arm) for arm in comparison.arms]} if comparison.transferred else {}),
    }


def _arm(comparison: Comparison, arm: str) -> dict[str, Any]:
    accuracy = comparison.scores(arm)
    means = {metric: float(comparison.scores(arm, metric).mean()) for metric in METRICS}
    numbers = ("seconds", "training_flops", "kept_fraction")
    means |= {name: float(comparison.numbers(arm, name).mean()) for name in numbers}
    means["validation"] = float(comparison.scores(arm, part="validation").mean())
    return {
        "name": arm,
        "mean": means,
        "sd": float(accuracy.std(ddof=1)) if len(accuracy) > 1 else 0.0,
        "ci95": interval(accuracy),
        "per_seed": [result.to_json() for result in comparison.results[arm]],
    }


def transfer(comparison: Comparison, arm: str) -> dict[str, Any]:
    """Accuracy on its own data set (home) and on the other one (away), and the drop with its interval over seeds."""
    home, away = comparison.scores(arm), comparison.scores(arm, part="transfer")
    drop = home - away
    return {
        "arm": arm,
        "home": float(home.mean()),
        "away": float(away.mean()),
        "drop": float(drop.mean()),
        "ci95": interval(drop),
    }

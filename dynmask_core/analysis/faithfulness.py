"""Is the mask right? Whether a model's answer hangs on the words that its mask keeps most: comprehensiveness and
sufficiency (DeYoung et al. 2020, ERASER: A Benchmark to Evaluate Rationalized NLP Models), beside other orders.

The words of a text are ordered by their mask values, the highest first. Comprehensiveness: how much the probability of
the answer drops without the first words; a faithful order makes it drop far. Sufficiency: how much it drops with these
words alone; a faithful order makes it drop little. What is removed is removed as the mask removes words, see `removal`;
the texts that remain are unlike those of training, so part of every drop is the strangeness of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.analysis.kept import Tick, kept, of_arms, piece, silent
from dynmask_core.errors import InputError
from dynmask_core.evaluate.statistics import LEAST_TEXTS, interval
from dynmask_core.messages import Words, say
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.analysis.drops import Orders, Scores
    from dynmask_core.analysis.removal import Opened

NAME = "faithfulness"
SHARES = (1, 5, 10, 20, 50)
"""Per cent of a text's words, at least one word."""
TOLD = 10
"""The share that the sentence tells of."""
ORDERS = ("mask", "random", "rare", "attended", "log_odds")
MOST_TEXTS, MOST_WORDS = 300, 12_000
"""At most so many test texts are asked about, with about so many words."""


@dataclass(frozen=True)
class Mean:
    """Over texts, with the 95 % interval of the mean (BCa bootstrap over the texts)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Ranking:
    """One order of the words. removed, kept: at each of SHARES, the drop without the first words, and with these alone,
    in [−1, 1]. comprehensiveness, sufficiency: their sum over SHARES divided by one more than there are, because
    nothing drops when nothing is removed (ERASER's aggregate). more: comprehensiveness of the mask's order minus that
    of this one, on the same texts; None for the mask itself.

    normalized: [removed, kept] at every step, between the worst and the best order of this model and text, see `aopc`:
    these values compare between models, the others do not. None if no text is short enough.
    precision, f1: against the marked words, see `marks`; None if the data have no marks.
    """

    removed: list[Mean]
    kept: list[Mean]
    comprehensiveness: Mean
    sufficiency: Mean
    more: Mean | None
    normalized: list[Mean] | None
    precision: float | None
    f1: float | None

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Ranking:
        many = {name: [Mean(**one) for one in stored[name]] for name in ("removed", "kept")}
        single = {name: Mean(**stored[name]) for name in ("comprehensiveness", "sufficiency")}
        more = stored["more"] and Mean(**stored["more"])
        normalized = stored["normalized"] and [Mean(**one) for one in stored["normalized"]]
        return cls(**stored | many | single | {"more": more, "normalized": normalized})


@dataclass(frozen=True)
class Faithfulness:
    """One arm on `texts` of the `given` test texts. In `flat` of them all words have the same mask value and so a
    random order. rankings: by name, out of ORDERS; {} if all texts are flat: then there is no order to test.
    difference: at TOLD per cent, the drop that the mask's order makes minus that of the random one, or None.
    bounded, exact: texts with bounds for `normalized`, and how many of these are exact. marked: texts with marks.
    """

    arm: str
    texts: int
    given: int
    flat: int
    rankings: dict[str, Ranking]
    difference: Mean | None
    bounded: int
    exact: int
    marked: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Faithfulness:
        rankings = {name: Ranking.from_json(one) for name, one in stored["rankings"].items()}
        difference = stored["difference"] and Mean(**stored["difference"])
        return cls(**stored | {"rankings": rankings, "difference": difference})

    @property
    def verdict(self) -> str:
        """ "none": no order to test. "few_texts": too few to judge. "more", "less": the mask's words cost more or less
        than random ones, the interval excludes 0. "even": they cannot be told apart."""
        if self.difference is None:
            return "none"
        if self.texts < LEAST_TEXTS:
            return "few_texts"
        return "more" if self.difference.low > 0 else "less" if self.difference.high < 0 else "even"

    @property
    def sentence(self) -> Words:
        """The verdict in plain words, of this model on these texts."""
        verdict = self.verdict
        if self.difference is None:
            return say("faith.said.none", arm=self.arm)
        found = self.difference
        sign = -1 if verdict == "less" else 1
        ends = sorted((sign * found.low, sign * found.high))
        return say(
            f"faith.said.{verdict}",
            arm=self.arm,
            share=TOLD,
            points=f"{100 * sign * found.mean:.1f}",
            low=f"{100 * ends[0]:.1f}",
            high=f"{100 * ends[1]:.1f}",
            texts=self.texts,
            least=LEAST_TEXTS,
        )


def known(run: Run) -> dict[str, Faithfulness]:
    """What is kept already, by arm."""
    return {arm: Faithfulness.from_json(stored) for arm, stored in kept(run, NAME).items()}


def faithfulness(run: Run, arms: Sequence[str] = (), tick: Tick = silent) -> dict[str, Faithfulness]:
    """The answers for some arms, by default for all; they are computed once and kept in the run's folder.

    Raises InputError: `no_weights` before the end of the first epoch, `no_classes`, `bad_setting` for an unknown arm,
    `no_test_texts`.
    """
    return of_arms(run, NAME, arms, known, _of_arm, tick)


def _of_arm(opened: Opened, arm: str, tick: Tick) -> Faithfulness:
    from dynmask_core.analysis import drops

    subject, epoch = opened.subject(arm)
    rows = opened.sample("test", MOST_TEXTS, MOST_WORDS)
    given = len(opened.corpus.rows("test"))
    if not len(rows):
        raise InputError("no_test_texts", name=opened.run.name)
    asked = drops.Asked(subject, opened.units(rows), rows, epoch)
    scores = drops.scores_of(asked, opened.word_scores(subject))
    flat = sum(len(np.unique(score["mask"])) < 2 for score in scores)
    if flat == len(rows):
        return Faithfulness(arm, len(rows), given, flat, {}, None, 0, 0, 0)
    orders = [drops.orders_of(score, int(row)) for score, row in zip(scores, rows, strict=True)]
    found = drops.measure(asked, orders, SHARES, piece(tick, 0, 2))
    between = drops.normalize(asked, orders, piece(tick, 1, 2))
    marks = _marked(opened, rows, scores)
    told = SHARES.index(TOLD)
    rankings = {
        name: Ranking(
            removed=_means(found.removed[name]),
            kept=_means(found.kept[name]),
            comprehensiveness=_mean(_aggregate(found.removed[name])),
            sufficiency=_mean(_aggregate(found.kept[name])),
            more=None if name == "mask" else _mean(_aggregate(found.removed["mask"] - found.removed[name])),
            normalized=_between(between.values[name]),
            **_against(marks, name, scores, orders),
        )
        for name in ORDERS
        if name in found.removed
    }
    difference = _mean((found.removed["mask"] - found.removed["random"])[:, told])
    bounded = len(between.values["mask"])
    return Faithfulness(arm, len(rows), given, flat, rankings, difference, bounded, between.exact, len(marks))


def _marked(opened: Opened, rows: np.ndarray, scores: Sequence[Scores]) -> dict[int, np.ndarray]:
    """The marks of each text that has some, by its place in `rows`."""
    every = opened.data.rationale
    own = {} if every is None else {i: every[row] for i, row in enumerate(rows)}
    return {i: marks for i, marks in own.items() if marks.any() and len(marks) == len(scores[i]["mask"])}


def _against(
    marks: dict[int, np.ndarray], name: str, scores: Sequence[Scores], orders: Sequence[Orders]
) -> dict[str, float | None]:
    """Average precision and F1 of one order, in the mean over its draws."""
    from dynmask_core.analysis.marks import f1, precision

    if not marks:
        return {"precision": None, "f1": None}
    truth, draws = list(marks.values()), range(len(orders[0][name]))
    if name == "random":
        ranked = [precision(truth, [-orders[i][name][draw] for i in marks]) for draw in draws]
    else:
        ranked = [precision(truth, [scores[i][name] for i in marks])]
    first = [f1(truth, [orders[i][name][draw] for i in marks]) for draw in draws]
    return {"precision": float(np.mean(ranked)), "f1": float(np.mean(first))}


def _between(pairs: np.ndarray) -> list[Mean] | None:
    """float [P, 2] → the means, without the texts whose bounds are equal."""
    there = pairs[~np.isnan(pairs).any(1)]
    return [_mean(column) for column in there.T] if len(there) else None


def _aggregate(drops: np.ndarray) -> np.ndarray:
    """float [N, K] → [N]."""
    total: np.ndarray = drops.sum(1) / (drops.shape[1] + 1)
    return total


def _means(drops: np.ndarray) -> list[Mean]:
    """float [N, K] → one per share. In short texts several shares are the same number of words."""
    found: list[Mean] = []
    for k in range(drops.shape[1]):
        same = k > 0 and np.array_equal(drops[:, k], drops[:, k - 1])
        found.append(found[-1] if same else _mean(drops[:, k]))
    return found


def _mean(values: np.ndarray) -> Mean:
    return Mean(float(values.mean()), *interval(values))

"""Two runs laid over each other: their scores, the test texts on which they disagree, and the masks of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import regex

from dynmask_core.analysis.errors import answers
from dynmask_core.analysis.standing import Standing, require_classes, standing
from dynmask_core.data.dataset import Dataset
from dynmask_core.evaluate.statistics import ALPHA, LEAST_TEXTS, holm, mcnemar
from dynmask_core.masks import brief, parse
from dynmask_core.messages import Sentence, p_value, say
from dynmask_core.runs import Run

NAME = regex.compile(r"(?<![0-9a-f-])[0-9]{8}-[0-9]{6}-[0-9a-f]{16}(?![0-9a-f])")
CAUTION = say("overlay.these_models")
Texts = Literal["same", "split", "data"]
"""Whether two runs were tested on the same texts; if not, whether only the split differs or the data do."""


@dataclass(frozen=True, eq=False)
class Pair:
    """One arm of each run. accuracy, f1: on the test texts of each. own_right, other_right: bool [N], and own_answers,
    other_answers: the classes they answer, for N test texts that are the same; empty if they are not. p_value: exact
    (McNemar 1947), adjusted for the number of pairs (Holm 1979); 1 if the texts are not the same."""

    own: str
    other: str
    accuracy: tuple[float, float]
    f1: tuple[float, float]
    own_right: np.ndarray
    other_right: np.ndarray
    own_answers: tuple[str, ...]
    other_answers: tuple[str, ...]
    p_value: float = 1.0

    @property
    def counts(self) -> dict[str, int]:
        """How many texts both get right, only the arm of this run, only that of the other, and neither."""
        a, b = self.own_right, self.other_right
        found = {"both": a & b, "only_own": a & ~b, "only_other": ~a & b, "neither": ~a & ~b}
        return {name: int(texts.sum()) for name, texts in found.items()}

    @property
    def disagree(self) -> list[int]:
        """The numbers of the test texts that they answer differently; those that one of them gets right come first."""
        differ = [i for i, (a, b) in enumerate(zip(self.own_answers, self.other_answers, strict=True)) if a != b]
        return sorted(differ, key=lambda i: bool(self.own_right[i] == self.other_right[i]))

    @property
    def decision(self) -> Literal["few", "equal", "undetected", "ahead", "behind"]:
        """What N ≥ 1 texts that are the same can tell."""
        if len(self.own_right) < LEAST_TEXTS:
            return "few"
        if not self.disagree:
            return "equal"
        if self.p_value > ALPHA:
            return "undetected"
        return "ahead" if self.own_right.sum() > self.other_right.sum() else "behind"


@dataclass(frozen=True, eq=False)
class Overlay:
    """texts: see Texts; tests: how many test texts each run has. rows, test_texts, truth: of the N test texts if they
    are the same, else empty. epochs, early: of the two runs, see Standing."""

    texts: Texts
    tests: tuple[int, int]
    pairs: tuple[Pair, ...]
    test_texts: tuple[str, ...]
    truth: tuple[str, ...]
    epochs: tuple[int, int]
    early: tuple[bool, bool]

    def told(self) -> list[Sentence]:
        """What the answers of the two runs show, and how sure that is. Say CAUTION as well."""
        said = [
            say("overlay.early", epoch=epoch) for epoch, early in zip(self.epochs, self.early, strict=True) if early
        ]
        if self.texts == "data":
            return [*said, say("overlay.other_data")]
        if self.texts == "split":
            return [*said, say("overlay.other_split"), *map(self._told_apart, self.pairs)]
        return [*said, *map(self._told, self.pairs)]

    def _told(self, pair: Pair) -> Sentence:
        p = p_value(pair.p_value)
        facts = {**_facts(pair), **pair.counts, "tests": len(self.truth), "least": LEAST_TEXTS}
        return say(f"overlay.{pair.decision}", disagree=len(pair.disagree), p=p if p[0] == "<" else f"= {p}", **facts)

    def _told_apart(self, pair: Pair) -> Sentence:
        # The two scores are of different texts: their errors add up.
        spread = sum(a * (1 - a) / max(n, 1) for a, n in zip(pair.accuracy, self.tests, strict=True))
        return say("overlay.unpaired", points=f"{196 * spread**0.5:.1f}", **_facts(pair))

    def to_json(self, top: int) -> dict[str, Any]:
        return {
            "texts": self.texts,
            "tests": {"own": self.tests[0], "other": self.tests[1]},
            "epochs": {"own": self.epochs[0], "other": self.epochs[1]},
            "early": {"own": self.early[0], "other": self.early[1]},
            "pairs": [self._pair_json(pair, top) for pair in self.pairs],
        }

    def _pair_json(self, pair: Pair, top: int) -> dict[str, Any]:
        told: dict[str, Any] = {"own": pair.own, "other": pair.other}
        for name, (own, other) in (("accuracy", pair.accuracy), ("f1", pair.f1)):
            told[name] = {"own": own, "other": other}
        if self.texts != "same":
            return told
        differ = [
            {
                "text": self.test_texts[i],
                "truth": self.truth[i],
                "own": pair.own_answers[i],
                "other": pair.other_answers[i],
            }
            for i in pair.disagree
        ]
        told |= {"decision": pair.decision, "p_value": pair.p_value, "right": pair.counts}
        return told | {"disagree": len(differ), "texts": differ[:top]}


def _facts(pair: Pair) -> dict[str, Any]:
    arms = brief(pair.own) if pair.own == pair.other else f"{brief(pair.own)} / {brief(pair.other)}"
    own, other = pair.accuracy
    return {"arm": arms, "own": f"{own:.1%}", "other": f"{other:.1%}", "difference": f"{100 * (own - other):+.1f}"}


def name_in(pasted: str) -> str | None:
    """The name of a run in what a reader pastes: the name itself or a link with it."""
    found = NAME.findall(pasted)
    return found[-1] if found else None


def paired_arms(own: Sequence[str], other: Sequence[str]) -> list[tuple[str, str]]:
    """Which arms to lay over each other: those of the same name, then those of the same strategies, then those whose
    first strategy is the same; in the order of `own`. What is left has nothing in common and stands alone."""
    found: dict[str, str] = {}
    keys: tuple[Callable[[str], Any], ...] = (str, _strategies, lambda arm: _strategies(arm)[:1])
    for key in keys:
        for arm in own:
            left = (one for one in other if one not in found.values() and key(one) == key(arm))
            if arm not in found and (match := next(left, None)) is not None:
                found[arm] = match
    return [(arm, found[arm]) for arm in own if arm in found]


def _strategies(arm: str) -> tuple[str, ...]:
    return tuple(name for name, _ in parse(arm))


def overlay(run: Run, other: Run) -> Overlay:
    """Lays the answers of two runs over each other. A run that is not finished is scored as it stands, see `standing`.

    Raises InputError: `no_classes`, `no_weights` before the end of a first epoch.
    """
    for each in (run, other):
        require_classes(each)
    stand, stands = standing(run), standing(other)
    data, theirs = run.dataset(), other.dataset()
    texts = _texts(data, theirs)
    rows = data.rows("test")
    truth = tuple(data.classes[label] for label in data.labels[rows])
    predicted, their_predicted = ({}, {}) if texts != "same" else (_predicted(run), _predicted(other))
    pairs = []
    for own, arm in paired_arms(run.config().arms, other.config().arms):
        one, two = _test(stand, own), _test(stands, arm)
        given = tuple(data.classes[code] for code in predicted.get(own, ()))
        answered = tuple(theirs.classes[code] for code in their_predicted.get(arm, ()))
        own_right, other_right = (
            np.array([a == b for a, b in zip(each, truth, strict=False)], dtype=bool) for each in (given, answered)
        )
        p = mcnemar(own_right, other_right).p_value
        accuracy, f1 = ((one[name], two[name]) for name in ("accuracy", "f1"))
        pairs.append(Pair(own, arm, accuracy, f1, own_right, other_right, given, answered, p))
    adjusted = holm([pair.p_value for pair in pairs])
    same = texts == "same"
    return Overlay(
        texts=texts,
        tests=(len(rows), len(theirs.rows("test"))),
        pairs=tuple(replace(pair, p_value=p) for pair, p in zip(pairs, adjusted, strict=True)),
        test_texts=tuple(data.texts[row] for row in rows) if same else (),
        truth=truth if same else (),
        epochs=(stand.epoch, stands.epoch),
        early=(stand.early, stands.early),
    )


def _test(stands: Standing, arm: str) -> dict[str, Any]:
    """An arm's scores on its test texts."""
    return dict(next(one["test"] for one in stands.result["arms"] if one["name"] == arm))


def curve(run: Run, arm: str, metric: str) -> list[tuple[int, float]]:
    """(epoch, value) of an arm on the validation texts. metric: "accuracy" or "loss"."""
    ends = (event for event in run.events() if event["type"] == "arm_epoch" and event["arm"] == arm)
    return [(event["epoch"], float(event["validation"][metric])) for event in ends]


def _predicted(run: Run) -> dict[str, np.ndarray]:
    """By arm, the classes answered to the test texts; a finished run has kept them."""
    kept = run.predictions() if run.result() is not None else None
    if kept is not None:
        return kept
    found = answers(run)
    return dict(zip(found.arms, found.predicted, strict=True))


def _texts(data: Dataset, other: Dataset) -> Texts:
    def labelled(of: Dataset, rows: Any) -> list[tuple[str, str]]:
        return [(of.texts[row], of.classes[of.labels[row]]) for row in rows]

    if labelled(data, data.rows("test")) == labelled(other, other.rows("test")):
        return "same"
    return "split" if labelled(data, range(len(data))) == labelled(other, range(len(other))) else "data"

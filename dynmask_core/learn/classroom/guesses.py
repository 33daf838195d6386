"""What a class has guessed: what is kept of an answer, and how many gave which."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dynmask_core.learn.lesson import Question
from dynmask_core.learn.limits import STEPS
from dynmask_core.learn.markup import plain

Recorded = list[int] | float | bool | None
"""The numbers of the ticked choices, from 0; a number; whether a text is right; None if it was passed over."""
MOST_BARS = 10
"""Numbers that differ more are gathered in ranges."""


@dataclass(frozen=True)
class Given:
    """The answers of one participant in one step. late: given after the reveal."""

    who: str
    step: int
    answers: tuple[Recorded, ...]
    late: bool

    @classmethod
    def read(cls, line: Mapping[str, Any]) -> Given | None:
        """None for a line that says nothing."""
        who, step, answers = line.get("who"), line.get("step"), line.get("answers")
        if not (isinstance(who, str) and isinstance(step, int) and isinstance(answers, list)):
            return None
        if not 1 <= step <= STEPS:
            return None
        return cls(who, step, tuple(answers), bool(line.get("late")))


@dataclass(frozen=True)
class Bar:
    """label: plain words; "" where the page must say it. right: whether this is the right answer, or holds it."""

    label: str
    count: int
    right: bool


@dataclass(frozen=True)
class Tally:
    """How often each answer was given before the reveal. answered: participants who gave one. passed: who did not want
    to guess. late: who answered after the reveal, and are in no bar.

    Of short texts there are two bars, the right ones and the others: nobody's text is kept.
    """

    bars: tuple[Bar, ...]
    answered: int
    passed: int
    late: int


def recorded(question: Question, answer: Any) -> Recorded:
    """What is kept of an answer as the page gives it; None for none or for one that does not fit the question."""
    if answer is None:
        return None
    if question.kind == "text":
        return question.judge(str(answer)).right
    if question.kind == "number":
        number = float(answer)
        return number if math.isfinite(number) else None
    return _ticked(question, answer)


def _ticked(question: Question, answer: Any) -> list[int] | None:
    if not isinstance(answer, Sequence) or isinstance(answer, str):
        return None
    places = sorted({place for place in answer if type(place) is int and 0 <= place < len(question.choices)})
    return places if len(places) == 1 or question.kind == "several" else None


def fitting(question: Question, answer: Recorded) -> Recorded:
    """An answer as it was read from a file; None where it does not fit the question, which may have changed."""
    if question.kind == "text":
        return answer if isinstance(answer, bool) else None
    if question.kind == "number":
        is_number = isinstance(answer, int | float) and not isinstance(answer, bool) and math.isfinite(answer)
        return float(answer) if is_number else None  # type: ignore[arg-type]
    return _ticked(question, answer)


def tally(question: Question, place: int, given: Iterable[Given]) -> Tally:
    """Counts the answers to the question at `place`, from 0, among those of its step."""
    answers: list[Recorded] = []
    passed = late = 0
    for one in given:
        answer = fitting(question, one.answers[place]) if place < len(one.answers) else None
        if answer is None:
            passed += 1
        elif one.late:
            late += 1
        else:
            answers.append(answer)
    return Tally(_bars(question, answers), len(answers), passed, late)


def _bars(question: Question, answers: Sequence[Any]) -> tuple[Bar, ...]:
    if question.kind == "text":
        rights = sum(answers)
        return Bar("", rights, True), Bar("", len(answers) - rights, False)
    if question.kind == "number":
        return _ranges(question, answers)
    counts = Counter(place for answer in answers for place in answer)
    return tuple(Bar(plain(one.text), counts[place], one.right) for place, one in enumerate(question.choices))


def _ranges(question: Question, numbers: Sequence[float]) -> tuple[Bar, ...]:
    """A bar for each number, or for each of some equal ranges; the outer ones reach as far as anybody went."""
    counts = sorted(Counter(numbers).items())
    if len(counts) <= MOST_BARS:
        return tuple(Bar(f"{number:g}", count, question.low <= number <= question.high) for number, count in counts)
    # One wild guess must not push all others into one bar.
    low, high = np.percentile(numbers, [10, 90])
    edges = np.linspace(low, high, MOST_BARS - 1) if high > low else np.array([low])
    places = Counter(int(place) for place in np.searchsorted(edges, numbers, side="right"))
    bars = []
    for place in range(len(edges) + 1):
        least = -math.inf if place == 0 else float(edges[place - 1])
        most = math.inf if place == len(edges) else float(edges[place])
        label = f"< {most:.3g}" if place == 0 else f"≥ {least:.3g}" if most == math.inf else f"{least:.3g} … {most:.3g}"
        bars.append(Bar(label, places[place], least <= question.high and question.low < most))
    return tuple(bars)

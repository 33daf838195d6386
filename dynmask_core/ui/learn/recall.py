"""Guesses that outlive a visit: the browser keeps them, and gives back those that fit what the lesson asks now."""

from __future__ import annotations

import math
import time
from typing import Any

import streamlit as st

from dynmask_core.learn.lesson import Lesson, Question
from dynmask_core.learn.limits import WORDING
from dynmask_core.ui.components.guesses import Kept, kept_guesses
from dynmask_core.ui.learn import answers

_DATED = "guesses_dated"
"""In the session: by (lesson, step), when it was guessed in milliseconds, and whether a guess is there (else it was
forgotten then)."""


def recall(lesson: Lesson) -> None:
    """Takes over what this browser keeps of the lesson, and has it keep what was guessed in this visit. Shows nothing.

    For a reader who is alone: of a class, the class keeps the guesses. Call it before the questions are drawn.
    """
    with st.container(key="guesses_memory"):
        found = kept_guesses(lesson.id, _of_visit(lesson), key=f"guesses_{lesson.id}")
    dated = _dated()
    for number, one in found.items():
        place = lesson.id, number
        if number > len(lesson.steps) or (place in dated and dated[place][0] >= one.at):
            continue
        given = _checked(lesson.steps[number - 1].predict, one)
        dated[place] = one.at, given is not None
        if given is None:
            answers.kept().pop(place, None)
        else:
            answers.restore(lesson, number, given)


def any_guessed(lesson: Lesson) -> bool:
    """Whether there is a guess to forget."""
    return any(name == lesson.id for name, _ in answers.kept())


def forget(lesson: Lesson) -> None:
    """Forgets all guesses of the lesson, here and in the browser."""
    for place in [place for place in answers.kept() if place[0] == lesson.id]:
        del answers.kept()[place]


def set_aside(lesson: Lesson) -> None:
    """Begins the lesson without guesses; the browser keeps what it has. A class is asked anew."""
    forget(lesson)
    for place in [place for place in _dated() if place[0] == lesson.id]:
        del _dated()[place]


def _of_visit(lesson: Lesson) -> dict[int, Kept]:
    """What was guessed or forgotten in this visit, by step. Dates what has changed since the last drawing."""
    dated, guesses = _dated(), answers.kept()
    places = {place for place in (*dated, *guesses) if place[0] == lesson.id}
    for place in places:
        at, there = dated.get(place, (0, False))
        if there != (place in guesses):
            # Later than before, whatever the clocks of two servers say.
            dated[place] = max(time.time_ns() // 10**6, at + 1), place in guesses
    said = {}
    for place in places:
        form, given = guesses.get(place, ((), None))
        said[place[1]] = Kept(dated[place][0], [list(one) for one in form], given and [_plain(one) for one in given])
    return said


def _plain(answer: Any) -> Any:
    return list(answer) if isinstance(answer, tuple) else answer


def _dated() -> dict[tuple[str, int], tuple[int, bool]]:
    dated: dict[tuple[str, int], tuple[int, bool]] = st.session_state.setdefault(_DATED, {})
    return dated


def _checked(questions: tuple[Question, ...], kept: Kept) -> tuple[Any, ...] | None:
    """The answers, if they can be answers to these questions; None if not, or if the guess was forgotten."""
    form = [[question.kind, len(question.choices)] for question in questions]
    given = kept.answers
    if not isinstance(given, list) or not given or kept.shape != form:
        return None
    found = [_answer(question, answer) for question, answer in zip(questions, given, strict=False)]
    passed = [answer is None for answer in given]
    if len(found) != len(form) or [answer is None for answer in found] != passed:
        return None
    return tuple(found)


def _answer(question: Question, answer: Any) -> Any:
    """As `Question.judge` takes it; None for what is no answer to this question."""
    if question.kind in ("choice", "several"):
        known = range(len(question.choices))
        fits = isinstance(answer, list) and all(type(one) is int and one in known for one in answer)
        return tuple(answer) if fits and (question.kind == "several" or len(answer) == 1) else None
    if question.kind == "number":
        return answer if type(answer) in (int, float) and math.isfinite(answer) else None
    return answer[:WORDING] if isinstance(answer, str) and answer.strip() else None

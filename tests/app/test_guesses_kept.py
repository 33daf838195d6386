"""Guesses come back from the browser if they fit what the lesson asks, and are forgotten when the reader says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.learn.catalogue import find
from dynmask_core.ui.components.guesses import Kept
from dynmask_core.ui.learn import recall

Visit = Callable[..., AppTest]
LESSON = "what-is-a-mask"
STEP = find(LESSON).in_language("en").steps[0]
FORM = [[question.kind, len(question.choices)] for question in STEP.predict]


class Browser:
    """Stands in for the browser's storage."""

    def __init__(self) -> None:
        self.kept: dict[int, Kept] = {}

    def __call__(self, lesson: str, guesses: dict[int, Kept], *, key: str) -> dict[int, Kept]:
        for step, guess in guesses.items():
            if step not in self.kept or self.kept[step].at < guess.at:
                self.kept[step] = guess
        return dict(self.kept)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    kept = Browser()
    monkeypatch.setattr(recall, "kept_guesses", kept)
    return kept


def answers(wrong: Any = None) -> list[Any]:
    """Right ones, in the form in which a browser keeps them."""
    given: list[Any] = []
    for question in STEP.predict:
        if question.choices:
            given.append(list(question.right))
        else:
            given.append(question.answers[0] if question.answers else question.low)
    return given if wrong is None else [wrong, *given[1:]]


def test_a_guess_is_there_again_in_another_visit(visit: Visit, browser: Browser) -> None:
    app = visit(f"/learn?lesson={LESSON}")
    app.button(key=f"pass_{LESSON}_1").click().run()
    assert not app.exception
    assert browser.kept[1].answers == [None] * len(STEP.predict)
    browser.kept[1] = Kept(browser.kept[1].at, FORM, answers())
    again = visit(f"/learn?lesson={LESSON}")
    assert not again.exception
    assert len(again.success) == len(STEP.predict)
    again.button(key="forget_guesses").click().run()
    assert not again.exception
    assert browser.kept[1].answers is None
    assert again.button(key=f"guess_{LESSON}_1")
    third = visit(f"/learn?lesson={LESSON}")
    assert third.button(key=f"guess_{LESSON}_1")


@pytest.mark.parametrize(
    "kept",
    [
        Kept(10, FORM, answers(wrong=[0, "x"])), Kept(10, FORM, answers(wrong={"a": 1})), Kept(10, FORM, "all"),
        Kept(10, FORM, answers()[:-1]), Kept(10, FORM, []), Kept(10, FORM[:-1], answers()), Kept(10, None, None),
        Kept(10, FORM, answers(wrong=float("nan"))), Kept(10, FORM, answers(wrong=[99])),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_questions_is_not_taken_over(kept: Kept) -> None:
    assert recall._checked(STEP.predict, kept) is None


def test_what_fits_is_taken_over_and_what_was_passed_stays_passed() -> None:
    given = recall._checked(STEP.predict, Kept(10, FORM, answers()))
    assert given is not None
    for question, answer in zip(STEP.predict, given, strict=True):
        assert question.judge(answer).right
    assert recall._checked(STEP.predict, Kept(10, FORM, [None] * len(FORM))) == (None,) * len(FORM)

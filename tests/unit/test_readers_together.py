"""Several readers ask the same trained models at the same time: nobody waits, and everybody gets their own answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dynmask_core.analysis.act import act, open_arms
from dynmask_core.analysis.contrast import contrast
from dynmask_core.analysis.forced import Forced
from dynmask_core.analysis.lens import lens
from dynmask_core.analysis.subject import Subject
from dynmask_core.runs import Run

Question = Callable[[tuple[Subject, ...]], Any]

WORD_OUT = Forced(frozenset([1]))
QUESTIONS: dict[str, Question] = {
    "act": lambda arms: act(arms, "ba bo bu", WORD_OUT),
    "contrast": lambda arms: contrast(arms, "ba bo bu", "ba bu"),
    "lens": lambda arms: [one.row(1, 0, 2).to_json() for one in (lens(arm, "ba bo bu") for arm in arms)],
    "records": lambda arms: [arm.records(["ba bo bu"])[0].mask.tolist() for arm in arms],
    "probabilities": lambda arms: [arm.probabilities(["ba bo bu", "bu"]).tolist() for arm in arms],
}


@pytest.mark.parametrize("quick", QUESTIONS)
@pytest.mark.parametrize("slow", ["act", "lens"])
def test_a_quick_question_is_answered_while_a_slow_one_is_in_the_middle(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch, slow: str, quick: str
) -> None:
    arms = open_arms(finished_run)
    expected = {name: ask(arms) for name, ask in QUESTIONS.items()}
    planned, go_on = threading.Event(), threading.Event()
    strategy, asker = type(arms[0].strategy), threading.get_ident()
    plans = strategy.plans

    def held(self: Any, context: Any) -> Any:
        """The slow reader stops just after a mask has made its plan, when what it keeps could be overwritten."""
        made = plans(self, context)
        if threading.get_ident() != asker and not planned.is_set():
            planned.set()
            assert go_on.wait(60)
        return made

    monkeypatch.setattr(strategy, "plans", held)
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(QUESTIONS[slow], arms)
        assert planned.wait(60)
        try:
            assert QUESTIONS[quick](arms) == expected[quick]
            assert not waiting.done()
        finally:
            go_on.set()
        assert waiting.result(60) == expected[slow]

"""What is wrong with a lesson's file, and where two languages of a lesson differ."""

from __future__ import annotations

from collections.abc import Iterator

from dynmask_core.errors import InputError
from dynmask_core.learn.lesson import Lesson, Panel, Question, Step
from dynmask_core.learn.parse import read

_SPOKEN = ("data", "corpus", "test_on", "seed")
"""Settings that may differ between languages: each has samples of its own."""


def check(source: str | bytes) -> tuple[InputError, ...]:
    """All problems of a file's content, in its order; empty if the lesson can be given. Each has `params["line"]`."""
    return read(source).problems


def differences(one: Lesson, other: Lesson) -> tuple[InputError, ...]:
    """Where a lesson in another language is not the same lesson: steps, questions, right answers, panels.

    Lines are those of `other`.
    """
    return tuple(_apart(one, other))


def _apart(one: Lesson, other: Lesson) -> Iterator[InputError]:
    for key in ("id", "minutes", "difficulty", "place", "hide"):
        if getattr(one, key) != getattr(other, key):
            yield InputError("lesson_apart_front", line=1, key=key)
    for key in ("goals", "prior"):
        if len(getattr(one, key)) != len(getattr(other, key)):
            yield InputError("lesson_apart_front", line=1, key=key)
    if len(one.steps) != len(other.steps):
        yield InputError("lesson_apart_steps", line=1, here=len(other.steps), there=len(one.steps))
        return
    for first, second in zip(one.steps, other.steps, strict=True):
        if _panel(first.panel) != _panel(second.panel):
            yield InputError("lesson_apart_panel", line=second.line)
        if _parts(first) != _parts(second):
            yield InputError("lesson_apart_parts", line=second.line)
        for name in ("predict", "explain"):
            mine, yours = getattr(first, name), getattr(second, name)
            if len(mine) != len(yours):
                yield InputError("lesson_apart_questions", line=second.line, here=len(yours), there=len(mine))
                continue
            for question, same in zip(mine, yours, strict=True):
                if _answer(question) != _answer(same):
                    yield InputError("lesson_apart_answer", line=same.line)


def _panel(panel: Panel | None) -> object:
    if panel is None:
        return None
    said = sorted((name, value) for name, value in panel.parameters if name not in _SPOKEN)
    return panel.page, said, panel.after


def _parts(step: Step) -> list[bool]:
    return [bool(part) for part in (step.before, step.reveal, step.note)]


def _answer(question: Question) -> object:
    told = [bool(choice.feedback) for choice in question.choices]
    general = [bool(words) for words in (question.feedback, question.if_right, question.if_wrong)]
    return question.kind, len(question.choices), question.right, question.low, question.high, told, general

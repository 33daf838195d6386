"""What a teacher takes home: the answers and the board of a class as CSV, by numbers of participants, without names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dynmask_core.data.spreadsheet import csv_of
from dynmask_core.learn.classroom.board import SETTINGS, board_of
from dynmask_core.learn.classroom.guesses import Recorded, fitting
from dynmask_core.learn.classroom.room import Room
from dynmask_core.learn.lesson import Lesson, Question
from dynmask_core.learn.markup import plain

ANSWERS = ("participant", "step", "question", "kind", "asked", "answer", "right", "after_the_reveal")
BOARD = ("participants", "data", "test_texts", *SETTINGS, "moved_while_training", "arm", "test", "validation")


def answers(room: Room, lesson: Lesson) -> list[dict[str, Any]]:
    """A dict per participant and question, keys as in ANSWERS; `answer` is "" where it was passed over or is a text."""
    numbers = {one.who: one.number for one in room.people()}
    rows = []
    for given in room.guesses():
        if given.who not in numbers or given.step > len(lesson.steps):
            continue
        for place, question in enumerate(lesson.steps[given.step - 1].predict):
            answer = fitting(question, given.answers[place]) if place < len(given.answers) else None
            rows.append(
                {
                    "participant": numbers[given.who],
                    "step": given.step,
                    "question": place + 1,
                    "kind": question.kind,
                    "asked": plain(question.text),
                    "answer": _written(question, answer),
                    "right": _right(question, answer),
                    "after_the_reveal": int(given.late),
                }
            )
    return sorted(rows, key=lambda row: (row["participant"], row["step"], row["question"]))


def _written(question: Question, answer: Recorded) -> str | float:
    if isinstance(answer, list):
        return " | ".join(plain(question.choices[place].text) for place in answer)
    if answer is None or isinstance(answer, bool):
        return ""
    return int(answer) if answer.is_integer() else answer


def _right(question: Question, answer: Recorded) -> int | None:
    """1 or 0; None where nothing was answered."""
    if answer is None:
        return None
    return int(question.judge(answer).right)


def dots(room: Room) -> list[dict[str, Any]]:
    """A dict per finished run and arm, keys as in BOARD."""
    return [
        {
            "participants": " ".join(str(one.number) for one in dot.people),
            "data": dot.score.data,
            "test_texts": dot.score.texts,
            **dot.score.settings,
            "moved_while_training": int(dot.score.moved),
            "arm": arm.name,
            "test": round(arm.test, 6),
            "validation": round(arm.validation, 6),
        }
        for dot in board_of(room).dots
        for arm in dot.score.arms
    ]


def to_csv(names: Sequence[str], rows: Iterable[dict[str, Any]]) -> bytes:
    """The rows as CSV, see `csv_of`."""
    import pandas as pd

    # As objects first: a column of whole numbers with an empty cell stays one of whole numbers.
    return csv_of(pd.DataFrame(list(rows), columns=list(names), dtype=object).convert_dtypes())

"""What a lesson is: steps, each with something to predict, something to move and something to explain."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["choice", "several", "number", "text"]
Language = Literal["en", "zh"]
Difficulty = Literal["easy", "medium", "hard"]
LESSON_WORD = "lesson"
"""`data=lesson` and `run=lesson` in an address stand for the file and the run that the lesson carries."""


@dataclass(frozen=True)
class Panel:
    """A page of the app with everything set. page: its name. parameters: (name, value), in the order written.

    label: the words of the link. after: True if it stands behind the prediction, and so must not be shown before.
    """

    page: str
    parameters: tuple[tuple[str, str], ...]
    label: str
    after: bool = False

    @property
    def address(self) -> str:
        """As it is written in the lesson, relative to the app's own address: `train?baseline=none&view=watch`."""
        from urllib.parse import quote

        # Characters that masks are written with stay readable; all of them may stand in a query.
        said = "&".join(f"{name}={quote(value, safe=',:.*@!~|')}" for name, value in self.parameters)
        return f"{self.page}?{said}" if said else self.page


@dataclass(frozen=True)
class Choice:
    """One answer that can be ticked. text, feedback: inline Markdown; feedback "" if there is none."""

    text: str
    right: bool
    feedback: str = ""


@dataclass(frozen=True)
class Verdict:
    """right: whether the answer is. feedback: inline Markdown, what to tell the reader, most specific first."""

    right: bool
    feedback: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """kind: `choice` (one is right), `several` (any number), `number` (in [low, high]), `text` (one of `answers`).

    text: inline Markdown. feedback: told with any answer; if_right, if_wrong: told with such an answer. line: in the
    file, from 1.
    """

    kind: Kind
    text: str
    title: str = ""
    choices: tuple[Choice, ...] = ()
    low: float = math.nan
    high: float = math.nan
    answers: tuple[str, ...] = ()
    feedback: str = ""
    if_right: str = ""
    if_wrong: str = ""
    line: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        # NaN equals nothing, and two equal questions must be equal.
        if self.kind != "number":
            object.__setattr__(self, "low", 0.0)
            object.__setattr__(self, "high", 0.0)

    @property
    def right(self) -> tuple[int, ...]:
        """The numbers of the right choices, from 0."""
        return tuple(place for place, choice in enumerate(self.choices) if choice.right)

    def judge(self, answer: Collection[int] | float | str) -> Verdict:
        """answer: the numbers of the ticked choices from 0 (also if one only is asked for), or a number, or a text, or,
        where the words of a text were not kept, whether they were right."""
        chosen: tuple[str, ...] = ()
        if self.kind in ("choice", "several"):
            ticked = set(answer) if isinstance(answer, Collection) and not isinstance(answer, str) else {answer}
            right = ticked == set(self.right)
            chosen = tuple(choice.feedback for place, choice in enumerate(self.choices) if place in ticked)
        elif self.kind == "number":
            right = isinstance(answer, int | float) and self.low <= answer <= self.high
        else:
            right = answer if isinstance(answer, bool) else alike(str(answer)) in map(alike, self.answers)
        told = (*chosen, self.if_right if right else self.if_wrong, self.feedback)
        return Verdict(right, tuple(words for words in told if words))


@dataclass(frozen=True)
class Step:
    """before, reveal: Markdown, shown before and after the prediction. predict: asked in between, before the reveal.

    explain: asked after it. note: Markdown for the teacher alone. line: of its heading, from 1.
    """

    title: str
    before: str = ""
    predict: tuple[Question, ...] = ()
    reveal: str = ""
    explain: tuple[Question, ...] = ()
    panel: Panel | None = None
    note: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Lesson:
    """id: letters, digits and hyphens. minutes: that it takes. intro, note: as in Step, for the whole lesson.

    place: where it stands in the catalogue, 0 for a lesson outside the path. data, run: names of files that the lesson
    carries, "" for none. hide: names of settings that its pages do not show.
    """

    id: str
    language: Language
    title: str
    minutes: int
    difficulty: Difficulty
    goals: tuple[str, ...]
    prior: tuple[str, ...]
    licence: str
    steps: tuple[Step, ...]
    intro: str = ""
    note: str = ""
    authors: str = ""
    place: int = 0
    data: str = ""
    run: str = ""
    hide: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in the order in which they are asked."""
        return tuple(question for step in self.steps for question in (*step.predict, *step.explain))


def alike(answer: str) -> str:
    """Answers that are written alike are one: full-width letters, capitals, spaces and a full stop make no difference.

    >>> alike(" ＳｏｆｔＭａｘ。") == alike("softmax")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", answer).casefold().split()).rstrip(".。")

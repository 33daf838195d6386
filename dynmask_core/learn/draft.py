"""A lesson that is being written on the pages of the app: what its author has filled in, and the file made of it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from typing import Literal

from dynmask_core.errors import InputError
from dynmask_core.learn.lesson import LESSON_WORD, Difficulty, Language, Lesson, Panel, Question, Step
from dynmask_core.learn.parse import read
from dynmask_core.learn.questions import read_questions
from dynmask_core.learn.write import said_range, write

Asks = Literal["nothing", "choice", "number", "text", "kept"]
ASKS: tuple[Asks, ...] = ("nothing", "choice", "number", "text")
"""What the form can ask; `kept` is for the questions of a file that say more than the form has fields for."""
RUN_FILE = "run.zip"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FORMS = {"choice": "{star}{letter}) {line}", "number": "= {line}", "text": "* {line}"}


@dataclass
class DraftStep:
    """A page with its settings, and the words around it; all words as typed.

    panel: the page, None for a step of words alone; `data=lesson` and `run=lesson` in it stand for the author's own
    file and run. asks: one question before the reveal. answers: one per line, for `choice` with a star before the right
    one. kept: the step of a file, for what the form has no fields for: its questions after the reveal, and, while
    `asks` is `kept`, those before it. key: of this step's fields.
    """

    title: str
    panel: Panel | None
    before: str = ""
    asks: Asks = "nothing"
    question: str = ""
    answers: str = ""
    feedback: str = ""
    reveal: str = ""
    note: str = ""
    after: bool = False
    kept: Step | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(4))


@dataclass
class Draft:
    """goals: one per line. data: the name that the file of texts has in the lesson, "" if none travels. run: whether
    the recorded run travels. kept: the lesson of a file, for what the form has no fields for."""

    language: Language
    title: str
    goals: str
    minutes: int = 20
    difficulty: Difficulty = "easy"
    licence: str = "CC BY 4.0"
    authors: str = ""
    data: str = ""
    run: bool = False
    steps: list[DraftStep] = field(default_factory=list)
    id: str = field(default_factory=lambda: f"lesson-{secrets.token_hex(4)}")
    kept: Lesson | None = None

    @classmethod
    def of(cls, lesson: Lesson) -> Draft:
        """The draft whose file is read as this lesson: nothing of it is lost."""
        return cls(
            lesson.language,
            lesson.title,
            "\n".join(lesson.goals),
            lesson.minutes,
            lesson.difficulty,
            lesson.licence,
            lesson.authors,
            lesson.data,
            bool(lesson.run),
            [_draft_step(number, step) for number, step in enumerate(lesson.steps, 1)],
            lesson.id,
            lesson,
        )

    def move(self, key: str, by: int) -> None:
        """Moves a step up (−1) or down (1)."""
        at = next(place for place, step in enumerate(self.steps) if step.key == key)
        to = min(max(at + by, 0), len(self.steps) - 1)
        self.steps.insert(to, self.steps.pop(at))

    def remove(self, key: str) -> None:
        self.steps = [step for step in self.steps if step.key != key]

    def uses(self, name: str) -> bool:
        """Whether a step speaks of the lesson's own file ("data") or run ("run")."""
        names = (name, "corpus") if name == "data" else (name,)
        said = {parameter for step in self.steps if step.panel for parameter in step.panel.parameters}
        return any((one, LESSON_WORD) in said for one in names)

    def lose(self, name: str) -> bool:
        """Takes the lesson's own file ("data") or run ("run") out of all steps; returns whether one spoke of it."""
        spoke = self.uses(name)
        gone = {(one, LESSON_WORD) for one in ((name, "corpus") if name == "data" else (name,))}
        for step in self.steps:
            if step.panel is not None:
                left = tuple(one for one in step.panel.parameters if one not in gone)
                step.panel = replace(step.panel, parameters=left)
        return spoke

    def text(self) -> str:
        """The lesson's file as it stands, whether or not it can be read. Raises InputError `draft_choice`,
        `draft_number`, `draft_text` for a question that is not complete."""
        return write(self._lesson())

    def checked(self) -> str:
        """The lesson's file. Raises InputError: those of `text`, the file's first problem with its line, and
        `draft_signs` where words of the author would be read as something else."""
        lesson = self._lesson()
        source = write(lesson)
        reading = read(source)
        if reading.problems:
            raise reading.problems[0]
        if reading.lesson != lesson:
            raise InputError("draft_signs", step=_first_apart(lesson))
        return source

    def _lesson(self) -> Lesson:
        filled = Lesson(
            id=self.id,
            language=self.language,
            title=_line(self.title),
            minutes=self.minutes,
            difficulty=self.difficulty,
            goals=tuple(_lines(self.goals)),
            prior=(),
            licence=_line(self.licence),
            authors=_line(self.authors),
            steps=tuple(self._step(number, step) for number, step in enumerate(self.steps, 1)),
            data=self.data if self.uses("data") else "",
            run=RUN_FILE if self.run and self.uses("run") else "",
        )
        if self.kept is None:
            return filled
        names = ("prior", "intro", "note", "place", "hide", *(("run",) if filled.run and self.kept.run else ()))
        return replace(filled, **{name: getattr(self.kept, name) for name in names})

    def _step(self, number: int, step: DraftStep) -> Step:
        return Step(
            _line(step.title),
            _prose(step.before),
            _question(number, step),
            _prose(step.reveal),
            step.kept.explain if step.kept else (),
            self._panel(step),
            _prose(step.note),
        )

    def _panel(self, step: DraftStep) -> Panel | None:
        if step.panel is None:
            return None
        carried = {"run"} if self.run else set()
        carried |= {"data", "corpus"} if self.data else set()
        told = tuple((name, value) for name, value in step.panel.parameters if value != LESSON_WORD or name in carried)
        return replace(step.panel, parameters=told, label=_line(step.panel.label), after=step.after)


def _draft_step(number: int, step: Step) -> DraftStep:
    drafted = DraftStep(
        step.title, step.panel, step.before, reveal=step.reveal, note=step.note,
        after=step.panel is not None and step.panel.after, kept=step,
    )  # fmt: skip
    if not step.predict:
        return drafted
    first = step.predict[0]
    if first.kind != "several":
        drafted.asks, drafted.question, drafted.feedback = first.kind, first.text, first.feedback
        stars = [f"{'*' if choice.right else ''}{choice.text}" for choice in first.choices]
        number_said = [said_range(first.low, first.high)] if first.kind == "number" else []
        drafted.answers = "\n".join([*stars, *number_said, *first.answers])
    try:
        written = _question(number, drafted)
    except InputError:
        written = ()
    if written != step.predict:
        drafted.asks = "kept"
    return drafted


def _question(number: int, step: DraftStep) -> tuple[Question, ...]:
    if step.asks == "nothing":
        return ()
    if step.asks == "kept":
        return step.kept.predict if step.kept else ()
    lines = [f"1. {_line(step.question)}"]
    lines += [f"... {told}"] if (told := _line(step.feedback)) else []
    given = _lines(step.answers)
    for letter, line in zip(_LETTERS, given, strict=False):
        star, answer = ("*", line[1:].strip()) if step.asks == "choice" and line[0] == "*" else ("", line)
        lines.append(_FORMS[step.asks].format(star=star, letter=letter, line=answer))
    found: list[InputError] = []
    asked = read_questions(lines, 1, found)
    if found or len(asked) != 1 or len(given) > len(_LETTERS):
        raise InputError(f"draft_{step.asks}", step=number)
    return asked


def _first_apart(lesson: Lesson) -> int:
    """The number of the first step that is read as another one; 1 if it is none of them."""
    for number, step in enumerate(lesson.steps, 1):
        alone = replace(lesson, steps=(step,))
        if read(write(alone)).lesson != alone:
            return number
    return 1


def _line(words: str) -> str:
    """Words of a single line."""
    return " ".join(words.split())


def _lines(words: str) -> list[str]:
    return [_line(line) for line in words.splitlines() if line.strip()]


def _prose(words: str) -> str:
    lines = [line.rstrip() for line in words.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

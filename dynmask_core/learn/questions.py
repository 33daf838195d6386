"""Questions in the Markdown form of text2qti (https://github.com/gpoore/text2qti), read line by line.

    Title: Padding
    1.  How many keys share the attention?
    ... told with any answer
    + told with a right one
    - told with a wrong one
    *a) right
    ... told if this is ticked
    b) wrong

In place of choices: `[*]` and `[ ]` where several can be right, `= 3.2 +- 0.1` or `= [3, 4]` or `= 3` for a number,
`* answer` for a short text, one line for each answer that counts. Text goes on in lines that are indented by as much as
it is in its first line, and a line that begins with % is left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dynmask_core.errors import InputError
from dynmask_core.learn.lesson import Choice, Kind, Question
from dynmask_core.learn.limits import CHOICES, PROBLEMS, WORDING
from dynmask_core.learn.markup import plain, problems, shown, tokens_of

_PARTS = {
    "title": r"[Tt]itle:",
    "question": r"\d{1,4}\.",
    "choice": r"(?P<star>\*?)[A-Za-z]\)",
    "several": r"\[(?P<tick>[* ]?)\]",
    "feedback": r"\.\.\.",
    "if_right": r"\+",
    "if_wrong": r"-",
    "text": r"\*",
    "number": r"=",
}
_LINE = re.compile("|".join(rf"(?P<{name}>{form}[ \t]+(?=\S))" for name, form in _PARTS.items()))
_NUMBER = r"([+-]?\d{1,12}(?:\.\d{1,12})?)"
_MARGIN = re.compile(rf"{_NUMBER}\s*\+-\s*{_NUMBER}\s*(%?)")
_RANGE = re.compile(rf"\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]")
_SMALLEST = 1e-4
"""School systems read no end of a range that is nearer to 0."""


@dataclass
class _Draft:
    """A question that is being read. texts: by name, its wordings so far; target: where indented lines go on."""

    line: int
    texts: dict[str, str]
    kind: Kind | None = None
    choices: list[tuple[str, bool, str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    low: float = math.nan
    high: float = math.nan
    target: str = "text"


class _Reader:
    def __init__(self, found: list[InputError]) -> None:
        self.found = found
        self.done: list[Question] = []
        self.title = ""
        self.draft: _Draft | None = None
        self.indent = 0

    def problem(self, error: InputError) -> None:
        self.found.append(error)

    def line(self, text: str, number: int) -> None:
        if not text.strip() or text.startswith("%"):
            return
        expanded = text.expandtabs(4)
        if self.draft is not None and self.indent and expanded.startswith(" " * self.indent):
            self.add(text.strip())
            return
        match = _LINE.match(text)
        if match is None:
            self.problem(InputError("lesson_question_line", line=number, near=shown(text.strip())))
            return
        name = next(part for part in _PARTS if match[part] is not None)
        self.indent = len(text[: match.end()].expandtabs(4))
        rest = text[match.end() :].strip()
        if name == "title":
            self.finish()
            self.title, self.indent = rest, 0
        elif name == "question":
            self.finish()
            self.draft = _Draft(number, {"text": rest, "title": self.title})
            self.title = ""
        elif self.draft is None:
            self.problem(InputError("lesson_question_first", line=number))
        elif name in ("feedback", "if_right", "if_wrong"):
            self.told(self.draft, name, rest, number)
        else:
            self.answer(self.draft, match, name, rest, number)

    def told(self, draft: _Draft, name: str, rest: str, number: int) -> None:
        if name == "feedback" and draft.choices:
            if draft.choices[-1][2]:
                self.problem(InputError("lesson_feedback_twice", line=number))
            words, right, _ = draft.choices[-1]
            draft.choices[-1], draft.target = (words, right, rest), "choice feedback"
            return
        if name in draft.texts:
            self.problem(InputError("lesson_feedback_twice", line=number))
        if draft.kind is not None:
            self.problem(InputError("lesson_feedback_late", line=number))
        draft.texts[name], draft.target = rest, name

    def answer(self, draft: _Draft, match: re.Match[str], name: str, rest: str, number: int) -> None:
        kind: Kind = name  # type: ignore[assignment]
        if draft.kind not in (None, kind) or (kind == "number" and draft.kind):
            self.problem(InputError("lesson_question_mixed", line=number))
            return
        draft.kind = kind
        if kind == "choice":
            draft.choices.append((rest, bool(match["star"]), ""))
        elif kind == "several":
            draft.choices.append((rest, match["tick"] == "*", ""))
        elif kind == "text":
            draft.answers.append(rest)
            self.indent = 0
        else:
            self.number(draft, rest, number)
            self.indent = 0
        draft.target = "choice"

    def number(self, draft: _Draft, rest: str, number: int) -> None:
        """`3`, `3.2 +- 0.1`, `3.2 +- 5%` or `[3, 4]`."""
        if match := _MARGIN.fullmatch(rest):
            middle, margin = float(match[1]), float(match[2])
            margin *= abs(middle) / 100 if match[3] else 1
            # Rounded, so that 3.2 - 0.1 is 3.1.
            draft.low, draft.high = round(middle - margin, 9), round(middle + margin, 9)
        elif match := _RANGE.fullmatch(rest):
            draft.low, draft.high = float(match[1]), float(match[2])
        elif re.fullmatch(r"[+-]?\d{1,12}", rest, re.ASCII):
            draft.low = draft.high = float(rest)
        if not draft.low <= draft.high:
            draft.low = draft.high = 1.0
            self.problem(InputError("lesson_number", line=number, near=shown(rest)))
        elif min(abs(draft.low), abs(draft.high)) < _SMALLEST:
            self.problem(InputError("lesson_number_zero", line=number))

    def add(self, more: str) -> None:
        """An indented line goes on with what was read last."""
        draft = self.draft
        assert draft is not None
        if draft.target == "choice":
            words, right, told = draft.choices[-1]
            draft.choices[-1] = (_joined(words, more), right, told)
        elif draft.target == "choice feedback":
            words, right, told = draft.choices[-1]
            draft.choices[-1] = (words, right, _joined(told, more))
        else:
            draft.texts[draft.target] = _joined(draft.texts[draft.target], more)

    def finish(self) -> None:
        """Checks the question that has been read, and keeps it."""
        draft, self.draft = self.draft, None
        if draft is None:
            return
        before = len(self.found)
        rights = sum(right for _, right, _ in draft.choices)
        if draft.kind is None:
            self.problem(InputError("lesson_no_answer", line=draft.line))
        if draft.kind in ("choice", "several") and not 2 <= len(draft.choices) <= CHOICES:
            self.problem(InputError("lesson_choices", line=draft.line, most=CHOICES))
        if draft.kind == "choice" and rights != 1:
            self.problem(InputError("lesson_one_right", line=draft.line, rights=rights))
        if draft.kind == "several" and not rights:
            self.problem(InputError("lesson_none_right", line=draft.line))
        if len({plain(words).casefold() for words, _, _ in draft.choices}) < len(draft.choices):
            self.problem(InputError("lesson_choice_twice", line=draft.line))
        if len(draft.answers) > CHOICES:
            self.problem(InputError("lesson_choices", line=draft.line, most=CHOICES))
        wordings = [
            *draft.texts.values(),
            *draft.answers,
            *(part for one in draft.choices for part in (one[0], one[2])),
        ]
        if max(map(len, wordings)) > WORDING:
            self.problem(InputError("lesson_wording", line=draft.line, most=WORDING))
        else:
            for wording in wordings:
                self.found.extend(problems(tokens_of(wording), draft.line))
        if len(self.found) > before or draft.kind is None:
            return
        choices = tuple(Choice(words, right, told) for words, right, told in draft.choices)
        self.done.append(
            Question(draft.kind, **draft.texts, choices=choices, low=draft.low, high=draft.high,
                     answers=tuple(draft.answers), line=draft.line)
        )  # fmt: skip


def _joined(words: str, more: str) -> str:
    """Chinese has no space where a line ends."""
    between = "" if max(words[-1], more[0]) >= "\u2e80" else " "
    return words + between + more


def read_questions(lines: Sequence[str], first: int, found: list[InputError]) -> tuple[Question, ...]:
    """The questions in these lines, of which the first has this number. What is wrong is added to `found`."""
    reader = _Reader(found)
    for number, line in enumerate(lines, first):
        if len(found) > PROBLEMS:
            break
        reader.line(line, number)
    reader.finish()
    if reader.title:
        found.append(InputError("lesson_title_alone", line=first))
    return tuple(reader.done)

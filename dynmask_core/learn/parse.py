"""A lesson's file, read: front matter, a `##` per step, and in a step the parts before and after the prediction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token

from dynmask_core.errors import InputError
from dynmask_core.learn import front, markup
from dynmask_core.learn.lesson import LESSON_WORD, Lesson, Panel, Step
from dynmask_core.learn.limits import PROBLEMS, QUESTIONS, STEPS
from dynmask_core.learn.measure import measured
from dynmask_core.learn.pages import read_address
from dynmask_core.learn.questions import read_questions

SECTIONS = {
    "predict": ("Predict", "先猜一猜"),
    "reveal": ("Reveal", "揭晓"),
    "explain": ("Explain", "说一说"),
}
"""The `###` headings of a step, in this order: in English, in Chinese."""
TEACHER = ("For the teacher", "给老师")
"""A block quote that begins with these words in bold is for the teacher alone."""
_SECTION = {words.casefold(): name for name, both in SECTIONS.items() for words in both}
_NOTE = re.compile(rf"\*\*(?:{'|'.join(TEACHER)})(?:[.:。：])?\*\*[ \t]*[.:。：]?[ \t]*", re.IGNORECASE)
_QUOTED = re.compile(r"^ {0,3}> ?", re.MULTILINE)


@dataclass(frozen=True)
class Reading:
    """lesson: None if it cannot be used. problems: what is wrong, each with `params["line"]`, in the file's order."""

    lesson: Lesson | None
    problems: tuple[InputError, ...]


def parse(source: str | bytes) -> Lesson:
    """The lesson in a file's content. Raises InputError, the file's first problem: `lesson_…` with its line."""
    reading = read(source)
    if reading.problems:
        raise reading.problems[0]
    assert reading.lesson is not None
    return reading.lesson


def read(source: str | bytes) -> Reading:
    """The lesson, with all that is wrong with the file. Raises nothing, whatever the content."""
    found: list[InputError] = []
    try:
        lesson = _lesson(measured(source), found)
    except InputError as error:
        lesson = None
        found.append(error)
    found.sort(key=lambda error: error.params["line"])
    return Reading(None if found else lesson, tuple(found[:PROBLEMS]))


def _lesson(text: str, found: list[InputError]) -> Lesson | None:
    lines = text.split("\n")
    ends = front.split(lines)
    values = front.read_front("\n".join(lines[:ends]), found)
    # Empty lines in its place: the lines of what follows keep their numbers.
    body = [""] * ends + lines[ends:]
    tokens = markup.tokens_of("\n".join(body))
    too_deep = [error for error in markup.problems(tokens) if error.code == "lesson_deep"]
    if too_deep:
        raise too_deep[0]
    found.extend(_outside_panels(tokens))
    steps = _Steps(body, tokens, found)
    steps.read()
    if not steps.done:
        found.append(InputError("lesson_no_steps", line=ends))
    asked = [question for step in steps.done for question in (*step.predict, *step.explain)]
    if len(asked) > QUESTIONS:
        found.append(InputError("lesson_questions", line=asked[QUESTIONS].line, most=QUESTIONS))
    found.extend(_carried(steps.done, values))
    if found:
        return None
    return _made(values, steps)


def _made(values: dict[str, Any], steps: _Steps) -> Lesson:
    known = {key: values[key] for key in front.ORDER if key in values and key != front.VERSION}
    known |= {key: tuple(known.get(key, ())) for key in ("goals", "prior", "hide")}
    return Lesson(**known, steps=tuple(steps.done), intro=steps.intro, note=steps.note)


def _outside_panels(tokens: Sequence[Token]) -> Iterable[InputError]:
    """Problems of the Markdown, without the addresses of panels, which are judged as such."""
    for place, token in enumerate(tokens):
        if _panel_link(tokens, place) is None:
            yield from markup.problems([token])


def _panel_link(tokens: Sequence[Token], place: int) -> tuple[str, str] | None:
    """(address, label) if the inline token there is a link to a page and nothing else, in a paragraph of the step."""
    token = tokens[place]
    if token.type != "inline" or token.level != 1 or tokens[place - 1].type != "paragraph_open":
        return None
    parts = token.children or []
    if len(parts) < 2 or parts[0].type != "link_open" or parts[-1].type != "link_close":
        return None
    if sum(part.type == "link_open" for part in parts) != 1 or any(part.type == "image" for part in parts):
        return None
    address = str(parts[0].attrs.get("href", ""))
    if address.lower().startswith(("https://", "http://", "mailto:")):
        return None
    return address, "".join(part.content for part in parts[1:-1] if part.type in ("text", "code_inline"))


class _Steps:
    """Cuts the body at its headings. done: the steps; intro, note: what stands above the first."""

    def __init__(self, body: list[str], tokens: Sequence[Token], found: list[InputError]) -> None:
        self.body, self.tokens, self.found = body, tokens, found
        self.tops = [(place, token, token.map) for place, token in enumerate(tokens) if token.map and not token.level]
        self.done: list[Step] = []
        self.intro = self.note = ""

    def heads(self, tag: str) -> list[tuple[int, int]]:
        """The lines of these headings, from 0: the first, and the one behind the last."""
        return [
            (lines[0], lines[1]) for _, token, lines in self.tops if token.type == "heading_open" and token.tag == tag
        ]

    def read(self) -> None:
        self.found += [InputError("lesson_h1", line=start + 1) for start, _ in self.heads("h1")[:PROBLEMS]]
        seconds, thirds = self.heads("h2"), self.heads("h3")
        starts = [start for start, _ in seconds]
        if len(starts) > STEPS:
            raise InputError("lesson_steps", line=starts[STEPS] + 1, most=STEPS)
        ends = [*starts[1:], len(self.body)][: len(starts)]
        first = starts[0] if starts else len(self.body)
        self.intro, self.note, panels = self._prose(0, first)
        for panel, line in panels:
            self.found.append(InputError("lesson_panel_intro", line=line, address=panel.page))
        for (start, behind), end in zip(seconds, ends, strict=True):
            self._step(start, behind, end, [third for third in thirds if start < third[0] < end][:PROBLEMS])

    def _step(self, start: int, after_title: int, end: int, thirds: Sequence[tuple[int, int]]) -> None:
        title = re.sub(r"^ {0,3}##[ \t]*|[ \t]*#*$", "", self.body[start]).strip()
        plain_title = markup.plain(title)
        if not plain_title.strip() or len(plain_title) > 200:
            self.found.append(InputError("lesson_step_title", line=start + 1))
        cuts: list[tuple[str, int, int]] = [("before", start + 1, after_title)]
        for first, behind in thirds:
            words = re.sub(r"^ {0,3}###[ \t]*|[ \t]*#*$", "", self.body[first]).strip()
            name, line = _SECTION.get(words.casefold()), first + 1
            if name is None:
                known = ", ".join(word for both in SECTIONS.values() for word in both)
                self.found.append(InputError("lesson_section", line=line, near=markup.shown(words), known=known))
                continue
            order = ["before", *SECTIONS]
            if order.index(name) <= order.index(cuts[-1][0]):
                self.found.append(InputError("lesson_section_order", line=line, near=words))
                continue
            cuts.append((name, line, behind))
        parts: dict[str, Any] = {}
        notes: list[str] = []
        panels: list[tuple[Panel, int]] = []
        for (name, _, begin), stop in zip(cuts, [*(cut[1] - 1 for cut in cuts[1:]), end], strict=True):
            if name in ("before", "reveal"):
                parts[name], note, found = self._prose(begin, stop, after=name == "reveal")
                notes.append(note)
                panels += found
            else:
                before = len(self.found)
                asked, note = self._asked(begin, stop)
                parts[name] = asked
                notes.append(note)
                if not asked and len(self.found) == before:
                    self.found.append(InputError("lesson_section_empty", line=begin, near=SECTIONS[name][0]))
        for _, line in panels[1:]:
            self.found.append(InputError("lesson_panels", line=line))
        panel = panels[0][0] if panels else None
        note = "\n\n".join(note for note in notes if note)
        self.done.append(Step(title, **parts, panel=panel, note=note, line=start + 1))

    def _prose(self, begin: int, end: int, *, after: bool = False) -> tuple[str, str, list[tuple[Panel, int]]]:
        """(prose, teacher's note, panels with their lines) of the lines [begin, end), numbered from 0."""
        taken: set[int] = set()
        notes: list[str] = []
        panels: list[tuple[Panel, int]] = []
        for place, token, lines in self.tops:
            span = range(*lines)
            if not begin <= span.start < end:
                continue
            if token.type == "paragraph_open" and (link := _panel_link(self.tokens, place + 1)):
                try:
                    panels.append((read_address(*link, span[0] + 1, after=after), span[0] + 1))
                except InputError as error:
                    self.found.append(error)
                taken |= set(span)
            elif token.type == "blockquote_open" and (note := self._note(span)) is not None:
                notes.append(note)
                taken |= set(span)
        left = "\n".join(line for number, line in enumerate(self.body[begin:end], begin) if number not in taken)
        return re.sub(r"\n{3,}", "\n\n", left).strip("\n"), "\n\n".join(notes), panels

    def _note(self, span: range) -> str | None:
        """The words of a note for the teacher; None for another block quote."""
        quoted = _QUOTED.sub("", "\n".join(self.body[span.start : span.stop])).strip()
        match = _NOTE.match(quoted)
        return quoted[match.end() :].strip() if match else None

    def _asked(self, begin: int, end: int) -> tuple[tuple[Any, ...], str]:
        """The questions in the lines [begin, end), and the note for the teacher among them."""
        lines = self.body[begin:end]
        notes: list[str] = []
        for _, token, span in self.tops:
            if (
                token.type == "blockquote_open"
                and begin <= span[0] < end
                and (words := self._note(range(*span))) is not None
            ):
                notes.append(words)
                lines[span[0] - begin : span[1] - begin] = [""] * (span[1] - span[0])
        return read_questions(lines, begin + 1, self.found), "\n\n".join(notes)


def _carried(steps: Sequence[Step], values: dict[str, Any]) -> Iterable[InputError]:
    """Addresses that speak of the lesson's own file or run, where it carries none."""
    for step in steps:
        for name, value in step.panel.parameters if step.panel else ():
            part = "run" if name == "run" else "data"
            if value == LESSON_WORD and not values.get(part):
                yield InputError("lesson_carries_none", line=step.line, name=name, part=part)

"""A lesson as the text of its file: what `parse` reads as the same lesson."""

from __future__ import annotations

from typing import Any

from frontmatter.default_handlers import YAMLHandler

from dynmask_core.learn import front
from dynmask_core.learn.lesson import Lesson, Panel, Question, Step
from dynmask_core.learn.limits import SCHEMA
from dynmask_core.learn.parse import SECTIONS, TEACHER

_LETTERS = "abcdefghijkl"


def write(lesson: Lesson) -> str:
    """Markdown with front matter. What a lesson does not set is left out."""
    values: dict[str, Any] = {front.VERSION: SCHEMA}
    for key in front.ORDER[1:]:
        value = getattr(lesson, key)
        if value:
            values[key] = list(value) if isinstance(value, tuple) else value
    head = YAMLHandler().export(values, sort_keys=False, width=110)
    parts = [f"---\n{head}\n---", lesson.intro, _note(lesson.note, lesson.language)]
    parts += [part for step in lesson.steps for part in _step(step, lesson.language)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _step(step: Step, lang: str) -> list[str]:
    place = ("en", "zh").index(lang)
    panel = _panel(step.panel)
    shown_after = step.panel is not None and step.panel.after
    reveal = [step.reveal, *([panel] if shown_after else [])]
    parts = [f"## {step.title}", step.before, *([] if shown_after else [panel])]
    for name, content in (
        ("predict", [written(question, number) for number, question in enumerate(step.predict, 1)]),
        ("reveal", reveal),
        ("explain", [written(question, number) for number, question in enumerate(step.explain, 1)]),
    ):
        if any(content):
            parts += [f"### {SECTIONS[name][place]}", *content]
    return [*parts, _note(step.note, lang)]


def _panel(panel: Panel | None) -> str:
    return f"[{panel.label}]({panel.address})" if panel else ""


def _note(note: str, lang: str) -> str:
    if not note:
        return ""
    said = f"**{TEACHER[('en', 'zh').index(lang)]}{'：' if lang == 'zh' else ':'}** {note}"
    return "\n".join(f"> {line}".rstrip() for line in said.split("\n"))


def written(question: Question, number: int) -> str:
    """A question in the form of text2qti; an empty line before each answer, so that editors do not join them."""
    head = [f"Title: {question.title}"] if question.title else []
    head.append(f"{number}.  {question.text}")
    for mark, told in (("...", question.feedback), ("+", question.if_right), ("-", question.if_wrong)):
        head += [f"{mark} {told}"] if told else []
    answers = []
    for letter, choice in zip(_LETTERS, question.choices, strict=False):
        several = "[*]" if choice.right else "[ ]"
        single = f"{'*' if choice.right else ''}{letter})"
        told = f"\n... {choice.feedback}" if choice.feedback else ""
        answers.append(f"{several if question.kind == 'several' else single} {choice.text}{told}")
    if question.kind == "number":
        answers.append(f"= {said_range(question.low, question.high)}")
    answers += ["\n".join(f"* {answer}" for answer in question.answers)] if question.answers else []
    return "\n\n".join(["\n".join(head), *answers])


def said_range(low: float, high: float) -> str:
    """A range of numbers in the form of text2qti: `3`, `3.2 +- 0.1`, `[3, 4.5]`."""
    if low == high and low.is_integer():
        return f"{low:.0f}"
    middle, margin = round((low + high) / 2, 9), round((high - low) / 2, 9)
    if (round(middle - margin, 9), round(middle + margin, 9)) == (low, high):
        return f"{_decimal(middle)} +- {_decimal(margin)}"
    return f"[{_decimal(low)}, {_decimal(high)}]"


def _decimal(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")

"""A lesson's questions for a school's own system, as QTI 1.2.

QTI 1.2 in the manner of Canvas rather than QTI 2.1: it is what text2qti writes, whose form of questions lessons use.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dynmask_core.errors import InputError
from dynmask_core.learn.lesson import Lesson, Question
from dynmask_core.learn.markup import plain
from dynmask_core.learn.write import written

_SIGN = re.compile(r"[!-/:-@\[-`{-~]")
"""Every sign of ASCII: one of them can be a mark, a formula, or a program to a reader of Markdown."""


def qti(lesson: Lesson) -> bytes:
    """A zip with the questions of all steps, in order. Raises InputError `lesson_no_questions` if there are none."""
    # Loaded here: few need it.
    from text2qti.config import Config
    from text2qti.qti import QTI
    from text2qti.quiz import Quiz

    if not lesson.questions:
        raise InputError("lesson_no_questions")
    parts = [f"Quiz title: {_title(lesson.title)}"]
    titles = [step.title for step in lesson.steps for _ in (*step.predict, *step.explain)]
    seen: list[str] = []
    for number, (question, title) in enumerate(zip(lesson.questions, titles, strict=True), 1):
        words = _words(question.text)
        seen.append(words)
        if again := seen.count(words) - 1:
            # Systems tell questions apart by their words.
            words += f" ({again + 1})"
        parts.append(written(_literal(question, words, _title(question.title or title)), number))
    return bytes(QTI(Quiz("\n\n".join(parts), config=Config())).zip_bytes())


def _literal(question: Question, text: str, title: str) -> Question:
    """The question without marks, and written so that none can be read into it: a lesson may be a stranger's."""
    return replace(
        question,
        text=_escaped(text),
        title=title,
        choices=tuple(replace(one, text=_said(one.text), feedback=_said(one.feedback)) for one in question.choices),
        # These are not read as Markdown.
        answers=tuple(dict.fromkeys(map(_words, question.answers))),
        feedback=_said(question.feedback),
        if_right=_said(question.if_right),
        if_wrong=_said(question.if_wrong),
    )


def _words(text: str) -> str:
    return " ".join(plain(text).split()) or "–"


def _title(text: str) -> str:
    """Titles are words without marks; angle brackets would look like some to a system that takes them for HTML."""
    return _words(text).translate({ord("<"): "‹", ord(">"): "›"})


def _said(text: str) -> str:
    return _escaped(_words(text)) if text else ""


def _escaped(words: str) -> str:
    return _SIGN.sub(lambda sign: f"&#{ord(sign[0])};", words)

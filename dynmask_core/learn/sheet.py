"""A lesson on paper: one HTML page that loads nothing. Pupils get the questions, teachers the answers as well."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dynmask_core.learn import markup
from dynmask_core.learn.lesson import Lesson, Question
from dynmask_core.learn.parse import SECTIONS, TEACHER
from dynmask_core.learn.write import said_range
from dynmask_core.messages import text

_LOCALES = {"en": "en", "zh": "zh-Hans"}


@cache
def _pages() -> Environment:
    loader = PackageLoader("dynmask_core.learn", "")
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # HTML of the renderer's own: see markup.
    pages.filters["block"] = lambda words: Markup(markup.to_html(words))
    pages.filters["inline"] = lambda words: Markup(markup.inline_html(words))
    pages.filters["answer"] = _answer
    return pages


def _answer(question: Question) -> str:
    return said_range(question.low, question.high) if question.kind == "number" else " / ".join(question.answers)


def sheet(lesson: Lesson, *, teacher: bool = False) -> str:
    """teacher: with answers, feedback, the text behind each prediction, and the teacher's notes."""
    lang = lesson.language
    place = ("en", "zh").index(lang)
    words = {name: both[place] for name, both in SECTIONS.items()}
    words |= {"teacher": TEACHER[place], "name": text("lesson.name", lang)}
    facts = text("lesson.facts", lang, minutes=lesson.minutes, difficulty=text(f"lesson.{lesson.difficulty}", lang))
    page = _pages().get_template("sheet.html.jinja")
    return page.render(lesson=lesson, teacher=teacher, words=words, facts=facts, locale=_LOCALES[lang])

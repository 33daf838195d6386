"""The ready lessons: each a file per language in `lessons/`, found by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.lesson import Lesson
from dynmask_core.learn.parse import parse
from dynmask_core.messages import LANGUAGES


@dataclass(frozen=True)
class Ready:
    """name: of its files, and its id. lessons: by language."""

    name: str
    lessons: dict[str, Lesson]

    def in_language(self, lang: str) -> Lesson:
        """In `lang`, else in the first language that it has."""
        return self.lessons.get(lang) or next(iter(self.lessons.values()))


@cache
def ready() -> tuple[Ready, ...]:
    """All ready lessons, in the order of the path; those without a place come last."""
    found: dict[str, dict[str, Lesson]] = {}
    for name, lang in _files():
        found.setdefault(name, {})[lang] = parse(source(name, lang))
    lessons = [Ready(name, {lang: by_lang[lang] for lang in LANGUAGES if lang in by_lang})
               for name, by_lang in found.items()]  # fmt: skip

    def order(one: Ready) -> tuple[int, str]:
        return next(iter(one.lessons.values())).place or 1000, one.name

    return tuple(sorted(lessons, key=order))


def find(name: str) -> Ready:
    """Raises InputError `lesson_unknown`."""
    for one in ready():
        if one.name == name:
            return one
    raise InputError("lesson_unknown", name=name, known=", ".join(one.name for one in ready()))


def resolve(name: str, lang: str, root: Path) -> Bundle:
    """The lesson of that name in `lang`, or else in the language that it has. Raises InputError `lesson_unknown`."""
    return _bundle(name, find(name).in_language(lang).language)


@cache
def _bundle(name: str, lang: str) -> Bundle:
    return Bundle(source(name, lang))


def source(name: str, lang: str) -> str:
    """The text of a ready lesson's file. Raises InputError `lesson_unknown`."""
    if (name, lang) not in _files():
        raise InputError("lesson_unknown", name=name, known=", ".join(sorted({known for known, _ in _files()})))
    return (_folder() / f"{name}.{lang}.md").read_text(encoding="utf-8")


def _folder() -> resources.abc.Traversable:
    return resources.files("dynmask_core.learn") / "lessons"


@cache
def _files() -> tuple[tuple[str, str], ...]:
    """(name, language) of every file."""
    found = (file.name.split(".") for file in _folder().iterdir())
    return tuple(sorted((name[0], name[1]) for name in found if name[1:] in [[lang, "md"] for lang in LANGUAGES]))

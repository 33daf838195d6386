"""Sentences for people, by key and language.

They are in `locales/LANGUAGE/AREA.json`; those of a mask strategy are next to its code, in both languages.

What samples are and what they consist of has one name for each medium: the sentences `medium.NAME.MEDIUM`, for the
placeholders of NAMES. Whoever speaks of samples that are no texts says so once, with `speaking_of`. Where other names
do not suffice, a sentence has another form: its key with `.image`, `.sound` or, for both, `.media` at its end.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

LANGUAGES = {"en": "English", "zh": "中文"}


NAMES = ("unit", "units", "sample", "samples", "sentence", "sentences")
"""What stands for them in a sentence: {unit}, or {Unit} at its beginning. A sentence is a sample that is looked at."""
_NAMED = re.compile(r"\{(" + "|".join([*NAMES, *map(str.capitalize, NAMES)]) + r")\}")
_TEXT = "text"

_medium: ContextVar[str] = ContextVar("medium", default=_TEXT)


@contextmanager
def speaking_of(medium: str) -> Iterator[None]:
    """Within, all sentences speak of samples of this medium, see `data.media`; elsewhere of texts.

    The name of an input does as well: those without names of their own read texts.
    """
    before = _medium.set(medium)
    try:
        yield
    finally:
        _medium.reset(before)


def catalogue(lang: str) -> dict[str, str]:
    """All sentences of one language, key → template, in the words of the medium that is spoken of. Raises KeyError if
    `lang` is not in LANGUAGES."""
    return _catalogue(lang, _medium.get())


@functools.cache
def _catalogue(lang: str, medium: str) -> dict[str, str]:
    found = written(lang)
    medium = medium if f"medium.{NAMES[0]}.{medium}" in found else _TEXT
    names = {name: found[f"medium.{name}.{medium}"] for name in NAMES}
    names |= {name.capitalize(): word[:1].upper() + word[1:] for name, word in names.items()}
    forms = () if medium == _TEXT else (f".{medium}", ".media")

    def form(key: str) -> str:
        of_medium = next((key + end for end in forms if key + end in found), key)
        return _NAMED.sub(lambda place: names[place[1]], found[of_medium])

    return {key: form(key) for key in found}


@functools.cache
def written(lang: str) -> dict[str, str]:
    """The sentences as they are written in the locales."""
    if lang not in LANGUAGES:
        raise KeyError(lang)
    package = resources.files("dynmask_core")
    found: dict[str, str] = {}
    for area in _files(package / "locales" / lang):
        found |= json.loads(area.read_text(encoding="utf-8"))
    for strategy in _files(package / "masks" / "library"):
        told = json.loads(strategy.read_text(encoding="utf-8"))
        found |= {key: sentences[lang] for key, sentences in told.items()}
    return found


def _files(folder: Traversable) -> list[Traversable]:
    return sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)


def text(key: str, lang: str = "en", /, **params: Any) -> str:
    """The sentence `key` in `lang`, with its `{placeholders}` filled from `params`.

    Raises KeyError for a missing key, language or parameter: an untranslated word must not go unnoticed.
    """
    known = {name: told(value, lang) if isinstance(value, Words) else value for name, value in params.items()}
    return catalogue(lang)[key].format(**known)


@dataclass(frozen=True)
class Sentence:
    """A sentence to be translated later: its key and parameters, which may be sentences too."""

    key: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Sentences:
    """Words in sequence. between: the separator; None for the language's own (English a space, Chinese nothing)."""

    parts: tuple[Words, ...]
    between: str | None = None


@dataclass(frozen=True)
class Gloss:
    """The few words before the colon of the text `key`, see `gloss`."""

    key: str


Words = str | Sentence | Sentences | Gloss


def say(key: str, /, **params: Any) -> Sentence:
    """The sentence `key`, not yet translated. See `text`."""
    return Sentence(key, params)


def several(*parts: Words, between: str | None = None) -> Sentences:
    return Sentences(parts, between)


def told(words: Words, lang: str = "en") -> str:
    """Translates the words; a plain string stays as it is."""
    if isinstance(words, Sentence):
        return text(words.key, lang, **words.params)
    if isinstance(words, Sentences):
        between = words.between if words.between is not None else "" if lang == "zh" else " "
        return between.join(told(part, lang) for part in words.parts)
    return gloss(words.key, lang)[0] if isinstance(words, Gloss) else words


def listed(names: Iterable[str], most: int = 10, between: str = ", ") -> str:
    """The names in a row; "…" stands for those after the first `most`."""
    names = list(names)
    return between.join([*names[:most], *["…"] * (len(names) > most)])


def p_value(p: float) -> str:
    """Three decimals, or "< 0.001"."""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def gloss(key: str, lang: str = "en") -> tuple[str, str]:
    """(a few words, one sentence): a text that names and explains a thing, split at its first colon."""
    words, _, sentence = text(key, lang).replace("：", ": ", 1).partition(": ")
    return words, sentence

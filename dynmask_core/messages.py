"""Sentences for people, by key and language.

They are in `locales/LANGUAGE/AREA.json`; those of a mask strategy are next to its code, in both languages.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

LANGUAGES = {"en": "English", "zh": "中文"}


@functools.cache
def catalogue(lang: str) -> dict[str, str]:
    """All sentences of one language, key → template. Raises KeyError if `lang` is not in LANGUAGES."""
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

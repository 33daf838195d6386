"""Sentences for people, by key and language.

They lie in `locales/LANGUAGE/AREA.json`; those of a mask strategy beside it, in both languages.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

LANGUAGES = {"en": "English", "zh": "中文"}


@functools.cache
def catalogue(lang: str) -> dict[str, str]:
    """All sentences of one language, key → template. A `lang` outside `LANGUAGES` is a `KeyError`."""
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
    """The sentence `key` in `lang`, its `{placeholders}` filled from `params`.

    A missing key, language or parameter is a `KeyError`: an untranslated word must not pass unnoticed.
    """
    return catalogue(lang)[key].format(**params)


def joined(lang: str, *sentences: str) -> str:
    """Sentences one after another, as the language sets them."""
    return ("" if lang == "zh" else " ").join(sentences)


def p_value(p: float) -> str:
    """As it is written; below a thousandth only that."""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def gloss(key: str, lang: str = "en") -> tuple[str, str]:
    """(a few words, one sentence): the two sides of the first colon of texts that name and explain a thing."""
    words, _, sentence = text(key, lang).replace("：", ": ", 1).partition(": ")
    return words, sentence

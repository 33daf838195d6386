"""Finding masks by what a reader calls them, in either language.

Each strategy carries search words beside its sentences, `strategy.NAME.find`, separated by semicolons. Readers mix
languages ("padding" on a Chinese page), so words of all languages count, whatever the page's language is.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import get_args

from dynmask_core.masks.base import REGISTRY, Family
from dynmask_core.messages import LANGUAGES, gloss, text

CARDS = ("padding", "corruption")
"""Masks with a card that are not strategies: one is always there, the other has a task of its own."""
LONGEST = 100
"""Characters of a query that are read."""
_PIECE = re.compile(r"\[[a-z]+\]|[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")
"""A special token such as [mask], a run of Chinese characters, or a word of another script."""
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_IDLE = frozenset(
    re.findall(r"\w+", "a an the of to in on for by with how do does i is what which and or my mask masks")
)
_IDLE_CHINESE = re.compile("的|掩码|怎么|怎样|如何|什么|哪些|哪个|吗")
"""Said with every mask, so they tell none apart."""


def by_family(names: Iterable[str]) -> list[str]:
    """Strategies as they stand in every list: grouped by family, in it by name."""
    order = get_args(Family)
    return sorted(names, key=lambda name: (order.index(REGISTRY[name].family), name))


def search(query: str, names: Sequence[str]) -> list[str]:
    """Those of `names` (strategies and CARDS) that fit all words of the query, the best first; equal ones as given.

    A word fits if a word of the entry begins with it; Chinese fits if it stands anywhere in the entry. Accents, case
    and hyphens do not matter. A query that says nothing of its own ("the mask") fits all.
    """
    sought = folded(query[:LONGEST])
    if not _terms(sought):
        return list(names)
    scores = {name: _score(sought, *_entry(name)) for name in names}
    return sorted((name for name in names if scores[name]), key=lambda name: -scores[name])


def folded(text: str) -> str:
    """Lower case without accents and full-width forms; pieces joined by single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_PIECE.findall("".join(sign for sign in plain if not unicodedata.combining(sign))))


@functools.cache
def _entry(name: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """(names and search words, of which each is one thing to call it; sentences; all of it), folded."""
    area = "card" if name in CARDS else "strategy"
    called, told = [name], []
    for lang in LANGUAGES:
        words, sentence = gloss(f"{area}.{name}", lang)
        called += [words, *re.split("[;；]", text(f"{area}.{name}.find", lang))]
        told.append(sentence)
        if name in REGISTRY:
            told += gloss(f"family.{REGISTRY[name].family}", lang)[:1]
    if name in REGISTRY:
        told.append(REGISTRY[name].paper)
    calls, sentences = tuple(map(folded, called)), tuple(map(folded, told))
    return calls, sentences, " ".join((*calls, *sentences))


def _score(sought: str, called: tuple[str, ...], told: tuple[str, ...], whole: str) -> float:
    """0 if a word of the query does not fit; the nearer the query is to one thing the entry is called, the higher."""
    terms = _terms(sought)
    if not all(_fits(term, whole) for term in terms):
        return 0
    # "look ahead" and "lookahead" are the same to a reader.
    joined = sought.replace(" ", "")
    if called[0].replace(" ", "").startswith(joined):
        return 5 + (called[0] == sought)
    # What a mask is called first fits it best; the masks to know first come first.
    for place, call in enumerate(called):
        if joined == call.replace(" ", ""):
            return 5 - place / 100 + (called[0] in CARDS)
    if any(all(_fits(term, call) for term in terms) for call in called):
        return 3
    return 1 + sum(any(_fits(term, call) for call in called) for term in terms) / len(terms)


def _terms(sought: str) -> list[str]:
    telling = []
    for piece in sought.split():
        if _CHINESE.fullmatch(piece):
            telling += _IDLE_CHINESE.sub(" ", piece).split()
        elif piece not in _IDLE:
            telling.append(piece)
    return telling


def _fits(term: str, whole: str) -> bool:
    if _CHINESE.fullmatch(term):
        return term in whole
    stem = term.removesuffix("s") if len(term) > 4 else term
    return f" {stem}" in f" {whole}"

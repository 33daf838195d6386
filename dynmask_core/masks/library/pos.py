"""Parts of speech: keeps nouns, verbs, … and hides the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import regex
import rjieba

from dynmask_core.data.tokenize import SPECIAL_TOKENS
from dynmask_core.errors import InputError
from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import CorpusStatistics
from dynmask_core.masks.word_table import WordMask

CONTENT = ("nouns", "verbs", "adjectives", "adverbs")
# Prefixes of tags; the longest match counts. Words with other tags are function words.
ENGLISH = {
    **dict.fromkeys(("NN", "NP", "UNC"), "nouns"),
    "VV": "verbs",  # the auxiliaries be, do, have and can are VB, VD, VH and VM
    "AJ": "adjectives",
    **dict.fromkeys(("AV0", "XX0"), "adverbs"),  # XX0 is "not"
}
"""CLAWS C5, the tags of the British National Corpus, as HanTa returns them."""
CHINESE = {
    **dict.fromkeys(("n", "t", "s", "j", "vn", "an", "x", "eng"), "nouns"),
    "v": "verbs",
    **dict.fromkeys(("a", "b", "z", "i", "l"), "adjectives"),  # i and l are set phrases
    **dict.fromkeys(("d", "ad", "vd", "zg"), "adverbs"),
}
"""ICTCLAS tags, as jieba returns them."""
FOREIGN = 0.1
"""If Latin words are at most this share of a corpus, it is Chinese and they are names and abbreviations."""
_HAN, _LETTER = regex.compile(r"\p{Han}"), regex.compile(r"\p{L}")


def word_class(word: str, english: bool = True) -> str:
    """One of CONTENT or "function", by the word's most likely tag without context.

    Without `english`, words that are not Chinese are nouns. Numbers, punctuation and symbols are function words.
    """
    if _HAN.search(word):
        return _lookup(CHINESE, rjieba.tag(word)[-1][1])  # the last of several pieces is the head
    if not _LETTER.search(word):
        return "function"
    return _english(word) if english else "nouns"


def word_classes(words: Sequence[str], counts: np.ndarray) -> list[str]:
    """The class of every vocabulary word. Special tokens count as nouns: most of the rare words behind [UNK] are nouns.

    counts: int [V] occurrences. English needs HanTa; raises InputError if it is not installed.
    """
    han = np.array([bool(_HAN.search(word)) for word in words])
    latin = np.array([bool(regex.search(r"\p{Latin}", word)) for word in words])
    latin[: len(SPECIAL_TOKENS)] = False
    english = counts[latin].sum() > FOREIGN * counts[han | latin].sum()
    return ["nouns" if i < len(SPECIAL_TOKENS) else word_class(word, english) for i, word in enumerate(words)]


@lru_cache(maxsize=100_000)
def _english(word: str) -> str:
    """Contractions count as their first part ("movie's", "i'm"); those with "not" count as adverbs."""
    first, _, last = word.replace("’", "'").partition("'")
    if last == "t" and first.endswith("n"):
        return "adverbs"
    tagger = _tagger()
    classes = [_lookup(ENGLISH, tag) for tag, _ in tagger.tag_word(first)]
    if first in tagger.cache:
        return classes[0]
    # A word unknown to the tagger is not a function word: there are no new ones.
    return next((found for found in classes if found != "function"), "nouns")


def _lookup(classes: dict[str, str], tag: str) -> str:
    known = (classes[tag[:n]] for n in range(len(tag), 0, -1) if tag[:n] in classes)
    return next(known, "function")


@cache
def _tagger() -> Any:
    try:
        from HanTa.HanoverTagger import HanoverTagger
    except ImportError:
        raise InputError("needs_extra", name="pos", extra="pos") from None
    return HanoverTagger("morphmodel_en.pgz")


@register
class PartOfSpeechMask(WordMask):
    """m = 1 for words of the kept classes, else 0. A word has one class, wherever it stands.

    "content" keeps nouns, verbs, adjectives and adverbs (including "not"); "function" keeps all the others.
    """

    name = "pos"
    family = "feature"
    refresh = "dataset"
    source = "feature"
    paper = "Wartena 2019, A Probabilistic Morphology Model for German Lemmatization (HanTa)"
    formula = r"m_w = [\,\mathrm{pos}(w) \in K\,]"
    parameters = (Param("parts", "content", choices=("content", *CONTENT, "function")),)
    uses = ("keep_threshold", "gate_mode")

    def fit(self, corpus: CorpusStatistics) -> None:
        kept = CONTENT if self.values["parts"] == "content" else (str(self.values["parts"]),)
        classes = word_classes(corpus.words, corpus.word_counts())
        self.mask = np.array([found in kept for found in classes], dtype=np.float32)

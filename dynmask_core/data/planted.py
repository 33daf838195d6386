"""Texts of invented words, with known words that decide the class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dynmask_core.data.split import largest_remainder
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"
_SYLLABLES = tuple(consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS)
_SYLLABLES_PER_WORD = 3
MAX_WORDS = 10_000


@dataclass(frozen=True, eq=False)
class Planted:
    """Generated texts and their ground truth.

    table: columns `text` and `label` ("class_0", …), with tokens and rationale. keywords: word → index of the class
    that it indicates. rationale: per text an int8 array [tokens], 1 for a keyword of the text's true class (before a
    flip). flipped: bool [texts], True if the label is wrong.
    """

    table: Table
    keywords: dict[str, int]
    rationale: list[npt.NDArray[np.int8]]
    flipped: npt.NDArray[np.bool_]


def planted(
    *,
    texts: int = 1000,
    keywords: int = 10,
    noise_words: int = 200,
    length: tuple[int, int] = (8, 16),
    classes: int = 2,
    balance: float = 0.5,
    strength: float = 1.0,
    keywords_per_text: tuple[int, int] = (1, 2),
    zipf: float = 0.0,
    flip: float = 0.0,
    seed: int = 0,
) -> Planted:
    """Generates texts whose class shows only in planted keywords.

    - All words are different pseudo-words of three syllables ("baluko"). Keyword i indicates class i mod `classes`.
    - `balance` is the share of class 0, in (0, 1); the other classes share the rest evenly. Counts are exact.
    - A text has `length[0]` to `length[1]` words, drawn uniformly. `keywords_per_text[0]` to `keywords_per_text[1]` of
      them, at random places, are keywords. The first is always of the text's class, each further one with probability
      `strength`, else of another class; with 1.0 no keyword misleads.
    - The other words are noise, drawn with probability proportional to 1 / rank^`zipf` (0: uniform).
    - With probability `flip`, the label is then replaced by another class.

    Equal arguments give equal texts. Raises `InputError` `bad_planted` for invalid arguments.
    """
    if not (
        (classes >= 2 and texts >= classes and keywords >= classes and noise_words >= 1)
        and keywords + noise_words <= MAX_WORDS
        and 1 <= keywords_per_text[0] <= keywords_per_text[1] <= length[0] <= length[1]
        and (0 < balance < 1 and 0 <= strength <= 1 and 0 <= flip <= 1 and zipf >= 0 and seed >= 0)
    ):
        raise InputError("bad_planted", limit=MAX_WORDS)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x91A7]))
    words = _pseudo_words(keywords + noise_words, rng)
    owner = {word: index % classes for index, word in enumerate(words[:keywords])}
    by_class = [[word for word, own in owner.items() if own == code] for code in range(classes)]
    noise = words[keywords:]
    weights = 1 / np.arange(1, noise_words + 1) ** zipf
    weights /= weights.sum()
    shares = np.array([balance] + [(1 - balance) / (classes - 1)] * (classes - 1))
    counts = largest_remainder(np.round(shares * 10**9).astype(np.int64), texts)
    truth = rng.permutation(np.repeat(np.arange(classes), counts))
    tokens: list[list[str]] = []
    marks: list[npt.NDArray[np.int8]] = []
    for code in truth.tolist():
        size = int(rng.integers(length[0], length[1] + 1))
        own = [noise[index] for index in rng.choice(noise_words, size=size, p=weights)]
        places = rng.permutation(size)[: rng.integers(keywords_per_text[0], keywords_per_text[1] + 1)]
        mark = np.zeros(size, dtype=np.int8)
        for number, place in enumerate(places.tolist()):
            loyal = number == 0 or rng.random() < strength
            speaks = code if loyal else (code + int(rng.integers(1, classes))) % classes
            own[place] = by_class[speaks][int(rng.integers(len(by_class[speaks])))]
            mark[place] = loyal
        tokens.append(own)
        marks.append(mark)
    flipped = rng.random(texts) < flip
    labels = np.where(flipped, (truth + rng.integers(1, classes, size=texts)) % classes, truth)
    cells = {"text": [" ".join(own) for own in tokens], "label": [f"class_{code}" for code in labels]}
    frame = pd.DataFrame(cells, dtype=object)
    rationale = [mark.tolist() for mark in marks]
    table = Table(frame, "jsonl", name="planted", tokens=tokens, rationale=rationale)
    return Planted(table, owner, marks, flipped)


def _pseudo_words(count: int, rng: np.random.Generator) -> list[str]:
    numbers = rng.choice(len(_SYLLABLES) ** _SYLLABLES_PER_WORD, size=count, replace=False)
    words: list[str] = []
    for number in numbers.tolist():
        word = ""
        for _ in range(_SYLLABLES_PER_WORD):
            number, syllable = divmod(number, len(_SYLLABLES))
            word += _SYLLABLES[syllable]
        words.append(word)
    return words

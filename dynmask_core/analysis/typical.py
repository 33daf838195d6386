"""Which words are typical of a class, by their counts in the training texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dynmask_core.data.tokenize import words_at
from dynmask_core.inputs import make_input
from dynmask_core.masks.ops.evidence import log_odds
from dynmask_core.runs import Run

TYPICAL = 2.0
"""Standard errors of the log-odds ratio from which on a word counts as typical of a class."""


@dataclass(frozen=True, eq=False)
class Typical:
    """Which class each of V words is typical of. which: int64 [V], −1 for none. sure: float32 [V], the log-odds ratio
    of its likeliest class in standard errors."""

    classes: tuple[str, ...]
    which: np.ndarray
    sure: np.ndarray


def typical_words(run: Run) -> Typical | None:
    """The classes that words are typical of in the training texts; None for an exported run, which has no texts, and
    for fewer than two classes."""
    vocabulary = run.vocabulary()
    if vocabulary is None or not run.has_texts:
        return None
    data = run.dataset()
    if len(data.classes) < 2:
        return None
    counts = np.zeros((len(data.classes), len(vocabulary)), dtype=np.int64)
    pieces = make_input(run.config(), vocabulary) if vocabulary.tokenizer else None
    for row in data.rows("train"):
        text = data.texts[row]
        units = vocabulary.encode(words_at(text, data.spans[row])) if pieces is None else pieces.read(text)
        np.add.at(counts[data.labels[row]], units[1:], 1)
    delta, sigma = log_odds(counts)
    sure = (delta / sigma)[:, vocabulary.specials :]
    best = sure.max(0)
    return Typical(data.classes, np.where(best >= TYPICAL, sure.argmax(0), -1), best.astype(np.float32))

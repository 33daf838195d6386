"""What marks are worth that need no Transformer: a model should beat them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.evaluate.objects import iou

COMMONEST, BRIGHTNESS = "commonest_tag", "brightness"


@dataclass(frozen=True)
class Reference:
    """marks: rows of the corpus → int64 [T] each, the special unit first."""

    name: str
    marks: Callable[[np.ndarray], list[np.ndarray]]


def references(corpus: EncodedCorpus, truth: Sequence[np.ndarray], marks: int) -> list[Reference]:
    """The mark that each word has most often in the training samples, and words that these do not have the mark that
    their words have most often when they occur once; or, if units have no numbers, the bright ones are objects.

    truth: int64 [T] per sample, negative where no mark is asked. marks: how many there are.
    """
    train = corpus.rows("train")
    if not len(train):
        return []
    if np.issubdtype(corpus.ids[train[0]].dtype, np.integer):
        return [Reference(COMMONEST, _commonest(corpus, truth, marks))]
    return [Reference(BRIGHTNESS, _bright(corpus, truth))]


def _commonest(
    corpus: EncodedCorpus, truth: Sequence[np.ndarray], marks: int
) -> Callable[[np.ndarray], list[np.ndarray]]:
    counts = np.zeros((len(corpus.vocabulary), marks), dtype=np.int64)
    for row in corpus.rows("train"):
        asked = truth[row] >= 0
        np.add.at(counts, (corpus.ids[row][asked], truth[row][asked]), 1)
    once = counts[counts.sum(1) == 1].sum(0)
    unknown = int((once if once.any() else counts.sum(0)).argmax())
    best = np.where(counts.any(1), counts.argmax(1), unknown)
    return lambda rows: [best[corpus.ids[row]] for row in rows]


def _bright(corpus: EncodedCorpus, truth: Sequence[np.ndarray]) -> Callable[[np.ndarray], list[np.ndarray]]:
    """The threshold is the one of a hundred that has the best IoU on the training samples."""
    train = corpus.rows("train")
    light = np.concatenate([corpus.ids[row][1:].mean(1) for row in train])
    there = np.concatenate([truth[row][1:] for row in train]) > 0
    best = max(np.quantile(light, np.linspace(0, 1, 101)[:-1]), key=lambda level: iou(light > level, there))
    return lambda rows: [(corpus.ids[row].mean(1) > best).astype(np.int64) for row in rows]

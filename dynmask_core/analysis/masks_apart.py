"""The masks of words of two runs beside each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dynmask_core.masks import brief
from dynmask_core.messages import Sentence, say
from dynmask_core.runs import Run

LEAST = 1e-3
"""Smaller differences are lost where masks are recorded."""


@dataclass(frozen=True)
class WordApart:
    """own, other: the word's mask in [0, 1] in two runs; own_kept, other_kept: whether it is not below their θ. count:
    how often it stands in this run's training texts."""

    word: str
    own: float
    other: float
    own_kept: bool
    other_kept: bool
    count: int


@dataclass(frozen=True)
class MasksApart:
    """Two arms after the last recorded epoch of their runs. known: how many words both have. words: those with another
    mask, or kept by one run alone, the farthest apart first."""

    arms: tuple[str, str]
    known: int
    words: tuple[WordApart, ...]
    epochs: tuple[int, int]

    def told(self) -> Sentence:
        return say(
            "overlay.masks",
            arm=" / ".join(map(brief, dict.fromkeys(self.arms))),
            words=self.known,
            differ=sum(abs(one.own - one.other) > LEAST for one in self.words),
            sides=sum(one.own_kept != one.other_kept for one in self.words),
            own_epoch=self.epochs[0],
            other_epoch=self.epochs[1],
        )

    def to_json(self, top: int) -> dict[str, Any]:
        arms = {"own": self.arms[0], "other": self.arms[1]}
        rows = [asdict(one) for one in self.words[:top]]
        return {"arms": arms, "known": self.known, "apart": len(self.words), "words": rows}


@dataclass(frozen=True, eq=False)
class _Last:
    """What a run's last snapshot says of each of its words."""

    epoch: int
    values: dict[str, float]
    kept: dict[str, bool]
    counts: dict[str, int]


def masks_apart(run: Run, other: Run, arms: tuple[str, str]) -> MasksApart | None:
    """None unless both arms have a mask of words, and the runs have words in common."""
    own, theirs = _last(run, arms[0]), _last(other, arms[1])
    if own is None or theirs is None:
        return None
    common = [word for word in own.values if word in theirs.values]
    words = [
        WordApart(word, own.values[word], theirs.values[word], own.kept[word], theirs.kept[word], own.counts[word])
        for word in common
        if abs(own.values[word] - theirs.values[word]) > LEAST or own.kept[word] != theirs.kept[word]
    ]
    words.sort(key=lambda one: (-abs(one.own - one.other), -one.count))
    return MasksApart(arms, len(common), tuple(words), (own.epoch, theirs.epoch)) if common else None


def _last(run: Run, arm: str) -> _Last | None:
    snapshots, vocabulary = run.snapshots(), run.vocabulary()
    if not snapshots or vocabulary is None:
        return None
    epoch, snapshot = snapshots.popitem()
    mask = snapshot.word_mask(arm)
    if mask is None:
        return None
    kept = mask >= mask.dtype.type(snapshot.keep_threshold)
    each = (np.round(mask.astype(float), 3).tolist(), kept.tolist(), vocabulary.counts.tolist())
    first = vocabulary.specials
    values, keeps, counts = (dict(zip(vocabulary.words[first:], column[first:], strict=True)) for column in each)
    return _Last(epoch, values, keeps, counts)

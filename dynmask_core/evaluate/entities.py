"""Entities: spans of words with a kind, read from the tags of the words, and counted only if they are found exactly.

As seqeval counts by default, and conlleval before it (Tjong Kim Sang & Buchholz 2000): a tag that continues nothing
begins an entity of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dynmask_core.config import OUTSIDE
from dynmask_core.evaluate.ratio import half_width

Entity = tuple[int, int, str]
"""The first word, the one behind the last, and the kind."""

_PREFIXES = "BIES"


def entities(tags: Sequence[str]) -> list[Entity]:
    """The entities of one text, in order.

    Tags are written as BIO or BIOES ("B-PER", "PER" in "I-PER" is the kind). Tags without such a beginning are kinds:
    each run of equal ones is an entity.
    """
    found: list[Entity] = []
    start, before = 0, (OUTSIDE, "")
    for place, tag in enumerate([*tags, OUTSIDE]):
        now = _parts(tag)
        if before[0] != OUTSIDE and _ends(before, now):
            found.append((start, place, before[1]))
            start = place
        elif before[0] == OUTSIDE:
            start = place
        before = now
    return found


def entity_scores(truth: Iterable[Sequence[str]], predicted: Iterable[Sequence[str]]) -> dict[str, float]:
    """precision, recall and f1 over the entities of all texts (micro average), in [0, 1], 0 if there is nothing to
    divide by; f1_sure: half of the 95 % interval of f1, left out where it cannot be told; entities: how many there
    are."""
    counts = []
    for true, guess in zip(truth, predicted, strict=True):
        these, those = set(entities(true)), set(entities(guess))
        counts.append((len(these & those), len(these), len(those)))
    each = np.array(counts, dtype=np.int64).reshape(-1, 3)
    right, asked, given = (int(one) for one in each.sum(0))
    precision, recall = right / max(given, 1), right / max(asked, 1)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    sure = half_width(2 * each[:, 0], each[:, 1] + each[:, 2])
    told = {} if sure is None else {"f1_sure": sure}
    return {"precision": precision, "recall": recall, "f1": f1, **told, "entities": asked}


def _parts(tag: str) -> tuple[str, str]:
    """What a tag says of its word (one of BIES, or OUTSIDE), and the kind."""
    prefix, dash, kind = tag.partition("-")
    if dash and prefix in _PREFIXES:
        return prefix, kind
    return (OUTSIDE, "") if tag == OUTSIDE else ("I", tag)


def _ends(before: tuple[str, str], now: tuple[str, str]) -> bool:
    """Whether the entity that the word before belongs to does not go on here."""
    return now[0] in "BSO" or before[0] in "ES" or before[1] != now[1]

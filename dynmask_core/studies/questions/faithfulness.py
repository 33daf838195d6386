"""Is the mask right, over seeds: does the order of the mask's values find the words that the answers need?

Between two models only the normalized values compare (see `analysis.aopc`) and those against known marks; how many
points are lost compares within a model alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dynmask_core.analysis.faithfulness import SHARES, TOLD, Faithfulness, faithfulness, known
from dynmask_core.messages import Words, say, several
from dynmask_core.studies.questions.base import Question, Series


def read(arm: str, answers: Mapping[int, Faithfulness], own_texts: bool) -> tuple[list[Series], Words]:
    ordered = {seed: one for seed, one in answers.items() if one.rankings}
    if not ordered:
        return [], say("faith.said.none", arm=arm)
    notes = []
    if len(ordered) < len(answers):
        notes.append(say("over.flat", arm=arm, flat=len(answers) - len(ordered), seeds=len(answers)))
    found, place = [], SHARES.index(TOLD)
    bounded = {seed: one for seed, one in ordered.items() if one.rankings["mask"].normalized}
    if bounded:
        # They are few in each seed; what counts is how many there are over all.
        counts = [one.bounded for one in bounded.values()]
        both = _both(bounded, lambda ranking: ranking.normalized and ranking.normalized[0].mean)
        texts = sum(counts) if own_texts else min(counts)
        found.append(Series(arm, "normalized", "random", *both, texts))
    else:
        notes.append(say("over.no_bounds", arm=arm))
    lost = _both(ordered, lambda ranking: ranking.removed[place].mean)
    found.append(Series(arm, "lost", "random", *lost, min(one.texts for one in ordered.values())))
    if all(one.marked for one in ordered.values()):
        precision = _both(ordered, lambda ranking: ranking.precision)
        found.append(Series(arm, "precision", "random", *precision, min(one.marked for one in ordered.values())))
    return found, several(*notes) if notes else ""


def _both(answers: Mapping[int, Faithfulness], number: Any) -> tuple[dict[int, float], dict[int, float]]:
    """By seed, a number of the mask's order, and that of the random one where both are known."""
    pairs = {seed: [number(one.rankings[name]) for name in ("mask", "random")] for seed, one in answers.items()}
    known = {seed: pair for seed, pair in pairs.items() if None not in pair}
    return {seed: own for seed, (own, _) in known.items()}, {seed: other for seed, (_, other) in known.items()}


FAITHFULNESS = Question(
    "faithfulness", ("normalized", "lost", "precision"), ("normalized", "precision"), faithfulness, known, read,
    lambda answers: None,
)  # fmt: skip

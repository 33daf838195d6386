"""Is the mask right, over seeds: does the order of the mask's values find the words that the answers need?

Between two models only the normalized values compare (see `analysis.aopc`) and those against known marks; how many
points are lost compares within a model alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from dynmask_core.analysis.faithfulness import SHARES, TOLD, Faithfulness, faithfulness, known
from dynmask_core.messages import Words, say
from dynmask_core.studies.questions.base import Question, Series


def read(arm: str, answers: Sequence[Faithfulness], own_texts: bool) -> list[Series] | Words:
    flat = sum(not one.rankings for one in answers)
    if flat == len(answers):
        return say("faith.said.none", arm=arm)
    if flat:
        return say("over.some", arm=arm, without=flat, seeds=len(answers))
    masks, chance = ([one.rankings[name] for one in answers] for name in ("mask", "random"))
    found = []
    if all(one.normalized for ranks in (masks, chance) for one in ranks):
        bounded = [one.bounded for one in answers]
        # These are few in each seed; what counts is how many there are over all.
        texts = sum(bounded) if own_texts else min(bounded)
        own, other = (tuple(one.normalized[0].mean for one in ranks if one.normalized) for ranks in (masks, chance))
        found.append(Series(arm, "normalized", "random", own, other, texts))
    place, texts = SHARES.index(TOLD), min(one.texts for one in answers)
    own, other = (tuple(one.removed[place].mean for one in ranks) for ranks in (masks, chance))
    found.append(Series(arm, "lost", "random", own, other, texts))
    own, other = (tuple(one.precision for one in ranks if one.precision is not None) for ranks in (masks, chance))
    if len(own) == len(answers) == len(other):
        found.append(Series(arm, "precision", "random", own, other, min(one.marked for one in answers)))
    return found


FAITHFULNESS = Question(
    "faithfulness", ("normalized", "lost", "precision"), ("normalized", "precision"), faithfulness, known, read,
    lambda answers: None,
)  # fmt: skip

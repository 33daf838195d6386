"""Every question of the ready lessons has the right answer that the app works out, or a reason why it is the answer.

Questions for a number are worked out in each lesson's own test. The others are here: their right choices are computed
with the app's code, or the answer is a matter of words, and then of which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import comb, log, sqrt

import numpy as np
import pytest
import torch

from dynmask_core.analysis.composed import compose
from dynmask_core.analysis.marks import precision
from dynmask_core.evaluate import statistics
from dynmask_core.learn.catalogue import find, ready
from dynmask_core.learn.lesson import Question
from dynmask_core.learn.markup import plain
from dynmask_core.masks import REGISTRY
from dynmask_core.messages import LANGUAGES
from dynmask_core.model.attention import REMOVED

ROW = (0.0, 2.0, 1.0, 1.0)
"""Scores of *the cat saw itself*, seen from *itself*."""
Marks = tuple[bool, ...]
"""For each choice, whether it is right."""


def shares(*scores: float) -> np.ndarray:
    return torch.softmax(torch.tensor(scores, dtype=torch.float64), 0).numpy()


def table(expression: str, places: int) -> np.ndarray:
    return compose(expression, (), places).edges


def norm(*vector: float) -> list[float]:
    x = torch.tensor(vector, dtype=torch.float64)
    return torch.nn.functional.layer_norm(x, (len(vector),), eps=0.0 if x.std() else 1e-5).tolist()


def nearest(value: float) -> Callable[[Question], Marks]:
    """Marks the choice whose first number is nearest to the value: "0.422, since …"; percentages count as points."""

    def marks(question: Question) -> Marks:
        told = [float(re.search(r"\d+(\.\d+)?", plain(choice.text))[0]) for choice in question.choices]  # type: ignore[index]
        away = [abs(number - value) for number in told]
        return tuple(one == min(away) for one in away)

    return marks


def are(*marks: object) -> Callable[[Question], Marks]:
    return lambda question: tuple(map(bool, marks))


CLOSED, BEFORE = shares(0, REMOVED, 1, 1), shares(*ROW)
CAUSAL, HOLE, PREFIX = table("causal", 7), table("causal|(q==2)", 7), table("prefix(3)", 7)
ONE_CELL = table("~((q==3)&(k==1))", 4)
TWICE, TWO_TEXTS, LONG = HOLE @ HOLE, table("causal&block(4)", 8), table("prefix(4)", 7)
GIVEN_AWAY = [row for row in range(3, 6) if LONG[row, row + 1]]  # rows that see the word they have to guess
PADDED = table("(k<4)", 6)
FOUND_BY_CHANCE = float(np.mean([precision([np.eye(3, dtype=bool)[place]], [-np.arange(3.0)]) for place in range(3)]))
CAUSAL_SHARES = [np.array_equal(shares(*np.where(row, ROW, REMOVED)), BEFORE) for row in table("causal", 4)]


def asked(epochs: int, rate: float = 0.15) -> float:
    return 1 - (1 - rate) ** epochs


def needs_words(name: str) -> bool:
    return "words" in REGISTRY[name].needs


HALVES = comb(16, 8)
SEEN_HALVES = 300 * HALVES * (1 - (1 - 1 / HALVES) ** 60)  # of 300 pictures, in 60 epochs
NEXT_ONE_SEEN = {sight: bool(np.diag(edges, 1)[5:].any()) for sight, edges in (
    ("full", table("all", 8)), ("prefix", table("prefix(4)", 8)))}  # fmt: skip
"""Whether units of a target see the one after them."""


def site(name: str) -> str:
    return REGISTRY[name].site


WORKED_OUT: dict[str, dict[int, Callable[[Question], Marks]]] = {
    "what-is-a-mask": {
        1: are(not ONE_CELL[3, 1], not ONE_CELL[1, 3], not ONE_CELL[:, 1].any()),
        2: are(shares(REMOVED, 1, REMOVED)[1] == 1, shares(REMOVED, 1, REMOVED)[1] < 0.5),
        5: are(np.allclose(shares(*(s + 100 for s in ROW)), BEFORE), False, np.allclose(BEFORE, 0.25)),
        6: nearest(CLOSED[2]),
        8: are(CLOSED[2] == CLOSED[3], np.isclose(CLOSED.sum(), 1), CLOSED[0] == BEFORE[0], True),
        9: nearest(shares(0, 0, 1, 1)[1]),
        10: are(CLOSED[1] == 0, len(shares(0, 1, 1)) == 3, shares(0, 0, 1, 1)[1] == 0, shares(0, 0, 1, 1)[1] == 0,
                np.isclose(BEFORE.sum() - BEFORE[1], 1)),
        13: nearest(shares(*ROW, 0, 0)[1]),
        14: are(not PADDED[:, 4:].any(), not PADDED[4:].any(), not np.triu(PADDED, 1).any()),
        16: are(CAUSAL_SHARES[0], all(CAUSAL_SHARES), CAUSAL_SHARES[3]),
        21: nearest(shares(0, 2 + log(0.5), 1, 1)[1]),
        22: are(log(1) == 0, log(1) == 1, log(1) < -1e8),
    },
    "one-network-many-tasks": {
        7: are(not TWICE[3, 6], TWICE[3, 6] and HOLE[3, 2] and HOLE[2, 6], HOLE[3, 6]),
        11: are(*((PREFIX & ~CAUSAL)[row].any() for row in (1, 2, 3, 5))),
        12: are(False, GIVEN_AWAY == [3], GIVEN_AWAY == [3, 4, 5]),
        14: are(*(np.array_equal(table(one, 7), PREFIX) for one in ("causal&(k<4)", "causal|(k<4)", "causal|(q<4)"))),
        15: are(*(np.array_equal(table("(k>=q)", 7), one) for one in (CAUSAL.T, CAUSAL, table("all", 7)))),
        17: are(*(np.flatnonzero(TWO_TEXTS[4]).tolist() == told for told in ([4], [0, 1, 2, 3, 4], []))),
    },
    "static-and-dynamic": {
        4: are(np.isclose(asked(2), 0.3), 0.25 < asked(2) < 0.3, np.isclose(asked(2), 0.15)),
        9: nearest(asked(4)),
        16: are(*(np.isclose(asked(1, 0.4), told) for told in (0.15, 0.4, asked(20, 0.4)))),
        18: are(asked(1) > 0.15 + 1e-9, np.isclose(asked(1), 0.15), asked(1) == 1),
    },
    "its-claims": {
        14: are(*(REGISTRY[name].source == "gradient" for name in ("article", "repaired", "gradient", "static"))),
    },
    "where-masks-act": {
        0: are(*(site("causal") == told for told in ("input", "attention", "head", "removal"))),
        1: are(REGISTRY["topk"].source == "attention", site("topk") == "removal", site("topk") == "input"),
        2: are(*(np.allclose(norm(3.5, 1.5, 3.5, 1.5), told) for told in ([0.5, -0.5] * 2, [1, -1] * 2, [0] * 4))),
        4: are(*(not np.allclose(norm(*(c * x for x in (7, 3, 7, 3))), norm(7, 3, 7, 3)) for c in (0.01, 0, -1, 1000))),
        5: nearest(2 / sqrt(5)),
        10: nearest((12_288 + 16_384) / 32_768),
    },
    "what-masks-explain": {
        0: are(*(amount == max(0.60 * 0.2, 0.15 * 1.0, 0.25 * 2.0) for amount in (0.60 * 0.2, 0.15 * 1.0, 0.25 * 2.0))),
        12: nearest(FOUND_BY_CHANCE),
    },
    "beyond-words": {
        3: are(*(not needs_words(name) for name in ("dropout", "window", "static", "article"))),
        5: are(abs(SEEN_HALVES - 300) < 100, abs(SEEN_HALVES - 18_000) < 100, abs(SEEN_HALVES - HALVES) < 100),
        14: are(NEXT_ONE_SEEN["full"], not NEXT_ONE_SEEN["full"], NEXT_ONE_SEEN["prefix"]),
    },
    "how-sure": {
        6: nearest(statistics.smallest_p(6)),
        10: nearest(100 * 1.96 * sqrt(0.8 * 0.2 / 20)),
        11: are(*(np.isclose(sqrt(1 / n), 0.5) for n in (2, 4)), False),
        12: nearest(100 * (1 - 0.95**20)),
    },
}  # fmt: skip
MEANT: dict[str, dict[str, tuple[int, ...]]] = {
    "what-is-a-mask": {
        "what a word means: causal, [MASK], a head, softmax": (17, 18, 20, 24, 25, 26),
    },
    "one-network-many-tasks": {
        "what a word means: weight, full, prefix, leak": (1, 2, 5, 8, 21, 22, 23, 24),
        "the app's own promise, tested with the arms": (18,),
        "what one run can show": (20,),
    },
    "static-and-dynamic": {
        "what a word means: static, dynamic, epoch, loss": (1, 2, 3, 10, 11, 13, 17, 21, 22, 23, 24),
        "published, in the table of the lesson": (19,),
        "an expectation, and worded as one": (12, 20),
    },
    "the-article": {
        "seen in the code, which the lesson's own test runs": (0, 4, 5, 8, 11, 12, 15, 21),
        "how to judge evidence": (2, 9, 13, 17, 19, 20, 22, 23),
    },
    "its-claims": {
        "how to judge evidence": (1, 2, 3, 6, 7, 9, 13, 17, 21, 26, 28, 30, 31, 32),
        "measured, in the documents": (4, 8, 19, 22, 27),
        "seen in the rule, which the lesson's own test runs": (12, 16),
        "an expectation, and worded as one": (29,),
        "only writing shows it, tested with the task": (25,),
        "what a word means: seed": (33,),
    },
    "where-masks-act": {
        "follows from a sum of the lesson's own test": (6, 9, 12, 14),
        "what is left out of the arithmetic, and what is not": (15, 17),
    },
    "what-masks-explain": {
        "how to judge evidence": (3, 4, 8, 9, 10, 13, 14, 15, 16),
        "the sum of two numbers, the other way round": (1,),
        "what a word means: comprehensiveness, sufficiency": (6,),
    },
    "beyond-words": {
        "how to judge evidence": (8, 12, 20, 23, 24, 25, 26),
        "measured, in the documents": (6, 10, 18, 22),
        "what a mask for training does, tested with the strategies": (1,),
        "only writing shows it, tested with the task": (16,),
        "what a word means: interval": (27,),
    },
    "how-sure": {
        "how to judge evidence": (0, 3, 4, 8, 15, 17, 18, 19),
        "the app's own promise: what a seed decides": (1,),
        "counted in the lesson's own test": (16,),
    },
}
"""By lesson and reason, the numbers of the questions, from 0, whose answer is no sum."""
CASES = [(name, number, lang) for name, told in WORKED_OUT.items() for number in told for lang in LANGUAGES]


@pytest.mark.parametrize(("name", "number", "lang"), CASES)
def test_the_answer_marked_as_right_is_the_one_that_is_worked_out(name: str, number: int, lang: str) -> None:
    question = find(name).lessons[lang].questions[number]
    assert WORKED_OUT[name][number](question) == tuple(choice.right for choice in question.choices), question.text
    assert len(question.right) == 1 or question.kind == "several"


@pytest.mark.parametrize("name", [one.name for one in ready()])
def test_no_question_is_without_a_sum_or_a_reason(name: str) -> None:
    questions = find(name).in_language("en").questions
    sums = {number for number, question in enumerate(questions) if question.kind == "number"}
    reasons = [number for numbers in MEANT.get(name, {}).values() for number in numbers]
    accounted = [*sums, *WORKED_OUT.get(name, {}), *reasons]
    assert sorted(accounted) == list(range(len(questions)))

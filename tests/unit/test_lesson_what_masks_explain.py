"""The numbers in the lesson on what masks can explain: worked out, with the measures and the data of the app."""

from __future__ import annotations

import inspect
import re
from itertools import permutations

import numpy as np
import pytest

from dynmask_core.analysis.faithfulness import SHARES
from dynmask_core.analysis.marks import precision
from dynmask_core.config import Controls
from dynmask_core.data.planted import planted
from dynmask_core.learn.catalogue import find, source
from dynmask_core.learn.markup import plain
from dynmask_core.masks.library.article import adjust, positive_class
from dynmask_core.messages import LANGUAGES

NAME = "what-masks-explain"
ARRIVES = {"the": 0.60 * 0.2, "film": 0.15 * 1.0, "boring": 0.25 * 2.0}
WHOLE, WITHOUT = 0.90, (0.89, 0.85, 0.91, 0.35)
GONE, ALONE = (0.10, 0.10, 0.25, 0.45, 0.60), (0.50, 0.50, 0.20, 0.0, 0.0)
TWICE = (0.95, 0.94, 0.94, 0.50)


def found(*marked: int, words: int) -> float:
    """Average precision if the marked words stand at these places of an order, the first is 1."""
    marks = np.isin(np.arange(1, words + 1), marked)
    by_hand = float(np.mean([marks[:place].mean() for place in sorted(marked)]))
    assert by_hand == pytest.approx(precision([marks], [-np.arange(words, dtype=float)]))
    return by_hand


def by_chance(words: int) -> float:
    """Average precision of one marked word in a random order: all orders, one by one."""
    places = [order.index(0) + 1 for order in permutations(range(words))]
    return float(np.mean([found(place, words=words) for place in places]))


def aggregate(losses: tuple[float, ...]) -> float:
    assert len(losses) == len(SHARES)
    return sum(losses) / (len(SHARES) + 1)


def numbers() -> set[str]:
    """Every number with a decimal point, and every percentage."""
    told = {"0.60", "0.15", "0.25", "0.2", "1.0", "2.0"} | {f"{part:.2f}" for part in ARRIVES.values()}
    told |= {"0.7", "0.1", f"{0.7 + 0.1:.1f}", f"{WHOLE:.2f}", *(f"{p:.2f}" for p in (*WITHOUT, *TWICE))}
    told |= {f"{loss:.2f}" for loss in (*GONE, *ALONE) if loss} | {f"{sum(GONE):.2f}", f"{sum(ALONE):.2f}"}
    told |= {f"{aggregate(GONE):.2f}", f"{aggregate(ALONE):.2f}", "50%", "10%", f"{0.1 * 8:.1f}", "95%"}
    told |= {f"{2 / 3:.3f}", f"{found(1, 3, words=5):.3f}", f"{1 / 3:.3f}", f"{by_chance(3):.3f}", f"{1 / 2:.3f}"}
    return told | {f"{by_chance(3):.1f}", f"{found(1, 2, words=5):.2f}"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_what_masks_explain_are_worked_out(lang: str) -> None:
    text = plain(re.sub(r"\(\w+\?[^)]*\)|^= .*$", "", source(NAME, lang).split("---", 2)[2], flags=re.MULTILINE))
    assert set(re.findall(r"\d+\.\d+%?|\d+%", text)) == numbers()
    assert SHARES == (1, 5, 10, 20, 50)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_right_answers_of_what_masks_explain_are_worked_out(lang: str) -> None:
    asked = [question for question in find(NAME).lessons[lang].questions if question.kind == "number"]
    lost = [round(100 * (WHOLE - p)) for p in WITHOUT]
    assert lost == [1, 5, -1, 55]
    assert max(ARRIVES, key=lambda word: ARRIVES[word]) == "boring"
    assert [round(100 * (TWICE[0] - p)) for p in TWICE[1:]] == [1, 1, 45]
    wanted = [lost[-1], aggregate(ALONE), max(1, -(-10 * 8 // 100)), found(2, 4, words=5)]
    for question, value in zip(asked, wanted, strict=True):
        assert question.judge(float(value)).right, question.text
        assert not question.judge(float(value) * 1.3 + 1).right, question.text
    assert aggregate(GONE) == pytest.approx(0.25)


def test_planted_texts_are_as_the_lesson_says() -> None:
    made = planted(flip=0.1)  # the sample
    usual = {name: one.default for name, one in inspect.signature(planted).parameters.items()}
    assert (usual["noise_words"], usual["keywords"], usual["keywords_per_text"]) == (200, 10, (1, 2))
    assert {int(marks.sum()) for marks in made.rationale} == {1, 2}
    assert sorted(made.keywords.values()) == [0] * 5 + [1] * 5
    assert 0.05 < made.flipped.mean() < 0.15


def test_the_articles_rule_cannot_rank_all_planted_words_first() -> None:
    made = planted(flip=0.1)
    words = sorted({word for text in made.table.tokens for word in text})
    known = {word: index for index, word in enumerate(words)}
    labels = made.table.frame["label"].tolist()
    high = f"class_{positive_class(('class_0', 'class_1'))}"
    tokens = np.array([known[word] for text in made.table.tokens for word in text])
    positive = np.concatenate(
        [np.full(len(text), label == high) for text, label in zip(made.table.tokens, labels, strict=True)]
    )
    mask = np.full(len(words), 0.5)
    for _ in range(8):
        mask = adjust(mask, tokens, positive, Controls().step_size)
    sunk = [mask[known[word]] for word, own in made.keywords.items() if f"class_{own}" != high]
    noise = [mask[known[word]] for word in words if word not in made.keywords]
    assert max(sunk) < np.median(noise)

"""The numbers of the lesson on static and dynamic masks, worked out anew."""

from __future__ import annotations

import re
from functools import cache
from math import exp

import numpy as np
import pytest

from dynmask_core.config import PRESETS, DataConfig, ExperimentConfig, GuessSettings
from dynmask_core.data.load import load_corpus
from dynmask_core.learn.catalogue import find, source
from dynmask_core.learn.markup import plain
from dynmask_core.messages import LANGUAGES
from dynmask_core.mlm import Refresh
from dynmask_core.mlm.published import MEASURED, PUBLISHED
from dynmask_core.tasks.hidden_words import EverAsked, Hider, read

NAME = "static-and-dynamic"
PROSE = {"en": "english_prose", "zh": "chinese_prose"}
RATE, EPOCHS = 0.15, 20


def asked(epochs: int, rate: float = RATE) -> float:
    """The share of the words that a dynamic mask has asked for."""
    return 1 - (1 - rate) ** epochs


def numbers_told() -> set[str]:
    """Every number with a decimal point that the lesson may tell."""
    told = {f"{asked(n):.3f}" for n in (1, 2, 4, 5, 6, 10, 19, 20)}
    told |= {f"{1 - asked(n):.3f}" for n in (1, 2, 4, 10, 20)}
    told |= {f"{asked(n, 0.4):.3f}" for n in (1, 2, 5, 6, 19)}
    told |= {f"{1 - RATE:.2f}", f"{(1 - RATE) ** 2:.4f}", f"{asked(2):.4f}", f"{RATE:.2f}", f"{2 * RATE:.2f}"}
    told |= {f"{4 * RATE:.2f}", "0.4", "0.6", f"{0.6**2:.2f}", "0.95", f"{asked(20, 0.05):.3f}", f"{exp(4):.1f}"}
    # Those of others, and of longer runs: see the tables of the app.
    of = {one.refresh: one for one in MEASURED}
    told |= {f"{of['static'].lowest:.2f}", f"{of['static'].last:.2f}", f"{of['static:10'].last:.2f}"}
    told |= {f"{of['dynamic'].last:.2f}", "4.1", "6.4"}
    rows = [one for one in PUBLISHED if one.key == "refresh"]
    told |= {f"{score:.1f}" for one in rows for score in (one.plain, one.changed)}
    assert sorted(round(one.changed - one.plain, 1) for one in rows) == [-0.3, 0.4, 0.4]
    return told | {"0.4", "2.0"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_the_lesson_are_worked_out(lang: str) -> None:
    lesson = find(NAME).lessons[lang]
    parts = [lesson.intro, lesson.note]
    for step in lesson.steps:
        parts += [step.before, step.reveal, step.note]
    for question in lesson.questions:
        parts += [question.text, question.feedback, question.if_right, question.if_wrong]
        parts += [words for choice in question.choices for words in (choice.text, choice.feedback)]
    told = set(re.findall(r"\d+\.\d+", "\n".join(map(plain, parts))))
    assert told - numbers_told() == set()
    text = source(NAME, lang)
    for loss in (5, *(value for one in MEASURED if one.refresh == "static" for value in (one.lowest, one.last))):
        assert re.search(rf"\b{exp(loss or 0):.0f}\b", text, re.ASCII)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_asked_for(lang: str) -> None:
    numbers = [question for question in find(NAME).lessons[lang].questions if question.kind == "number"]
    half = next(n for n in range(1, 99) if asked(n) > 0.5)
    wanted = [EPOCHS, asked(EPOCHS), asked(4), half, EPOCHS / 4, round(exp(4)), asked(2, 0.4)]
    assert len(numbers) == len(wanted)
    for question, value in zip(numbers, wanted, strict=True):
        assert question.judge(float(value)).right, question.text
        assert not question.judge(float(value) * 1.3 + 1).right, question.text


def test_how_many_epochs_it_takes() -> None:
    assert next(n for n in range(1, 99) if asked(n) > 0.95) == 19
    assert next(n for n in range(1, 99) if asked(n, 0.4) > 0.95) == 6
    assert 1000 * RATE == 150
    assert 1000 * RATE * EPOCHS == 3000


def test_masks_in_turn_are_as_told() -> None:
    four, dynamic, static = Refresh.read("static:4"), Refresh.read("dynamic"), Refresh.read("static")
    assert [n for n in range(1, 21) if four.turn(n) == dynamic.turn(n)] == [1, 2, 3]
    assert four.turn(5) == four.turn(1)
    assert len({four.turn(n) for n in range(1, 5)}) == 4
    assert {static.turn(n) for n in range(1, 21)} == {()}
    assert len({Refresh.read("static:10").turn(n) for n in range(1, 11)}) == 10


@cache
def curves(lang: str, rate: float) -> dict[str, list[float]]:
    """What the app draws for the addresses of the lesson: the share asked for so far, by mask and epoch."""
    task = GuessSettings("bernoulli", rate)
    config = ExperimentConfig(
        DataConfig(f"sample:{PROSE[lang]}"), PRESETS["tiny"], arms=("static", "static:4", "dynamic"), task=task
    )
    data, _ = load_corpus(config.data, "", 0)
    corpus = read(config, data)
    found = {}
    for arm in config.arms:
        ever = EverAsked(Hider.of(task, arm, corpus, 0, EPOCHS), corpus)
        found[arm] = [ever.until(epoch) for epoch in range(1, EPOCHS + 1)]
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("rate", [0.15, 0.4])
def test_real_text_fits_the_sum_to_one_in_a_hundred(lang: str, rate: float) -> None:
    drawn = curves(lang, rate)
    told = {
        "static": [rate] * EPOCHS,
        "static:4": [asked(min(n, 4), rate) for n in range(1, EPOCHS + 1)],
        "dynamic": [asked(n, rate) for n in range(1, EPOCHS + 1)],
    }
    for arm, shares in told.items():
        assert np.abs(np.array(drawn[arm]) - shares).max() < 0.01, arm

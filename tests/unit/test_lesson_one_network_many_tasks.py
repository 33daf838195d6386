"""The numbers and tables of the lesson on one network and many tasks, worked out anew."""

from __future__ import annotations

import re
from math import comb

import numpy as np
import pytest
import torch

from dynmask_core.analysis.composed import compose
from dynmask_core.config import PRESETS, DataConfig, ExperimentConfig
from dynmask_core.data.load import load
from dynmask_core.data.samples import load_sample
from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.learn.catalogue import find, source
from dynmask_core.masks import canonical
from dynmask_core.messages import LANGUAGES
from dynmask_core.tasks import task_of
from dynmask_core.training.learner import Learner

NAME = "one-network-many-tasks"
SENTENCES = {"en": "the cat sleeps le chat dort", "zh": "猫 睡 了 the cat slept"}
ARMS = ("none", "causal", "prefix:3")


def table(expression: str, places: int = 7) -> np.ndarray:
    return compose(expression, (), places).edges


def ways(edges: np.ndarray, layers: int) -> np.ndarray:
    """From which places (columns) something has come to each place (row) after so many layers."""
    reached = np.eye(len(edges), dtype=bool)
    for _ in range(layers):
        reached = edges @ reached
    return reached


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_asked_for_are_those_of_the_tables(lang: str) -> None:
    numbers = [question for question in find(NAME).lessons[lang].questions if question.kind == "number"]
    hole = table("causal|(q==2)")
    # A row is asked for the next word, so the last one is asked for nothing.
    looks_ahead = [row for row in range(6) if hole[row, row + 1]]
    wanted = [
        table("all").sum(), table("causal").sum(), 6, hole.sum(), len(looks_ahead), table("prefix(3)").sum(),
        table("prefix(4)", 9).sum(), table("causal&block(4)", 8).sum(), (~table("causal", 15)).sum(),
    ]  # fmt: skip
    assert len(numbers) == len(wanted)
    for question, value in zip(numbers, wanted, strict=True):
        assert question.judge(float(value)).right, question.text
        assert not question.judge(float(value) + 1).right, question.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_shares_told_are_those_of_the_app(lang: str) -> None:
    told = set(re.findall(r"\d+%(?!\d)", source(NAME, lang)))
    short = compose("causal & (q - k < 4)", (), 7)
    tables = [compose(text, (), 7) for text in ("all", "causal", "prefix(3)")]
    assert told == {f"{one.kept:.0%}" for one in (*tables, short)}
    assert int(short.edges.sum()) == 22
    assert table("causal", 15).sum() == 120


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_fill_seven_places(lang: str) -> None:
    sentence = SENTENCES[lang]
    assert sentence in source(NAME, lang)
    assert len(Tokenizer("auto").tokens(sentence)) == 6


def test_one_open_row_lets_all_rows_behind_it_copy_after_two_layers() -> None:
    hole = table("causal|(q==2)")
    assert not hole[3, 6]
    after = ways(hole, 2)
    assert after[2:].all()
    assert not np.triu(after[:2], 1).any()
    for layers in (2, 100):
        for good in ("causal", "prefix(3)", "all"):
            assert (ways(table(good), layers) == table(good)).all(), good


def test_rows_of_a_translator() -> None:
    causal, prefix = table("causal"), table("prefix(3)")
    more = (prefix & ~causal).sum(1)
    assert more.tolist() == [3, 2, 1, 0, 0, 0, 0]
    assert prefix[:4, :4].all()
    assert not prefix[:4, 4:].any()
    assert (prefix | causal == prefix).all()
    assert prefix.sum(1)[4:].tolist() == [5, 6, 7]
    # One word too many in the beginning: the row before it sees what it must guess.
    long = table("prefix(4)")
    assert [row for row in range(3, 6) if long[row, row + 1]] == [3]


def test_expressions_say_the_same_as_patterns() -> None:
    assert (table("(k <= q)") == table("causal")).all()
    assert (table("causal | (k < 4)") == table("prefix(3)")).all()
    assert not table("causal & (k < 4)")[6, 6]
    assert table("causal | (q < 4)")[1, 6]
    assert (table("(k >= q)") == table("causal").T).all()
    assert table("(k >= q)").sum() == table("causal").sum() == 28
    two = table("causal & block(4)", 8)
    assert np.flatnonzero(two[4]).tolist() == [4]
    assert compose("~causal", (), 7).alone.tolist() == [False] * 6 + [True]
    gap = table("(k < 3) | (k > 4) | (q > 2) & (q < 5) & (k <= q)", 9)
    given = [0, 1, 2, 5, 6, 7, 8]
    assert gap[:, given].all()
    assert not gap[np.ix_(given, [3, 4])].any()
    assert gap[3, 3:5].tolist() == [True, False]
    assert gap[4].all()
    near = table("window(1) | (q == 0)")
    assert near[0].all()
    assert near[2:, 0].tolist() == [False] * 5
    assert table("window(1) | global(0)")[:, 0].all()


def test_the_arms_differ_in_nothing_but_the_table() -> None:
    assert [canonical(arm) for arm in ARMS] == list(ARMS)
    settings = DataConfig("sample:fruit")
    data, _ = load(load_sample("fruit"), settings, 0)
    config = ExperimentConfig(settings, PRESETS["tiny"], arms=ARMS)
    task = task_of(config).of(config, data)
    first, *others = [Learner(arm, task, torch.device("cpu"), 10) for arm in ARMS]
    assert config.model.pooling == "mean"
    for other in others:
        assert other.parameters == first.parameters
        ours, theirs = first.model.state_dict(), other.model.state_dict()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("places", [6, 15, 40])
def test_forbidden_edges_of_the_arms(places: int) -> None:
    forbidden = [int((~table(text, places)).sum()) for text in ("causal", "prefix(3)")]
    assert forbidden == [comb(places, 2), comb(places, 2) - 6]


@pytest.mark.parametrize("sample", ["english_sentiment", "chinese_sentiment"])
def test_half_a_point_is_one_text_at_most(sample: str) -> None:
    data, _ = load(load_sample(sample), DataConfig(f"sample:{sample}"), 0)
    assert len(data.rows("test")) <= 200

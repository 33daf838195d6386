"""The lesson about the article: its code runs, its numbers are worked out, and each slip is really there."""

from __future__ import annotations

import ast
import re
from itertools import product
from typing import Any

import numpy as np
import pytest

from dynmask_core import article
from dynmask_core.config import Controls, MaskConfig
from dynmask_core.data import build
from dynmask_core.data.encode import encode
from dynmask_core.data.samples import load_sample
from dynmask_core.evaluate.statistics import LEAST_TEXTS
from dynmask_core.inputs import statistics
from dynmask_core.learn.catalogue import find, source
from dynmask_core.learn.markup import plain
from dynmask_core.masks import REGISTRY, CorpusStatistics, Setting
from dynmask_core.masks.library.article import adjust
from dynmask_core.masks.word_table import WordMask
from dynmask_core.messages import LANGUAGES

NAME = "the-article"


def codes(lang: str) -> list[str]:
    return re.findall(r"^```\n(.*?)^```$", source(NAME, lang), re.DOTALL | re.MULTILINE)


def after(name: str, known: CorpusStatistics, rounds: int, config: MaskConfig, **controls: float) -> np.ndarray:
    strategy = REGISTRY[name](Setting(mask=config))
    assert isinstance(strategy, WordMask)
    strategy.fit(known)
    for epoch in range(1, rounds + 1):
        strategy.on_epoch(epoch, Controls(**controls))
    return strategy.word_mask()


def scored_on_its_own_labels(positive: tuple[bool, ...]) -> float:
    labels = np.array(positive)
    return article.separation(adjust(np.zeros(len(labels)), np.arange(len(labels)), labels, article.STEP), labels)


@pytest.fixture(scope="module")
def remarks() -> CorpusStatistics:
    return statistics(encode(build(load_sample("english_sentiment"))[0], 30_000))


def test_the_code_is_the_same_in_every_language() -> None:
    first, *others = (codes(lang) for lang in LANGUAGES)
    assert len(first) == 4
    assert all(other == first for other in others)


def test_the_code_gives_the_printed_result_from_zeros_and_from_no_random_start() -> None:
    begin, rule, optimise, _ = codes("en")
    run: dict[str, Any] = {}
    exec(begin + rule, run)
    assert tuple(run["tokens"]) == article.TOKENS
    assert [label == "+" for label in run["labels"]] == article.POSITIVE.tolist()
    drawn = run["mask"]
    run["mask"] = dict.fromkeys(run["tokens"], 0)
    exec(optimise, run)
    assert list(run["best"].values()) == pytest.approx(article.PRINTED)
    assert run["best_score"] == 1
    assert list(run["mask"].values()) == pytest.approx([1, 0, 1, 0])
    run["mask"] = drawn
    exec(optimise, run)
    theirs = article.demo(np.array(list(drawn.values())))
    assert list(run["best"].values()) == pytest.approx(theirs["best_mask"], abs=1e-4)
    assert list(run["best"].values()) != pytest.approx(article.PRINTED)


def test_the_code_is_the_rule_of_the_app() -> None:
    run: dict[str, Any] = {}
    exec(codes("en")[1], run)
    start = {"a": 0.95, "b": 0.05, "c": 0.5}
    words, labels = ["a", "b", "c", "c", "a"], ["+", "-", "-", "-", "-"]
    theirs = adjust(
        np.array(list(start.values())), np.array([0, 1, 2, 2, 0]), np.array([one == "+" for one in labels]), 0.1
    )
    assert list(run["adjust"](start, words, labels, 9, 0.1).values()) == pytest.approx(theirs.tolist())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_argument_is_never_read_and_it_is_the_answer(lang: str) -> None:
    (function,) = ast.parse(codes(lang)[1]).body
    assert isinstance(function, ast.FunctionDef)
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    (idle,) = {argument.arg for argument in function.args.args} - read
    (asked,) = (question for question in find(NAME).lessons[lang].questions if question.kind == "text")
    assert asked.judge(idle).right
    assert not asked.judge("alpha").right


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_the_article_are_worked_out(lang: str) -> None:
    lesson = find(NAME).lessons[lang]
    text = re.sub(r"^```.*?^```$", "", source(NAME, lang), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\]\([a-z]+\?[^)]*\)", "]", text)
    shown = article.run(0)["as_printed"]["history"]
    told = {f"{value:.4f}" for number in (0, 1, 8, 9) for value in shown[number]["mask"] if value not in (0, 1)}
    told |= {f"{shown[0]['score']:.2f}"}
    for row in (shown[number] for number in (0, 1, 8, 9)):
        cells = [f"{value:.4f}" if value % 1 else f"{value:.0f}" for value in row["mask"]]
        assert f"| {row['round']} | {' | '.join(cells)} | {row['score']:g} |" in text
    assert article.run(0)["as_printed"]["best_mask"] == shown[1]["mask"]
    draws = [article.second_program(seed) for seed in (0, 1)]
    for first, second in zip(*draws, strict=True):
        assert re.search(rf"\| {first['sentence']}.*\| {first['probability']} \| {second['probability']} \|", text)
        told |= {f"{one['probability']:.4f}" for one in (first, second)}
    assert max(draws[0], key=lambda one: one["probability"])["sentence"] != "This movie is terrible"
    assert max(draws[1], key=lambda one: one["probability"])["sentence"] == "This movie is terrible"
    step = 0.1 / 1000
    told |= {f"{step:.4f}", f"{(20 - 5) * step:.4f}", f"{10 * (20 - 5) * step:.3f}"}
    told |= {f"{1 / 3:.2f}", f"{0.7 - 0.3:.1f}", f"{0.1 * (0.7 - 0.3):.2f}"}
    # Settings of the steps, an answer by hand with its margin, and two masks of a question.
    told |= {"0.1", "0.5", "0.05", "1.5", "0.3", "0.001", "0.9"}
    assert round((1 / 3) / (10 * (20 - 5) * step), -1) == 20
    assert set(re.findall(r"\d+\.\d+", text)) == told
    ways = [scored_on_its_own_labels(way) for way in product((True, False), repeat=4)]
    assert ways == [1.0] * 16
    numbers = [question for question in lesson.questions if question.kind == "number"]
    wanted = [1 / 3, 0.5 / 0.1, 3 * 0.1, 1, 1, 10 * 15 * step, 1 / 0.1, sum(way == 1 for way in ways)]
    assert len(numbers) == len(wanted)
    for question, value in zip(numbers, wanted, strict=True):
        assert question.judge(float(value)).right, plain(question.text)
        assert not question.judge(float(value) * 1.3 + 1).right


def test_both_random_starts_are_the_same_and_the_formula_hardly_moves_one(remarks: CorpusStatistics) -> None:
    config = MaskConfig("uniform", step_rule="per_example")
    static, formula = (after(name, remarks, 5, config, step_size=0.1) for name in ("static", "article"))
    common = remarks.word_counts() > 0
    moved = np.abs(formula - static)[common]
    assert np.median(moved) < 0.01
    assert (moved < 0.05).mean() > 0.99
    code = after("article", remarks, 5, MaskConfig("uniform"), step_size=0.1)
    many = remarks.word_counts() >= 100
    assert many.sum() >= 10
    # Common words run between the limits; ten alike in a row decide, so what was at the start is forgotten.
    other = after("article", remarks, 5, MaskConfig("constant"), step_size=0.1)
    assert np.abs(code - other)[many].max() < 0.11


def test_only_the_repaired_rule_reads_the_threshold(remarks: CorpusStatistics) -> None:
    config = MaskConfig("constant")
    masks = {
        (name, tau): after(name, remarks, 8, config, step_size=0.1, evidence_threshold=tau)
        for name in ("article", "repaired")
        for tau in (1.5, 5.0)
    }
    assert (masks["article", 1.5] == masks["article", 5.0]).all()
    moved = [(masks["repaired", tau] != 0.5).sum() for tau in (1.5, 5.0)]
    assert moved[1] < moved[0]


def test_fruit_takes_five_epochs_from_the_middle_to_a_limit_and_is_too_small_to_judge() -> None:
    data = build(load_sample("fruit"))[0]
    assert len(data.texts) == 40
    assert len(data.rows("test")) < LEAST_TEXTS
    known = statistics(encode(data, 30_000))
    assert known.word_counts()[known.specials :].tolist() == [1] * known.texts
    for rounds, wanted in ((4, {0.1, 0.9}), (5, {0.0, 1.0}), (6, {0.0, 1.0})):
        mask = after("article", known, rounds, MaskConfig("constant"), step_size=0.1)[known.specials :]
        assert {round(float(value), 3) for value in mask} == wanted

"""The repaired rule's evidence: against Monroe, Colaresi & Quinn (2008), and against planted truth."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score

from dynmask_core.config import Controls, MaskConfig
from dynmask_core.data import build, planted
from dynmask_core.data.encode import encode
from dynmask_core.inputs import statistics
from dynmask_core.masks import REGISTRY, CorpusStatistics, Setting
from dynmask_core.masks.ops.evidence import IDLE, PRIOR_WEIGHT, TELLING, keep_evidence, log_odds

SEEDS = (0, 1, 2)
BALANCES = (0.5, 0.7, 0.3)
DEFAULT = Controls()


def monroe(counts: list[list[int]], prior_weight: float) -> tuple[list[float], list[float]]:
    """δ and σ of the first of two classes, word by word: equations 16, 19 and 20 of the paper."""
    first, second = counts
    n_first, n_second = sum(first), sum(second)
    delta, sigma = [], []
    for y_first, y_second in zip(first, second, strict=True):
        prior = prior_weight * (y_first + y_second) / (n_first + n_second)
        odds_first = (y_first + prior) / (n_first + prior_weight - y_first - prior)
        odds_second = (y_second + prior) / (n_second + prior_weight - y_second - prior)
        delta.append(math.log(odds_first) - math.log(odds_second))
        sigma.append(math.sqrt(1 / (y_first + prior) + 1 / (y_second + prior)))
    return delta, sigma


two_classes = npst.arrays(np.int64, (2, 7), elements=st.integers(1, 200))


@given(two_classes)
def test_two_classes_agree_with_the_paper_word_by_word(counts: np.ndarray) -> None:
    delta, sigma = log_odds(counts)
    slow_delta, slow_sigma = monroe(counts.tolist(), PRIOR_WEIGHT)
    np.testing.assert_allclose(delta[0], slow_delta, atol=1e-9)
    np.testing.assert_allclose(sigma[0], slow_sigma, rtol=1e-9)
    np.testing.assert_allclose(delta[1], -delta[0], atol=1e-9)


@given(two_classes)
def test_evidence_is_the_distance_from_the_margins_in_standard_errors(counts: np.ndarray) -> None:
    def distance(d: float, s: float) -> float:
        if abs(d) > TELLING:
            return (abs(d) - TELLING) / s
        return (abs(d) - IDLE) / s if abs(d) < IDLE else 0.0

    slow = [distance(d, s) for d, s in zip(*monroe(counts.tolist(), PRIOR_WEIGHT), strict=True)]
    np.testing.assert_allclose(keep_evidence(counts), slow, atol=1e-9)


@given(npst.arrays(np.int64, (3, 6), elements=st.integers(0, 60)))
def test_evidence_is_finite_and_zero_for_words_never_seen(counts: np.ndarray) -> None:
    evidence = keep_evidence(counts)
    assert np.isfinite(evidence).all()
    assert (evidence[counts.sum(0) == 0] == 0).all()


@given(npst.arrays(np.int64, (3, 6), elements=st.integers(0, 60)), st.permutations(range(3)))
def test_evidence_does_not_depend_on_the_order_of_the_classes(counts: np.ndarray, order: list[int]) -> None:
    np.testing.assert_allclose(keep_evidence(counts[order]), keep_evidence(counts), atol=1e-9)


def test_more_of_the_same_makes_evidence_surer() -> None:
    counts = np.array([[400, 100, 300], [100, 400, 300]])
    few, many = keep_evidence(counts), keep_evidence(counts * 10)
    assert many[0] > few[0] > 0  # tells the classes apart
    assert many[2] < few[2] < 0  # does not


def test_the_repaired_mask_moves_by_alpha_where_evidence_exceeds_tau() -> None:
    known, _ = corpus(0, 0.5)
    strategy = REGISTRY["repaired"](Setting())
    strategy.fit(known)
    evidence = keep_evidence(known.counts())
    expected = [np.float32(0.5)] * len(known.words)
    for epoch, (alpha, tau) in enumerate([(0.1, 1.0), (0.25, 2.0), (0.3, 0.0)], 1):
        strategy.on_epoch(epoch, Controls(step_size=alpha, evidence_threshold=tau))
        for word, value in enumerate(evidence):
            direction = 0 if abs(value) <= tau else 1 if value > 0 else -1
            expected[word] = np.float32(min(max(expected[word] + alpha * direction, 0), 1))
        np.testing.assert_allclose(strategy.word_mask(), expected, atol=1e-6)


# Planted truth


@functools.cache
def corpus(seed: int, balance: float, zipf: float = 0.0) -> tuple[CorpusStatistics, np.ndarray]:
    """What strategies know of 1,000 texts, and which words are keywords."""
    made = planted(seed=seed, balance=balance, zipf=zipf)
    known = statistics(encode(build(made.table, seed=seed)[0], 30_000))
    return known, np.array([word in made.keywords for word in known.words])


def after_ten_epochs(
    name: str, seed: int, balance: float, controls: Controls = DEFAULT
) -> tuple[CorpusStatistics, np.ndarray, np.ndarray]:
    """(corpus, bool [V] keyword, float [V] mask), special tokens left out."""
    known, keyword = corpus(seed, balance)
    strategy = REGISTRY[name](Setting(seed=seed))
    strategy.fit(known)
    for epoch in range(1, 11):
        strategy.on_epoch(epoch, controls)
    return known, keyword[known.specials :], strategy.word_mask()[known.specials :]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("balance", BALANCES)
def test_the_evidence_finds_planted_keywords(seed: int, balance: float) -> None:
    known, keyword = corpus(seed, balance)
    assert average_precision_score(keyword, keep_evidence(known.counts())) >= 0.98


@pytest.mark.parametrize("balance", BALANCES)
def test_the_repaired_mask_finds_planted_keywords(balance: float) -> None:
    precision = []
    for seed in range(10):
        _, keyword, mask = after_ten_epochs("repaired", seed, balance)
        precision.append(average_precision_score(keyword, mask))
        assert (mask[keyword] == 1).all()
    assert np.mean(precision) >= 0.98


@pytest.mark.parametrize("seed", SEEDS)
def test_under_unequal_classes_the_articles_mask_follows_the_majority(seed: int) -> None:
    _, keyword, mostly_negative = after_ten_epochs("article", seed, 0.7)
    _, other_keyword, mostly_positive = after_ten_epochs("article", seed, 0.3)
    assert mostly_negative[~keyword].mean() < 0.1
    assert mostly_positive[~other_keyword].mean() > 0.9
    assert average_precision_score(keyword, mostly_negative) < 0.6
    assert average_precision_score(other_keyword, mostly_positive) < 0.6


@pytest.mark.parametrize("seed", SEEDS)
def test_under_unequal_classes_the_repaired_mask_does_not_care_which_is_larger(seed: int) -> None:
    for balance in BALANCES:
        _, keyword, mask = after_ten_epochs("repaired", seed, balance)
        assert mask[~keyword].mean() <= 0.51 < mask[keyword].mean()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_small_step_per_example_follows_frequency(seed: int) -> None:
    known, _ = corpus(seed, 0.3, zipf=1.0)
    strategy = REGISTRY["article"](Setting(mask=MaskConfig("constant", step_rule="per_example"), seed=seed))
    strategy.fit(known)
    for epoch in range(1, 11):
        strategy.on_epoch(epoch, Controls())
    mask, counts = strategy.word_mask()[known.specials :], known.counts().sum(0)[known.specials :]
    assert spearmanr(mask, counts).statistic > 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_one_occurrence_moves_the_articles_mask_by_a_thousandth_in_ten_rounds_of_1000_texts(seed: int) -> None:
    known, _ = corpus(seed, 0.5)
    strategy = REGISTRY["article"](Setting(mask=MaskConfig("constant", step_rule="per_example"), seed=seed))
    strategy.fit(known)
    start = strategy.word_mask().copy()
    for epoch in range(1, 11):
        strategy.on_epoch(epoch, Controls(step_size=0.1))
    moved = np.abs(strategy.word_mask() - start)
    counts = known.counts()
    bound = 10 * 0.1 / known.texts * counts.sum(0)
    assert (moved <= bound + 1e-6).all()
    np.testing.assert_allclose(moved, 10 * 0.1 / known.texts * np.abs(counts[1] - counts[0]), atol=1e-5)


def test_three_classes_are_told_apart_too() -> None:
    made = planted(classes=3, keywords=12, seed=3)
    known = statistics(encode(build(made.table)[0], 30_000))
    keyword = [word in made.keywords for word in known.words[known.specials :]]
    assert average_precision_score(keyword, keep_evidence(known.counts())[known.specials :]) >= 0.98

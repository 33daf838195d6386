"""The article's demo: what it prints, and why its code as printed cannot."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from dynmask_core import article


def test_the_printed_mask_comes_from_one_adjustment_of_zeros() -> None:
    result = article.run()
    assert result["best_mask"] == [0.1, 0.0, 0.1, 0.0]
    assert result["printed_in_article"] == [0.1, 0.0, 0.1, 0.0]
    assert result["history"][0]["mask"] == result["best_mask"]
    assert result["history"][0]["score"] == max(line["score"] for line in result["history"])


def slow_rounds(mask: list[float]) -> list[list[float]]:
    """Ten rounds of ±0.1 on the four fruits, as the article prints them."""
    rounds = []
    for _ in range(10):
        signs = (1, -1, 1, -1)
        mask = [min(m + 0.1, 1.0) if sign > 0 else max(m - 0.1, 0.0) for m, sign in zip(mask, signs, strict=True)]
        rounds.append(mask)
    return rounds


@given(npst.arrays(np.float64, 4, elements=st.floats(0, 1)))
def test_the_demo_agrees_with_a_slow_loop_from_any_start(start: np.ndarray) -> None:
    result = article.demo(start)
    assert [line["round"] for line in result["history"]] == list(range(1, 11))
    for line, expected in zip(result["history"], slow_rounds(start.tolist()), strict=True):
        assert line["mask"] == pytest.approx(expected, abs=1e-4)
    scores = [line["score"] for line in result["history"]]
    assert result["best_score"] == max(scores)
    assert result["best_mask"] == result["history"][scores.index(max(scores))]["mask"]


@pytest.mark.parametrize("seed", range(20))
def test_a_uniform_start_does_not_give_the_printed_mask(seed: int) -> None:
    result = article.run(seed)
    printed = result["printed_in_article"]
    assert result["as_printed"]["best_mask"] != printed
    assert all(line["mask"] != printed for line in result["as_printed"]["history"])
    assert result["reason"]


def slow_separation(mask: list[float], positive: list[bool]) -> float:
    """The best share of right answers over all thresholds between −1 and 2."""
    cuts = [-1.0, *mask]
    return max(sum((m > cut) == good for m, good in zip(mask, positive, strict=True)) / len(mask) for cut in cuts)


@given(npst.arrays(np.float64, 4, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0])))
def test_the_score_is_the_best_single_threshold(mask: np.ndarray) -> None:
    expected = slow_separation(mask.tolist(), article.POSITIVE.tolist())
    assert article.separation(mask, article.POSITIVE) == pytest.approx(expected)


def test_the_second_program_is_random_and_repeatable() -> None:
    lines = article.second_program(0)
    assert [line["sentence"] for line in lines] == list(article.SENTENCES)
    assert all(0 <= line["probability"] <= 1 for line in lines)
    assert all(0 <= value <= 0.5 for line in lines for value in line["mask"])
    assert article.second_program(0) == lines
    assert article.second_program(1) != lines


def test_everything_can_be_printed_as_json() -> None:
    result = article.run(3)
    assert json.loads(json.dumps(result)) == result

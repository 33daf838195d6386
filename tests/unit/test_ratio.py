"""How sure a share of all samples together is."""

from __future__ import annotations

import numpy as np
import pytest

from dynmask_core.analysis.task_scores import TaskScores
from dynmask_core.evaluate.entities import entity_scores
from dynmask_core.evaluate.ratio import half_width
from dynmask_core.messages import LANGUAGES, told


def test_of_samples_of_one_unit_it_is_that_of_a_share() -> None:
    right = np.arange(400) % 4 == 0
    assert half_width(right, np.ones(400)) == pytest.approx(1.96 * np.sqrt(0.25 * 0.75 / 399))


def test_as_often_as_it_says_the_truth_lies_within() -> None:
    rng, inside = np.random.default_rng(0), 0
    for _ in range(400):
        whole = rng.integers(5, 60, 80)
        part = rng.binomial(whole, rng.beta(6, 2, 80))  # units of one sample resemble each other: the truth is 0.75
        inside += abs(part.sum() / whole.sum() - 0.75) <= half_width(part, whole)
    assert 0.92 <= inside / 400 <= 0.97


def test_nothing_is_said_of_too_few_samples() -> None:
    assert half_width([1], [2]) == half_width([], []) == half_width([0, 0], [0, 0]) == 0


def test_scores_of_marks_tell_it_beside_the_share() -> None:
    true = [["B-A", "O", "B-A"]] * 30
    given = [["B-A", "O", "O"], ["B-A", "B-A", "B-A"], ["B-A", "O", "B-A"]] * 10
    test = entity_scores(true, given)
    assert 0 < test["f1_sure"] < 0.1
    found = TaskScores.of({"arms": [{"name": name, "test": test} for name in ("none", "dropout")]})
    assert found is not None
    points = f"±{100 * test['f1_sure']:.1f}"
    for lang in LANGUAGES:
        assert any(points in told(words, lang) for words in found.shows())

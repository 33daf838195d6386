"""How sure a share of all samples together is."""

from __future__ import annotations

import numpy as np
import pytest

from dynmask_core.analysis.task_scores import TaskScores
from dynmask_core.evaluate.entities import entity_scores
from dynmask_core.evaluate.ratio import FEWEST, half_width
from dynmask_core.messages import LANGUAGES, told


def test_of_samples_of_one_unit_it_is_that_of_a_share() -> None:
    right = np.arange(400) % 4 == 0
    assert half_width(right, np.ones(400)) == pytest.approx(1.96 * np.sqrt(0.25 * 0.75 / 399))


@pytest.mark.parametrize(("samples", "least"), [(FEWEST, 0.88), (80, 0.92)])
def test_as_often_as_it_says_the_truth_lies_within(samples: int, least: float) -> None:
    rng, inside = np.random.default_rng(0), 0
    for _ in range(400):
        whole = rng.integers(5, 60, samples)
        part = rng.binomial(whole, rng.beta(6, 2, samples))  # units of a sample resemble each other: the truth is 0.75
        sure = half_width(part, whole)
        assert sure is not None
        inside += abs(part.sum() / whole.sum() - 0.75) <= sure
    assert least <= inside / 400 <= 0.97


@pytest.mark.parametrize("samples", [0, 1, FEWEST - 1])
def test_nothing_is_said_of_too_few_samples(samples: int) -> None:
    assert half_width(np.arange(samples), np.full(samples, 100)) is None


def test_nothing_is_said_of_samples_that_are_all_alike() -> None:
    """Else a perfect score would be told as one without any doubt."""
    assert half_width(np.full(50, 3), np.full(50, 3)) is None
    assert half_width(np.zeros(50), np.zeros(50)) is None


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

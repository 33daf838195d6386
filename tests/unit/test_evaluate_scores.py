"""Scores over the classes that a part really has, against values by hand and scikit-learn's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from dynmask_core.evaluate.scores import score
from dynmask_core.evaluate.verdict import absent_classes, of_run
from dynmask_core.messages import LANGUAGES, told


def scored(labels: list[int], predicted: list[int], classes: int) -> Any:
    return score(np.array(labels, dtype=np.int64), np.array(predicted, dtype=np.int64), 0.5, classes)


def test_averages_leave_out_a_class_without_texts() -> None:
    # Class 2 has no texts and is predicted once. Class 0: 2 of 3 right, precision 1, F1 0.8. Class 1: both right,
    # precision 1, F1 1.
    found = scored([0, 0, 0, 1, 1], [0, 0, 2, 1, 1], 3)
    assert found.accuracy == 0.8
    assert found.precision == 1.0
    assert found.recall == pytest.approx((2 / 3 + 1) / 2)
    assert found.f1 == pytest.approx((0.8 + 1.0) / 2)
    assert found.absent == [2]
    assert found.per_class[2] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0.0}
    assert found.confusion == [[2, 0, 1], [0, 2, 0], [0, 0, 0]]


def test_a_class_with_texts_that_is_never_predicted_counts_as_0() -> None:
    found = scored([0, 0, 1], [0, 0, 0], 2)
    assert (found.precision, found.recall, found.f1) == pytest.approx((1 / 3, 0.5, 0.4))
    assert found.absent == []


def test_a_part_without_texts_has_no_scores() -> None:
    found = scored([], [], 3)
    assert (found.accuracy, found.precision, found.recall, found.f1, found.loss) == (0, 0, 0, 0, 0)
    assert found.absent == [0, 1, 2]


cases = st.integers(2, 6).flatmap(
    lambda classes: st.tuples(
        st.just(classes),
        st.lists(st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1)), min_size=1, max_size=30),
    )
)


@given(cases)
def test_scores_are_scikit_learns_over_the_labels_that_occur(case: tuple[int, list[tuple[int, int]]]) -> None:
    classes, pairs = case
    labels, predicted = (list(column) for column in zip(*pairs, strict=True))
    found = scored(labels, predicted, classes)
    options: Any = {"labels": sorted(set(labels)), "average": "macro", "zero_division": 0.0}
    assert found.precision == pytest.approx(precision_score(labels, predicted, **options))
    assert found.recall == pytest.approx(recall_score(labels, predicted, **options))
    assert found.f1 == pytest.approx(f1_score(labels, predicted, **options))
    assert found.absent == [code for code in range(classes) if code not in labels]
    assert absent_classes(found.to_json()) == found.absent


def test_results_of_older_versions_have_absent_classes_as_well() -> None:
    old = json.loads(json.dumps(scored([0, 2, 2], [0, 2, 0], 3).to_json()))
    del old["absent"]
    assert absent_classes(old) == [1]


def arm(name: str, labels: list[int], right: int, classes: int) -> dict[str, Any]:
    """An arm that answers the first `right` texts as they should be, the others with the next class."""
    predicted = [label if place < right else (label + 1) % classes for place, label in enumerate(labels)]
    return {"name": name, "test": scored(labels, predicted, classes).to_json()}


def keys(labels: list[int], *rights: int, classes: int = 2) -> list[str]:
    arms = [arm(f"arm{place}", labels, right, classes) for place, right in enumerate(rights)]
    return [sentence.key for sentence in of_run(arms, [f"label{code}" for code in range(classes)])]


def test_one_run_is_judged_by_what_its_test_texts_can_show() -> None:
    labels = [0, 1] * 50  # differences under 7.84 points are chance
    assert keys(labels, 80) == ["verdict.alone"]
    assert keys(labels, 80, 87) == ["verdict.within"]
    assert keys(labels, 80, 72, 88) == ["verdict.beyond", "verdict.beyond"]
    assert keys(labels, 80, 80) == ["verdict.within"]


@pytest.mark.parametrize("tests", [1, 10, 19])
def test_one_run_on_few_test_texts_is_not_judged(tests: int) -> None:
    labels = ([0, 1] * 10)[:tests]
    assert keys([0, 1, *labels][:tests], 0, tests)[-1] == "verdict.few_texts"
    assert "verdict.beyond" in keys([0, 1] * 10, 0, 20)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_without_a_test_text_are_named(lang: str) -> None:
    assert keys([0, 2] * 20, 30, 40, classes=3) == ["verdict.absent", "verdict.beyond"]
    (sentence, _) = of_run([arm("one", [0, 2] * 20, 30, 4)], ["good", "fair", "bad", "odd"])
    assert "fair, odd" in told(sentence, lang)
    (many, _) = of_run([arm("one", [0, 1] * 20, 30, 40)], [f"label{code}" for code in range(40)])
    assert "label11, …" in told(many, lang)
    assert "label12" not in told(many, lang)
    assert keys([], 0, 0) == ["verdict.few_texts"]

"""What is said of the scores of runs that mark units or write, and of what needs no model."""

from __future__ import annotations

from typing import Any

from dynmask_core.analysis.task_scores import CHIEF, EXPLAINED, NUMBERS, SHARES, TaskScores
from dynmask_core.evaluate.nearest import nearest
from dynmask_core.messages import LANGUAGES, catalogue, told


def result(*exact: float, rule: float | None = None) -> dict[str, Any]:
    arms = [{"name": f"arm{i}", "test": {"exact": value, "accuracy": 1.0}} for i, value in enumerate(exact)]
    simple = [] if rule is None else [{"name": "nearest_source", "test": {"exact": rule}}]
    return {"arms": arms, "reference": simple}


def said(of: dict[str, Any]) -> str:
    found = TaskScores.of(of)
    assert found is not None
    return " ".join(told(words) for words in found.shows())


def test_the_simple_rule_is_beaten_by_all_by_some_or_by_none() -> None:
    assert "All arms beat" in said(result(0.5, 0.6, rule=0.2))
    assert "Not every arm" in said(result(0.1, 0.6, rule=0.2))
    assert "No arm beats" in said(result(0.1, 0.2, rule=0.2))


def test_a_difference_of_one_seed_is_not_called_an_effect() -> None:
    assert "only several seeds" in said(result(0.5, 0.6))
    assert "10.0 points" in said(result(0.5, 0.6))
    assert "do not differ" in said(result(0.5, 0.5))
    assert "seeds" not in said(result(0.5, rule=0.2))


def test_the_most_that_patches_can_reach_is_no_rule_to_beat() -> None:
    marked = {"arms": [{"name": "none", "test": {"iou": 0.7, "accuracy": 0.9}}]}
    perfect = {"name": "perfect_patches", "test": {"iou": 1.0, "accuracy": 1.0}}
    bright = {"name": "brightness", "test": {"iou": 0.5, "accuracy": 0.9}}
    assert "All arms beat" in said(marked | {"reference": [perfect, bright]})


def test_scores_of_classes_are_told_elsewhere() -> None:
    assert TaskScores.of({"arms": [{"name": "none", "test": {"accuracy": 1.0, "confusion": [[1]]}}]}) is None
    assert TaskScores.of({"arms": []}) is None


def test_prose_is_scored_on_validation() -> None:
    found = TaskScores.of(
        {"arms": [{"name": "none", "validation": {"loss": 3.0, "accuracy": 0.2, "perplexity": 20.0}}]}
    )
    assert found is not None
    assert (found.part, found.chief) == ("validation", "accuracy")


def test_every_score_has_its_words() -> None:
    for lang in LANGUAGES:
        known = catalogue(lang)
        assert all(f"score.{name}" in known for name in (*SHARES, *NUMBERS))
        assert all(f"score.{name}.help" in known for name in EXPLAINED)
        assert all(f"chart.{name}" in known for name in CHIEF)


def test_the_nearest_source_shares_rare_units_and_their_order() -> None:
    known = [[1, 2, 3], [1, 2, 9], [3, 2, 1]]
    assert nearest(known, [[1, 2, 9], [3, 2, 1], [9]]).tolist() == [1, 2, 1]


def test_a_source_with_nothing_in_common_takes_the_first() -> None:
    assert nearest([[1, 2], [3, 4]], [[7, 8]]).tolist() == [0]
    assert nearest([[1, 2]], []).tolist() == []

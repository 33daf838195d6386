"""The sentence that says whether a Transformer is worth it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dynmask_core.analysis.worth import worth
from dynmask_core.messages import LANGUAGES, told


def result(words: float, arms: dict[str, tuple[float, float]], largest: float = 0.5, p_largest: float = 0.0) -> Any:
    """arms: by name, the accuracy and the p-value against the bag of words; 100 test texts."""

    def reference(name: str, accuracy: float, p_values: dict[str, float]) -> dict[str, Any]:
        same = [{"arm": arm, "only_arm": 0, "only_reference": 0, "p_value": p} for arm, p in p_values.items()]
        return {"name": name, "test": {"accuracy": accuracy}, "seconds": 0.5, "same_texts": same}

    return {
        "arms": [
            {"name": arm, "test": {"accuracy": accuracy, "confusion": [[40, 10], [10, 40]]}, "seconds": 60.0}
            for arm, (accuracy, _) in arms.items()
        ],
        "reference": [
            reference("largest_class", largest, dict.fromkeys(arms, p_largest)),
            reference("bag_of_words", words, {arm: p for arm, (_, p) in arms.items()}),
        ],
    }


def sentences(found: Any, lang: str = "en") -> list[str]:
    return [told(words, lang) for words in worth(found)]


@pytest.mark.parametrize(
    ("words", "arms", "said"),
    [
        (0.81, {"none": (0.70, 0.03), "repaired": (0.75, 0.01)}, "is not worth it (100 test texts, p = 0.020)"),
        (0.75, {"none": (0.70, 0.001), "repaired": (0.81, 0.02)}, "is ahead by 6.0 points (p = 0.020)"),
        (0.75, {"none": (0.74, 0.9), "repaired": (0.73, 0.04)}, "cannot tell the two apart (p = 0.900)"),
        # One of three arms is bound to look better by chance: 0.03 counts as 0.09.
        (0.75, {"none": (0.74, 0.9), "a": (0.78, 0.03), "b": (0.73, 0.8)}, "cannot tell the two apart (p = 0.090)"),
    ],
)
def test_the_best_arm_is_compared_with_the_bag_of_words(words: float, arms: Any, said: str) -> None:
    (sentence,) = sentences(result(words, arms))
    assert said in sentence
    assert max(arms, key=lambda arm: arms[arm][0]) in sentence


@pytest.mark.parametrize(("largest", "p", "count"), [(0.5, 0.001, 1), (0.5, 0.2, 2), (0.9, 0.001, 2)])
def test_arms_that_do_not_beat_the_largest_class_are_said_to(largest: float, p: float, count: int) -> None:
    assert len(sentences(result(0.75, {"none": (0.74, 0.9)}, largest, p))) == count


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_said_without_references_or_test_texts(lang: str) -> None:
    found = result(0.75, {"none": (0.74, 0.9)})
    assert sentences(found, lang)
    assert sentences({"arms": found["arms"]}, lang) == []
    for arm in found["arms"]:
        arm["test"]["confusion"] = [[0, 0], [0, 0]]
    assert sentences(found, lang) == []
    assert sentences({"arms": [], "reference": []}, lang) == []


def compared(arm: float, words: list[float] | None) -> Any:
    """Eight seeds of two arms; the second gets `arm` and a little more with each seed."""
    from study_results import result as made

    from dynmask_core.studies.comparison import compare

    found = []
    for seed in range(8):
        reference = [{"name": "largest_class", "test": {"accuracy": 0.5}}]
        reference += [] if words is None else [{"name": "bag_of_words", "test": {"accuracy": words[seed]}}]
        for name, score in (("none", 0.4), ("repaired", arm + seed / 1000)):
            found.append(replace(made(name, seed, score), reference=reference))
    return compare(found, ("none", "repaired"))


@pytest.mark.parametrize(
    ("arm", "words", "said"),
    [
        (0.6, [0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77], "not worth it (adjusted p 0.0"),
        (0.8, [0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77], "is ahead"),
        (0.6, [0.7, 0.5, 0.7, 0.5, 0.7, 0.5, 0.7, 0.5], "cannot tell the two apart"),
    ],
)
def test_a_comparison_says_it_over_its_seeds(arm: float, words: list[float], said: str) -> None:
    from dynmask_core.blocks import Finding
    from dynmask_core.studies import worth as of_study

    found = compared(arm, words)
    (section,) = of_study.sections(found, final=True)
    (finding,) = [block for block in section.blocks if isinstance(block, Finding)]
    assert said in told(finding.words)
    assert "repaired" in told(finding.words)
    (early,) = of_study.sections(found, final=False)
    assert not [block for block in early.blocks if isinstance(block, Finding)]
    assert [one["name"] for one in of_study.to_json(found)] == ["largest_class", "bag_of_words"]
    assert of_study.to_json(found)[1]["mean"]["accuracy"] == pytest.approx(sum(words) / 8)


def test_a_comparison_of_old_runs_says_nothing_of_it() -> None:
    from study_results import scored

    from dynmask_core.studies import worth as of_study
    from dynmask_core.studies.comparison import compare

    found = compare(scored({"none": [0.5], "repaired": [0.6]}), ("none", "repaired"))
    assert of_study.sections(found, final=True) == []
    assert of_study.to_json(found) == []
    (section,) = of_study.sections(compared(0.6, None), final=True)
    assert len(section.blocks) == 2

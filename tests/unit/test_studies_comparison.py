"""Arms against the first one: which runs count, what is tested, and what is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from study_results import HIGH, LOW, MIXED, A, B, result, scored

from dynmask_core.messages import LANGUAGES, text
from dynmask_core.studies import comparison as comparing
from dynmask_core.studies.comparison import compare, verdict
from dynmask_core.studies.cost import costs, frontier
from dynmask_core.studies.results import METRICS, Result, paired_seeds


def test_each_arm_takes_the_cell_that_validation_prefers_and_never_the_one_that_the_test_prefers() -> None:
    found = [
        result("none", 0, 0.9, validation=0.6, cell=A), result("none", 0, 0.1, validation=0.7, cell=B),
        result("topk", 0, 0.2, validation=0.7, cell=A), result("topk", 0, 0.8, validation=0.6, cell=B),
        # Equal accuracies: the smaller loss; both equal: the first.
        result("none", 1, 0.9, loss=1.0, cell=A), result("none", 1, 0.1, loss=0.9, cell=B),
        result("topk", 1, 0.2, cell=A), result("topk", 1, 0.8, cell=B),
    ]  # fmt: skip
    chosen = paired_seeds(found, ("none", "topk"))
    assert [r.score("accuracy") for r in chosen["none"]] == [0.1, 0.1]
    assert [r.score("accuracy") for r in chosen["topk"]] == [0.2, 0.2]


def test_only_seeds_that_are_whole_count_in_ascending_order() -> None:
    found = [result(arm, seed) for seed in (2, 0, 1) for arm in ("none", "topk") if (arm, seed) != ("topk", 1)]
    chosen = paired_seeds(found, ("none", "topk"))
    assert {arm: [r.seed for r in own] for arm, own in chosen.items()} == {"none": [0, 2], "topk": [0, 2]}
    assert paired_seeds([], ("none", "topk")) == {"none": [], "topk": []}


def test_a_seed_whose_cells_are_not_all_tried_has_not_had_its_choice() -> None:
    found = [result(arm, seed, cell=cell) for seed in (0, 1) for cell in (A, B) for arm in ("none", "topk")]
    assert [r.seed for r in paired_seeds(found[:-2], ("none", "topk"))["none"]] == [0]
    assert [r.seed for r in paired_seeds(found, ("none", "topk"))["none"]] == [0, 1]


def holm_slowly(p_values: list[float]) -> list[float]:
    """Holm 1979, as written: the smallest is multiplied by k, the next by k − 1 …; none is below one before it."""
    adjusted = {}
    for place, index in enumerate(np.argsort(p_values, kind="stable")):
        adjusted[index] = max([min(1.0, (len(p_values) - place) * p_values[index]), *adjusted.values()])
    return [adjusted[index] for index in range(len(p_values))]


def sign_flips_slowly(differences: np.ndarray) -> float:
    """All 2^n ways to flip the signs; how many are as far from 0 as what was seen."""
    means = [
        abs(np.mean([-d if pattern >> i & 1 else d for i, d in enumerate(differences)]))
        for pattern in range(2 ** len(differences))
    ]
    return float(np.mean(np.array(means) >= abs(differences.mean()) - 1e-12))


def test_a_comparison_agrees_with_a_slow_one() -> None:
    rng = np.random.default_rng(1)
    arms = ("none", "static", "topk", "repaired")
    scores = {arm: np.round(rng.normal(0.7 + 0.02 * i, 0.03, 8), 3) for i, arm in enumerate(arms)}
    compared = compare(scored({arm: own.tolist() for arm, own in scores.items()}), arms)
    assert compared.seeds == tuple(range(8))
    assert compared.tests == 100
    assert {d.metric for d in compared.differences} == set(METRICS)
    for metric in METRICS:
        own = compared.of(metric)
        assert [(d.arm, d.baseline) for d in own] == [(arm, "none") for arm in arms[1:]]
        slow = [sign_flips_slowly(scores[arm] - scores["none"]) for arm in arms[1:]]
        for d, p, adjusted in zip(own, slow, holm_slowly(slow), strict=True):
            difference = scores[d.arm] - scores["none"]
            assert d.statistics.mean == pytest.approx(difference.mean())
            assert d.statistics.sd == pytest.approx(difference.std(ddof=1))
            assert d.statistics.p_value == pytest.approx(p)
            assert d.adjusted_p == pytest.approx(adjusted)
            assert d.decision == ("better" if adjusted <= 0.05 and difference.mean() > 0 else "undetected")


def test_without_a_whole_seed_nothing_is_said() -> None:
    compared = compare([result("none", 0)], ("none", "topk"))
    assert (compared.seeds, compared.differences, compared.same_texts, compared.tests) == ((), (), (), 0)
    told = comparing.to_json(compared)
    assert (told["arms"], told["differences"], told["verdicts"]) == ([], [], [])
    assert not compared.transferred


def test_models_of_one_seed_are_compared_on_the_same_texts() -> None:
    rng = np.random.default_rng(2)
    right = {arm: rng.random((6, 40)) < share for arm, share in (("none", 0.5), ("topk", 0.8))}
    found = [result(arm, seed, right=own[seed].tolist()) for arm, own in right.items() for seed in range(6)]
    (check,) = compare(found, ("none", "topk")).same_texts
    p_values = []
    for one, other, seen in zip(right["topk"], right["none"], check.seeds, strict=True):
        only = sum(a and not b for a, b in zip(one, other, strict=True))
        neither = sum(b and not a for a, b in zip(one, other, strict=True))
        p_values.append(min(1.0, 2 * stats.binom.cdf(min(only, neither), only + neither, 0.5)))
        assert (seen.only_treated, seen.only_baseline) == (only, neither)
        assert seen.p_value == pytest.approx(p_values[-1])
    assert check.p_value == pytest.approx(min(1.0, 2 * np.median(p_values)))
    found[0] = replace(found[0], right=None)
    assert compare(found, ("none", "topk")).same_texts == ()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("treated", "arms", "decision", "expected"), [
    (HIGH, 2, "better", ["+10.", "6"]),
    ([2 * low - high for low, high in zip(LOW, HIGH, strict=True)], 2, "worse", ["-10.", "0"]),
    (MIXED, 2, "undetected", ["+0.3", "3"]),
    (HIGH[:5], 2, "too_few", ["+10.", "5", "6"]),
    (HIGH, 3, "too_few", ["+10.", "6", "7"]),
    (LOW, 2, "same", ["6"]),
    (LOW[:2], 2, "same", ["2"]),
])  # fmt: skip
def test_the_verdict_says_what_this_much_evidence_shows(
    treated: list[float], arms: int, decision: str, expected: list[str], lang: str
) -> None:
    names = ("none", "topk", "static")[:arms]
    compared = compare(scored({name: treated if name == "topk" else LOW[: len(treated)] for name in names}), names)
    difference = compared.of("accuracy")[0]
    assert difference.decision == decision
    said = verdict(difference, compared, lang)
    assert "topk" in said
    assert "none" in said
    assert all(number in said for number in expected)
    assert "。 " not in said
    assert (decision == "better") == ({"en": "is better", "zh": "优于"}[lang] in said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_verdict_speaks_of_its_own_metric(lang: str) -> None:
    found = scored({"none": LOW, "topk": HIGH})
    for r in found:
        r.values["test"]["f1"] = 0.9 if r.arm == "none" else 0.5
    compared = compare(found, ("none", "topk"))
    said = {d.metric: verdict(d, compared, lang) for d in compared.differences}
    assert all(text(f"score.{metric}", lang) in sentence for metric, sentence in said.items())
    assert "-40.0" in said["f1"]
    assert {"en": "better in 0 of 6", "zh": "6 个种子中有 0 个"}[lang] in said["f1"]


def test_what_is_undetected_says_how_many_seeds_it_would_take() -> None:
    near = compare(scored({"none": LOW, "topk": MIXED}), ("none", "topk"))
    assert "seeds would be needed to see a difference of 0.5 points" in verdict(near.of("accuracy")[0], near)
    wild = compare(scored({"none": LOW, "topk": [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]}), ("none", "topk"))
    assert "More seeds alone" in verdict(wild.of("accuracy")[0], wild)
    calm = compare(scored({"none": LOW, "topk": [*LOW[:4], LOW[4] + 0.001, LOW[5]]}), ("none", "topk"))
    assert "With 6 seeds, a difference of 0.5 points would probably have been seen" in verdict(
        calm.of("accuracy")[0], calm
    )


@pytest.mark.parametrize("seeds", [6, 10])
def test_arms_that_are_equal_in_every_seed_are_called_so_and_nothing_is_foretold(seeds: int) -> None:
    scores = (LOW * 2)[:seeds]
    same = compare(scored({"none": scores, "topk": [0.1 + (score - 0.1) for score in scores]}), ("none", "topk"))
    (difference,) = same.of("accuracy")
    said = verdict(difference, same)
    assert difference.decision == "same"
    assert f"identical in accuracy at all {seeds} seeds" in said
    assert "needed" not in said
    assert "0.5 points" not in said


def with_tests(tests: int, *, lacks: str = "") -> list[Result]:
    found = scored({"none": LOW, "topk": HIGH})
    for r in found:
        r.values["test"]["confusion"] = [[tests - tests // 2, 0], [0, tests // 2]]
    return [replace(r, absent=(lacks,)) if lacks and r.seed == 1 else r for r in found]


@pytest.mark.parametrize(("tests", "decision"), [(0, "few_texts"), (19, "few_texts"), (20, "better")])
def test_without_enough_test_texts_nothing_is_judged(tests: int, decision: str) -> None:
    compared = compare(with_tests(tests), ("none", "topk"))
    assert {d.decision for d in compared.differences} == {decision}
    said = verdict(compared.of("accuracy")[0], compared)
    assert ("too few to judge" in said) == (decision == "few_texts")
    assert ("is better" in said) == (decision == "better")


def test_labels_that_some_run_had_no_test_text_of_are_named() -> None:
    told = comparing.to_json(compare(with_tests(40, lacks="rare"), ("none", "topk")))
    assert told["notes"] == [
        "Runs without a test text of some label (rare): 2 of 12. Their precision, recall and F1 are averages over the "
        "other labels."
    ]
    assert comparing.to_json(compare(with_tests(40), ("none", "topk")))["notes"] == []


def test_a_comparison_can_be_written_down_with_all_that_the_contract_asks() -> None:
    found = [
        result(arm, seed, score, away=score - 0.1, cell=A)
        for arm, own in {"none": LOW, "topk": HIGH}.items()
        for seed, score in enumerate(own)
    ]
    told = json.loads(json.dumps(comparing.to_json(compare(found, ("none", "topk")))))
    assert [arm["name"] for arm in told["arms"]] == ["none", "topk"]
    for arm, own in zip(told["arms"], (LOW, HIGH), strict=True):
        assert [one["test"]["accuracy"] for one in arm["per_seed"]] == own
        assert {one["run"] for one in arm["per_seed"]} == {r.run for r in found if r.arm == arm["name"]}
        assert all(one["cell"] == {"dropout": 0.1} for one in arm["per_seed"])
        assert arm["ci95"][0] <= arm["mean"]["accuracy"] <= arm["ci95"][1]
        assert arm["sd"] == pytest.approx(np.std(own, ddof=1))
    for difference in told["differences"]:
        assert {
            "arm", "baseline", "metric", "mean", "ci95", "p_value", "adjusted_p", "probability_of_improvement",
            "verdict",
        } <= set(difference)  # fmt: skip
    assert told["differences"][0]["probability_of_improvement"] == 1.0
    assert [one["drop"] for one in told["transfer"]] == pytest.approx([0.1, 0.1])
    assert told["transfer"][1]["home"] == pytest.approx(np.mean(HIGH))


prices = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.tuples(st.integers(0, 5).map(float), st.integers(0, 5).map(float)),
    max_size=8,
)


@given(prices)
def test_the_frontier_is_what_nobody_beats(points: dict[str, tuple[float, float]]) -> None:
    def beaten(name: str) -> bool:
        cost, score = points[name]
        return any(c <= cost and s >= score and (c, s) != (cost, score) for c, s in points.values())

    best = frontier(points)
    assert sorted(best) == sorted(name for name in points if not beaten(name))
    assert [points[name] for name in best] == sorted(points[name] for name in best)


def test_costs_are_ratios_to_the_baseline_within_a_seed() -> None:
    found = [
        result("none", 0, 0.5, seconds=1.0), result("topk", 0, 0.6, seconds=2.0),
        result("none", 1, 0.5, seconds=4.0), result("topk", 1, 0.6, seconds=4.0),
    ]  # fmt: skip
    none, topk = costs(compare(found, ("none", "topk")))
    assert (none["seconds_ratio"], topk["seconds_ratio"]) == (1.0, 1.5)
    assert none["seconds_frontier"]
    assert topk["seconds_frontier"]
    assert topk["training_flops_frontier"]
    assert not none["training_flops_frontier"]  # as dear, and worse

"""Statistics over seeds, against references written slowly and obviously, and against other packages."""

from __future__ import annotations

from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import wilcoxon
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from dynmask_core.data.report import detectable_difference
from dynmask_core.evaluate.statistics import (
    ALPHA,
    LEAST_TEXTS,
    Paired,
    decide,
    holm,
    interval,
    mcnemar,
    paired,
    seeds_needed,
    smallest_p,
)

TEXTS = 300
# Accuracies: whole numbers of texts.
right = st.integers(0, TEXTS)
pairs = st.lists(st.tuples(right, right), min_size=1, max_size=8)


def accuracies(counts: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(counts) / TEXTS
    return both[:, 0], both[:, 1]


def sign_flip_reference(differences: list[int]) -> float:
    """Share of all sign patterns whose sum is at least as far from 0; whole numbers, so that ties are ties."""
    observed = abs(sum(differences))
    sums = [
        abs(sum(sign * d for sign, d in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    return sum(one >= observed for one in sums) / len(sums)


@given(pairs)
def test_the_p_value_counts_all_sign_patterns(counts: list[tuple[int, int]]) -> None:
    found = paired(*accuracies(counts))
    assert found.p_value == pytest.approx(sign_flip_reference([a - b for a, b in counts]), abs=1e-12)


@given(st.permutations(range(1, 9)), st.lists(st.sampled_from([-1, 1]), min_size=8, max_size=8))
def test_on_ranks_the_test_is_wilcoxons(ranks: list[int], signs: list[int]) -> None:
    signed = np.array(ranks) * np.array(signs)
    found = paired(signed.astype(float), np.zeros(8))
    assert found.p_value == pytest.approx(wilcoxon(signed, method="exact").pvalue)


def test_with_many_seeds_drawn_patterns_come_close_to_all_of_them() -> None:
    rng = np.random.default_rng(1)
    counts = [(int(a), int(b)) for a, b in rng.integers(200, 240, (18, 2))]
    exact = sign_flip_reference([a - b for a, b in counts])
    found = paired(*accuracies(counts)).p_value
    assert found == pytest.approx(exact, abs=0.01)
    assert found == paired(*accuracies(counts)).p_value


@given(pairs)
def test_swapping_the_arms_turns_every_sign(counts: list[tuple[int, int]]) -> None:
    one, other = accuracies(counts)
    there, back = paired(one, other), paired(other, one)
    assert back.mean == pytest.approx(-there.mean, abs=1e-12)
    assert back.sd == pytest.approx(there.sd, abs=1e-12)
    assert back.p_value == there.p_value
    assert back.probability_of_improvement == pytest.approx(1 - there.probability_of_improvement)


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_the_seeds_does_not_matter(counts: list[tuple[int, int]], random: object) -> None:
    shuffled = counts.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = paired(*accuracies(counts)), paired(*accuracies(shuffled))
    assert (one.p_value, one.n) == (other.p_value, other.n)
    assert one.probability_of_improvement == pytest.approx(other.probability_of_improvement)
    assert one.ci95 == pytest.approx(other.ci95, abs=1e-6)
    assert (one.mean, one.sd) == pytest.approx((other.mean, other.sd), abs=1e-12)


@given(pairs, st.integers(-300, 300))
def test_what_both_arms_gain_changes_nothing(counts: list[tuple[int, int]], gain: int) -> None:
    one, other = accuracies(counts)
    before, after = paired(one, other), paired(one + gain / 1000, other + gain / 1000)
    assert after.p_value == before.p_value
    assert after.probability_of_improvement == before.probability_of_improvement
    assert after.ci95 == pytest.approx(before.ci95, abs=1e-6)


@given(pairs)
def test_the_mean_lies_in_its_interval_and_all_is_finite(counts: list[tuple[int, int]]) -> None:
    found = paired(*accuracies(counts))
    low, high = found.ci95
    assert low - 1e-6 <= found.mean <= high + 1e-6
    assert np.isfinite([found.mean, found.sd, low, high, found.p_value]).all()
    assert smallest_p(found.n) - 1e-12 <= found.p_value <= 1


def test_rounding_errors_are_neither_improvements_nor_broken_ties() -> None:
    baseline = np.array([0.1, 0.2, 0.3, 0.7, 0.8, 0.6])
    same = np.array([0.1 * 3 / 3, 0.1 + 0.1, 0.1 + 0.2, 0.1 * 7, 0.8, 0.2 * 3])
    assert (same != baseline).any()
    none = paired(same, baseline)
    assert (none.mean, none.sd, none.p_value) == (0, 0, 1)
    assert none.ci95 == (0, 0)
    assert none.probability_of_improvement == 0.5
    up = paired(baseline + 0.1, baseline)
    assert up.sd == 0
    assert up.ci95 == (up.mean, up.mean)
    assert up.p_value == smallest_p(6)


@given(st.lists(right, min_size=1, max_size=12), st.integers(1, 10_000), st.sampled_from([1.0, 100.0, 1e-3]))
def test_a_gain_that_every_seed_shares_has_no_spread(counts: list[int], texts: int, unit: float) -> None:
    baseline = unit * np.array(counts) / 10_000
    found = paired(baseline + unit / texts, baseline)
    assert found.sd == 0
    assert found.ci95 == (found.mean, found.mean)
    assert found.p_value == smallest_p(found.n)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=12))
@example([0.0, 0.0, 5e-324])
@example([0.0, 0.0, 3e-290])
def test_an_interval_is_found_whatever_the_values(values: list[float]) -> None:
    low, high = interval(np.array(values))
    slack = 1e-6 * (max(values) - min(values)) + 1e-12
    assert min(values) - slack <= low <= high <= max(values) + slack


def test_one_seed_proves_nothing() -> None:
    found = paired(np.array([0.9]), np.array([0.5]))
    assert (found.n, found.sd, found.p_value, found.probability_of_improvement) == (1, 0, 1, 1)
    assert found.ci95 == (found.mean, found.mean)


def test_scores_that_are_not_pairs_are_refused() -> None:
    for one, other in [(np.ones(3), np.ones(2)), (np.ones(0), np.ones(0)), (np.ones((2, 2)), np.ones((2, 2)))]:
        with pytest.raises(ValueError, match="same seeds"):
            paired(one, other)
    with pytest.raises(ValueError, match="finite"):
        paired(np.array([1.0, np.nan]), np.ones(2))


def test_equal_seeds_count_half_an_improvement() -> None:
    assert paired(np.array([2.0, 1, 1, 0]), np.array([1.0, 1, 1, 1])).probability_of_improvement == 0.5
    assert paired(np.array([2.0, 2, 1, 1]), np.array([1.0, 1, 1, 1])).probability_of_improvement == 0.75


def bca_reference(values: list[int]) -> tuple[float, float]:
    """Efron's formulas over every resample there is, n^n of them."""
    normal, mean = NormalDist(), float(np.mean(values))
    sums = np.sort([sum(drawn) for drawn in product(values, repeat=len(values))])
    below = float(((sums < sum(values)).mean() + (sums <= sum(values)).mean()) / 2)
    z0 = normal.inv_cdf(below)
    left_out = [mean - (sum(values) - value) / (len(values) - 1) for value in values]
    a = sum(d**3 for d in left_out) / (6 * sum(d**2 for d in left_out) ** 1.5)
    ends = []
    for level in (0.025, 0.975):
        z = z0 + normal.inv_cdf(level)
        ends.append(float(np.quantile(sums, normal.cdf(z0 + z / (1 - a * z)))) / len(values))
    return ends[0], ends[1]


@pytest.mark.parametrize("values", [[0, 1, 1, 2, 9], [-30, -4, 0, 2, 5, 7], [3, 3, 3, 4, 4, 4]])
def test_the_interval_is_efrons(values: list[int]) -> None:
    # About 10,000 of the resamples are drawn, and the ends lie between their steps.
    scale = max(values) - min(values)
    assert interval(np.array(values) / 100) == pytest.approx(np.array(bca_reference(values)) / 100, abs=scale * 4e-4)


def test_the_interval_holds_the_mean_as_often_as_its_docstring_says() -> None:
    rng = np.random.default_rng(0)
    held = [low <= 0 <= high for low, high in (interval(rng.normal(size=10)) for _ in range(1000))]
    assert 0.87 < np.mean(held) < 0.94


def test_the_smallest_p_of_a_few_seeds() -> None:
    assert [smallest_p(n) for n in (1, 2, 5, 6)] == [1.0, 0.5, 0.0625, 0.03125]
    assert smallest_p(10) == pytest.approx(0.00195, abs=1e-5)
    for n in (2, 5, 6, 10):
        assert paired(np.arange(n) + 1.0, np.zeros(n)).p_value == smallest_p(n)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_is_that_of_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


@given(st.lists(st.floats(0, 1), max_size=20))
def test_holm_keeps_the_order_and_makes_no_p_smaller(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= new <= 1 for p, new in zip(p_values, adjusted, strict=True))
    assert [new for _, new in sorted(zip(p_values, adjusted, strict=True))] == sorted(adjusted)


def answers(both: int, only_treated: int, only_baseline: int, none: int) -> tuple[np.ndarray, np.ndarray]:
    treated = [True] * both + [True] * only_treated + [False] * only_baseline + [False] * none
    baseline = [True] * both + [False] * only_treated + [True] * only_baseline + [False] * none
    return np.array(treated), np.array(baseline)


@given(st.tuples(*[st.integers(0, 40)] * 4))
def test_mcnemar_is_that_of_statsmodels(table: tuple[int, int, int, int]) -> None:
    both, treated, baseline, none = table
    found = mcnemar(*answers(*table))
    assert (found.only_treated, found.only_baseline) == (treated, baseline)
    if treated + baseline:
        expected = reference_mcnemar([[both, treated], [baseline, none]], exact=True).pvalue
        assert found.p_value == pytest.approx(expected)
    else:
        assert found.p_value == 1


def test_mcnemar_on_published_counts() -> None:
    # Agresti, Categorical Data Analysis (1990), table 10.1: approval of a prime minister, asked twice.
    found = mcnemar(*answers(794, 150, 86, 570))
    assert found.p_value == pytest.approx(3.716e-5, rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.005, 0.05), st.floats(0.003, 0.1), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_seeds_needed_are_the_fewest_with_that_power(sd: float, difference: float, power: float) -> None:
    needed = seeds_needed(sd, difference, power)

    def reference(n: int) -> float:
        return float(TTestPower().power(difference / sd, n, ALPHA / 2, alternative="larger"))

    if needed > 6:
        assert reference(needed - 1) < power
    if needed < 10_000 and difference / sd < 2.5:  # the reference gives no number for larger effects
        assert reference(needed) >= power - 1e-9


def test_the_seeds_needed_have_a_floor_and_a_ceiling() -> None:
    assert seeds_needed(1e-9, 0.01) == 6
    assert seeds_needed(0.01, 0.0) == seeds_needed(1.0, 1e-9) == 10_000
    assert seeds_needed(0.02, -0.01) == seeds_needed(0.02, 0.01) == 34
    assert seeds_needed(1e-9, 0.01, alpha=0.05 / 4) == 8


def test_the_power_is_reached_by_the_exact_test_too() -> None:
    needed, rng = seeds_needed(0.02, 0.02), np.random.default_rng(0)
    seen = [paired(rng.normal(0.02, 0.02, needed), np.zeros(needed)).p_value <= ALPHA for _ in range(400)]
    assert np.mean(seen) > 0.74


def decided(mean: float, p: float, seeds: int, comparisons: int, *, sd: float = 0.01, texts: int = 100) -> str:
    return decide(Paired(seeds, mean, sd, (mean, mean), p, 0.5), p, comparisons, texts)


def test_a_verdict_needs_seeds_and_a_small_p() -> None:
    assert decided(0.1, 0.0625, 5, 1) == "too_few"
    assert decided(0.1, 0.03125, 6, 1) == "better"
    assert decided(0.1, 0.09375, 6, 3) == "too_few"
    assert decided(-0.1, 0.03, 10, 3) == "worse"
    assert decided(-0.1, 0.06, 10, 3) == "undetected"
    assert decided(0.0, 1.0, 10, 1) == "undetected"
    assert decided(0.1, 0.05, 10, 1) == "better"


def test_a_verdict_needs_test_texts() -> None:
    assert decided(0.1, 0.001, 10, 1, texts=LEAST_TEXTS) == "better"
    for texts in (0, 1, LEAST_TEXTS - 1):
        assert decided(0.1, 0.001, 10, 1, texts=texts) == "few_texts"
        assert decided(0.0, 1.0, 10, 1, sd=0, texts=texts) == "few_texts"
    # Why 20: one text is worth five points, and an accuracy of 0.8 has an interval of about 18 points to each side.
    assert 100 / LEAST_TEXTS == 5
    assert detectable_difference(LEAST_TEXTS) == pytest.approx(17.5, abs=0.1)


@given(st.lists(right, min_size=1, max_size=12))
def test_equal_scores_in_every_seed_are_the_same_and_foretell_nothing(counts: list[int]) -> None:
    scores = np.array(counts) / TEXTS
    found = paired(scores, scores)
    assert decide(found, found.p_value, 1, TEXTS) == "same"
    with pytest.raises(ValueError, match="nothing"):
        seeds_needed(found.sd, 0.005)


@given(st.lists(right, min_size=6, max_size=12))
def test_a_gain_of_one_text_in_every_seed_is_no_sameness(counts: list[int]) -> None:
    scores = np.array(counts) / (TEXTS + 1)
    found = paired(scores + 1 / (TEXTS + 1), scores)
    assert (found.sd, decide(found, found.p_value, 1, TEXTS)) == (0, "better")

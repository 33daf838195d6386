"""Statistics of paired arms: the same seeds under two masks, or the same texts under two models.

Only exact tests decide, adjusted for the number of comparisons; intervals describe.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dynmask_core.keys import generator
from dynmask_core.lazy import stats

ALPHA = 0.05
"""How often a difference may be declared although there is none, over all comparisons with one baseline."""
RESAMPLES = 100_000
"""Sign patterns that the permutation test tries: all 2^n if there are no more than this (up to 16 seeds), else this
many at random."""
BATCH = 1_000
"""Resamples held in memory at once."""
MAX_SEEDS = 10_000
SMALLEST = 1e-290
"""Smaller differences cannot be averaged: floats have fewer digits there."""
LEAST_TEXTS = 20
"""With fewer test texts nothing is judged: one text is then more than five points, and the 95 % interval of a single
accuracy of 0.8 reaches 18 points to each side or more."""

Decision = Literal["better", "worse", "undetected", "same", "too_few", "few_texts"]


@dataclass(frozen=True)
class Paired:
    """n pairs. mean, sd: of the differences treated − baseline, in the unit of the scores (ddof 1; 0 for one pair).

    ci95: see `interval`; with ten seeds it is too narrow for a decision. p_value: exact, see `paired`.
    probability_of_improvement: share of pairs in which treated is better, in [0, 1]; a tie counts as half.
    """

    n: int
    mean: float
    sd: float
    ci95: tuple[float, float]
    p_value: float
    probability_of_improvement: float


def paired(treated: np.ndarray, baseline: np.ndarray) -> Paired:
    """Compares scores of two arms, where more is better: float [n] each, the same seeds in the same order, n ≥ 1.

    p_value: two-sided sign-flip test of the mean (Fisher 1935): if the arms were equal, each difference could just as
    well have the other sign. 1.0 for one pair, and if no pair differs. Differences that are equal up to rounding
    count as equal. The interval and the test do not always agree: the exact test decides, the interval describes.
    Raises ValueError if the shapes differ or are not [n], n is 0, or a score is not finite.
    """
    one, other = np.asarray(treated, dtype=np.float64), np.asarray(baseline, dtype=np.float64)
    if one.ndim != 1 or one.shape != other.shape or not len(one):
        raise ValueError(f"scores of the same seeds are wanted, not {one.shape} and {other.shape}")
    difference = one - other
    if not np.isfinite(difference).all():
        raise ValueError("a score is not a finite number")
    # 0.81 − 0.80 and 0.71 − 0.70 differ in their last bits; a rounding error is no improvement.
    noise = _rounding(np.concatenate([one, other]))
    difference[np.abs(difference) <= noise] = 0.0
    if np.ptp(difference) <= 2 * noise:
        difference[:] = difference.mean()
    return Paired(
        n=len(one),
        mean=float(difference.mean()),
        sd=float(difference.std(ddof=1)) if np.ptp(difference) else 0.0,
        ci95=interval(difference),
        p_value=_sign_flip(difference),
        probability_of_improvement=float(((np.sign(difference) + 1) / 2).mean()),
    )


def interval(values: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the mean of float [n] values, n ≥ 1: bootstrap, bias-corrected and accelerated (BCa, Efron
    1987).

    (mean, mean) if all values are equal. The same values in another order give the same interval. With ten values it
    misses the true mean in about one case in ten instead of one in twenty: it is too narrow for a decision.
    """
    values = np.sort(np.asarray(values, dtype=np.float64))  # so that the order of the seeds does not matter
    if np.ptp(values) <= _rounding(values):
        return float(values.mean()), float(values.mean())
    above = values - values[0]
    mean, unit = _mean_of(above)
    drawn = stats.bootstrap((above,), mean, vectorized=True, batch=BATCH, method="BCa", rng=generator(0, "bootstrap"))
    low, high = (float(values[0] + end * unit) for end in drawn.confidence_interval)
    return low, high


def smallest_p(n: int) -> float:
    """The smallest p-value that n ≥ 1 pairs can give, when all differences have one sign: 2 of 2^n sign patterns."""
    return min(1.0, 2.0 / 2.0**n)


def smallest_adjusted_p(seeds: int, comparisons: int) -> float:
    """The smallest p-value that one of `comparisons` can have over `seeds` after Holm's correction."""
    return min(1.0, smallest_p(seeds) * comparisons)


def least_seeds(comparisons: int = 1, alpha: float = ALPHA) -> int:
    """The fewest seeds with which one of `comparisons` can be declared at all: 6 for one, 7 for two or three."""
    return next(n for n in range(1, MAX_SEEDS) if smallest_adjusted_p(n, comparisons) <= alpha)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for their number (Holm 1979), in the order given. A difference holds if its own is ≤ ALPHA."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def decide(measured: Paired, adjusted_p: float, comparisons: int, texts: int) -> Decision:
    """The verdict on differences treated − baseline: more is better, the p-value is adjusted for all `comparisons`.

    texts: test texts per seed. "few_texts": fewer than LEAST_TEXTS. "same": equal scores in every seed. "too_few": with
    so few seeds, even the largest difference cannot be declared. "undetected": no difference was found, which does not
    mean that there is none.
    """
    if texts < LEAST_TEXTS:
        return "few_texts"
    if measured.mean == measured.sd == 0:
        return "same"
    if smallest_adjusted_p(measured.n, comparisons) > ALPHA:
        return "too_few"
    if adjusted_p > ALPHA:
        return "undetected"
    return "better" if measured.mean > 0 else "worse"


@dataclass(frozen=True)
class McNemar:
    """only_treated, only_baseline: how many texts only that model gets right. p_value: exact, two-sided."""

    only_treated: int
    only_baseline: int
    p_value: float


def mcnemar(treated_right: np.ndarray, baseline_right: np.ndarray) -> McNemar:
    """Compares two trained models on the same texts, bool [N] each (McNemar 1947, exact binomial form).

    The result holds for these two models only: another seed trains others. The p-value is 1.0 if both models get the
    same texts right.
    """
    one, other = np.asarray(treated_right, dtype=bool), np.asarray(baseline_right, dtype=bool)
    if one.shape != other.shape:
        raise ValueError(f"the same texts are wanted, not {one.shape} and {other.shape}")
    only_treated, only_baseline = int((one & ~other).sum()), int((~one & other).sum())
    discordant = only_treated + only_baseline
    p_value = float(stats.binomtest(only_treated, discordant).pvalue) if discordant else 1.0
    return McNemar(only_treated, only_baseline, p_value)


def seeds_needed(sd: float, difference: float, power: float = 0.8, alpha: float = ALPHA) -> int:
    """How many seeds detect a true `difference` with this power, in a two-sided test of paired differences.

    sd: of the paired differences, > 0, in the same unit as `difference`; without spread there is nothing to compute
    from (ValueError). Computed with the noncentral t distribution,
    which is close to the exact test; at least as many seeds as an exact test needs to reach alpha at all (6 for 0.05),
    at most MAX_SEEDS.
    """
    if not sd > 0:
        raise ValueError("equal differences say nothing about other seeds")
    least = least_seeds(alpha=alpha)
    if difference == 0:
        return MAX_SEEDS
    effect = min(abs(difference) / sd, 10.0)  # one of ten standard deviations is seen at once

    def seen(n: int) -> float:
        # Only the tail with the right sign is counted: the other one is almost 0.
        return float(stats.nct.sf(stats.t.ppf(1 - alpha / 2, n - 1), n - 1, effect * np.sqrt(n)))

    return min(least + bisect_left(range(least, MAX_SEEDS), power, key=seen), MAX_SEEDS)


def _sign_flip(difference: np.ndarray) -> float:
    if len(difference) == 1 or not difference.any():
        return 1.0
    mean, _ = _mean_of(difference)
    test = stats.permutation_test(
        (np.sort(difference),),
        mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=BATCH,
        rng=generator(0, "sign flips"),
    )
    return float(test.pvalue)


def _rounding(values: np.ndarray) -> float:
    """Numbers computed from these values that differ by less than this differ only by rounding."""
    return max(1e-12 * float(np.abs(values).max()), SMALLEST)


def _mean_of(values: np.ndarray) -> tuple[Callable[..., np.ndarray], float]:
    """A function that gives means as whole multiples of a unit, and that unit: half of a float's digits below the
    largest value.

    Means that are mathematically equal then compare as equal, in any order of summation. The tests count ties.
    """
    exponent = 26 - int(np.frexp(np.abs(values).max())[1])

    def mean(sample: np.ndarray, axis: int = -1) -> np.ndarray:
        whole: np.ndarray = np.rint(np.ldexp(sample.mean(axis), exponent))
        return whole

    return mean, float(np.ldexp(1.0, -exponent))

"""Honest statistics of paired arms: the same seeds under two masks, or the same texts under two models.

A decision rests on exact tests alone, adjusted for the number of comparisons; intervals describe.
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
"""How often a difference may be declared where there is none, over all comparisons with one baseline together."""
RESAMPLES = 100_000
"""Sign patterns of the permutation test: all 2^n of them where there are no more than this (16 seeds), else drawn."""
BATCH = 1_000
"""Resamples held in memory at once."""
MAX_SEEDS = 10_000

Decision = Literal["better", "worse", "undetected", "too_few"]


@dataclass(frozen=True)
class Paired:
    """n pairs; mean and sd (ddof 1; 0 for one pair) of treated − baseline, in the unit of the scores.

    ci95: see `interval`; from ten seeds it is too narrow to decide by. p_value: exact, see `paired`.
    probability_of_improvement: share of pairs in which treated is better, in [0, 1]; equal ones count half.
    """

    n: int
    mean: float
    sd: float
    ci95: tuple[float, float]
    p_value: float
    probability_of_improvement: float


def paired(treated: np.ndarray, baseline: np.ndarray) -> Paired:
    """Compares scores, more is better: float [n] each, the same seeds in the same order, n ≥ 1.

    p_value: two-sided sign-flip test of the mean (Fisher 1935): were the arms alike, each difference could as well have
    had the other sign. 1.0 for one pair, and where no pair differs. Differences equal up to rounding count as equal.
    The interval and the test do not always agree: the exact test decides, the interval describes.
    Raises ValueError where the shapes differ or are not [n], n is 0, or a score is not finite.
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
    """The 95 % interval of a mean, float [n], n ≥ 1: bootstrap, bias-corrected and accelerated (BCa, Efron 1987).

    (mean, mean) where all values are equal. Equal values give equal intervals, in any order. From ten values it misses
    the true mean in about one case of ten and not in one of twenty: it is too narrow to decide by.
    """
    values = np.sort(np.asarray(values, dtype=np.float64))  # what is drawn must not depend on the order of the seeds
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
    """The smallest p-value that Holm's correction can leave to one of so many comparisons, over so many seeds."""
    return min(1.0, smallest_p(seeds) * comparisons)


def least_seeds(comparisons: int = 1, alpha: float = ALPHA) -> int:
    """The fewest seeds with which one of so many comparisons can be declared at all: 6 for one, 7 for two or three."""
    return next(n for n in range(1, MAX_SEEDS) if smallest_adjusted_p(n, comparisons) <= alpha)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given (Holm 1979): at most ALPHA where the comparison stands among all of them."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def decide(mean: float, adjusted_p: float, seeds: int, comparisons: int) -> Decision:
    """The verdict on a difference treated − baseline, more is better, its p-value adjusted for all `comparisons`.

    "too_few": so few seeds cannot declare any difference, however large; "undetected" does not say that there is none.
    """
    if smallest_adjusted_p(seeds, comparisons) > ALPHA:
        return "too_few"
    if adjusted_p > ALPHA:
        return "undetected"
    return "better" if mean > 0 else "worse"


@dataclass(frozen=True)
class McNemar:
    """only_treated, only_baseline: how many texts that model alone has right. p_value: exact, two-sided."""

    only_treated: int
    only_baseline: int
    p_value: float


def mcnemar(treated_right: np.ndarray, baseline_right: np.ndarray) -> McNemar:
    """Compares two trained models on the same texts, bool [N] each (McNemar 1947, exact binomial form).

    It speaks of these two models only: another seed trains others. 1.0 where no text tells them apart.
    """
    one, other = np.asarray(treated_right, dtype=bool), np.asarray(baseline_right, dtype=bool)
    if one.shape != other.shape:
        raise ValueError(f"the same texts are wanted, not {one.shape} and {other.shape}")
    only_treated, only_baseline = int((one & ~other).sum()), int((~one & other).sum())
    discordant = only_treated + only_baseline
    p_value = float(stats.binomtest(only_treated, discordant).pvalue) if discordant else 1.0
    return McNemar(only_treated, only_baseline, p_value)


def seeds_needed(sd: float, difference: float, power: float = 0.8, alpha: float = ALPHA) -> int:
    """How many seeds see a true `difference` with that power, in a two-sided test of paired differences of that sd.

    sd ≥ 0 and difference in the same unit. By the noncentral t distribution, close to the exact test's; at least as
    many as an exact test needs to reach alpha at all (6 for 0.05), at most MAX_SEEDS.
    """
    least = least_seeds(alpha=alpha)
    if difference == 0:
        return MAX_SEEDS
    # An effect of ten standard deviations is seen at once, and the distribution is not defined for sd 0.
    effect = min(abs(difference) / sd, 10.0) if sd > 0 else 10.0

    def seen(n: int) -> float:
        # Declared with the right sign: the other tail is next to nothing.
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
    """Below this, numbers computed from such values differ by rounding alone."""
    return 1e-12 * float(np.abs(values).max())


def _mean_of(values: np.ndarray) -> tuple[Callable[..., np.ndarray], float]:
    """A mean in whole multiples of a unit, and the unit: half of a float's digits below the largest value.

    Means that are equal on paper are then equal, however they were summed. Counting ties decides these tests.
    """
    exponent = 26 - int(np.frexp(np.abs(values).max())[1])

    def mean(sample: np.ndarray, axis: int = -1) -> np.ndarray:
        whole: np.ndarray = np.rint(np.ldexp(sample.mean(axis), exponent))
        return whole

    return mean, float(np.ldexp(1.0, -exponent))

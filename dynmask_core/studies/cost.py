"""Accuracy against cost: which arms no other arm beats at their cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dynmask_core.studies.comparison import Comparison

COSTS = ("seconds", "training_flops")


def frontier(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """points: name → (cost, score). Returns the names that no other beats, by ascending cost. To beat is to be better
    at no higher cost, or cheaper with no lower score."""
    best, price, found = float("-inf"), float("-inf"), []
    for name, (cost, score) in sorted(points.items(), key=lambda item: (item[1][0], -item[1][1])):
        if score > best or (cost, score) == (price, best):
            best, price = score, cost
            found.append(name)
    return found


def costs(comparison: Comparison) -> list[dict[str, Any]]:
    """Per arm: its means, its cost relative to the baseline's (mean of the ratios), and if it is on the frontier."""
    baseline = comparison.arms[0]
    scores = {arm: float(comparison.scores(arm).mean()) for arm in comparison.arms}
    mean = {cost: {arm: float(comparison.numbers(arm, cost).mean()) for arm in comparison.arms} for cost in COSTS}
    best = {cost: frontier({arm: (mean[cost][arm], scores[arm]) for arm in comparison.arms}) for cost in COSTS}
    return [
        {
            "arm": arm,
            "accuracy": scores[arm],
            "kept_fraction": float(comparison.numbers(arm, "kept_fraction").mean()),
            **{cost: mean[cost][arm] for cost in COSTS},
            **{
                f"{cost}_ratio": float((comparison.numbers(arm, cost) / comparison.numbers(baseline, cost)).mean())
                for cost in COSTS
            },
            **{f"{cost}_frontier": arm in best[cost] for cost in COSTS},
        }
        for arm in comparison.arms
    ]

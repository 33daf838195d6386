"""Threshold after training, over seeds: does the mask know which words can go, and is another θ better?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dynmask_core.analysis.thresholds import Thresholds, known, thresholds
from dynmask_core.evaluate.statistics import interval
from dynmask_core.messages import Words, say
from dynmask_core.studies.questions.base import Curves, Question, Series


def read(arm: str, answers: Mapping[int, Thresholds], own_texts: bool) -> tuple[list[Series], Words]:
    fixed = [one.why_not for one in answers.values() if one.why_not]
    if fixed:  # a mask has a θ in all seeds or in none
        return [], say(f"thresholds.why.{fixed[0]}", arm=arm)
    tests = {seed: one.parts["test"] for seed, one in answers.items()}
    texts = min(test.texts for test in tests.values())
    own, other = (
        {seed: float(np.mean(getattr(test, name))) for seed, test in tests.items()}
        for name in ("accuracy", "random_mean")
    )
    chosen, trained = (
        {seed: test.accuracy[getattr(answers[seed], name)] for seed, test in tests.items()}
        for name in ("chosen", "trained")
    )
    found = [Series(arm, "curve", "random", own, other, texts)]
    return [*found, Series(arm, "chosen", "trained", chosen, trained, texts)], ""


def curves(answers: Sequence[Thresholds]) -> Curves | None:
    """None if the runs were trained at different θ, so that their curves have different points."""
    if len({tuple(one.thetas) for one in answers}) > 1:
        return None
    tests = [one.parts["test"] for one in answers]
    own, random, kept, flops = (
        np.array([getattr(test, name) for test in tests]) for name in ("accuracy", "random_mean", "kept", "flops")
    )
    cost = flops / np.maximum(flops[:, :1], 1)
    own_ends, random_ends = (tuple(interval(column) for column in values.T) for values in (own, random))
    means = [tuple(values.mean(0).tolist()) for values in (own, random, kept, cost)]
    return Curves(tuple(answers[0].thetas), means[0], own_ends, means[1], random_ends, means[2], means[3])


THRESHOLDS = Question("thresholds", ("curve", "chosen"), ("chosen",), thresholds, known, read, curves)

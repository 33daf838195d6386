"""Tests the verdicts themselves: how often they see a difference that is not there, and one that is.

An arm compared with itself under other random numbers (A/A) differs by chance alone. If some of the treated arm's wrong
answers are then corrected, the true difference is known, and the noise between seeds stays real.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy import stats

from dynmask_core.bench.timing import Row
from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import Columns, Dataset, Table, build
from dynmask_core.data.planted import planted
from dynmask_core.evaluate.statistics import ALPHA, Paired, decide, paired
from dynmask_core.events import Finished
from dynmask_core.keys import generator
from dynmask_core.training.fit import fit

ARMS = ("dropout:0.3", "dropout:0.3:draw=1")
MODEL = ModelConfig(dim=16, heads=2, layers=1, dropout=0.1, embedding_dropout=0.1)
SIZES = {"train": 200, "validation": 40, "test": 400}
ADVANTAGE = 0.03
MOST_FALSE_ALARMS, LEAST_POWER = 0.07, 0.8


def texts() -> Dataset:
    """A few short planted texts with a tenth of the labels wrong, so that no score is perfect and seeds differ."""
    table = planted(
        texts=sum(SIZES.values()), keywords=6, noise_words=100, length=(4, 8), keywords_per_text=(2, 2), flip=0.1
    ).table
    frame = table.frame.assign(split=np.repeat(list(SIZES), list(SIZES.values())))
    return build(Table(frame, "jsonl"), Columns("text", "label", "split"))[0]


def accuracies(dataset: Dataset, seed: int, epochs: int) -> tuple[float, float]:
    """Test accuracies in [0, 1] of baseline and treated arm, trained side by side from this seed as in any run."""
    training = TrainConfig(epochs=epochs, learning_rate=0.02, average=0.8, seed=seed, device="cpu")
    *_, last = fit(ExperimentConfig(DataConfig("planted"), MODEL, train=training, arms=ARMS), dataset)
    assert isinstance(last, Finished)
    baseline, treated = (float(arm["test"]["accuracy"]) for arm in last.arms)
    return baseline, treated


def corrected(accuracy: np.ndarray, texts: int, advantage: float) -> np.ndarray:
    """float [C, S]: the accuracies after some wrong answers are corrected at random.

    accuracy: float [C, S], of C comparisons and S seeds. texts: how many texts it was measured on.
    Each wrong answer is corrected with probability advantage / (1 − accuracy), so the expected gain is always
    `advantage`. The random numbers are keyed by comparison and seed.
    """
    wrong = np.rint((1 - accuracy) * texts).astype(np.int64)
    chance = np.minimum(advantage * texts / np.maximum(wrong, 1), 1)
    right = [
        [generator(c, "corrected", s).binomial(wrong[c, s], chance[c, s]) for s in range(accuracy.shape[1])]
        for c in range(len(accuracy))
    ]
    gained: np.ndarray = accuracy + np.array(right) / texts
    return gained


def judged(baseline: np.ndarray, treated: np.ndarray, texts: int = SIZES["test"]) -> list[Row]:
    """How often the comparisons declare a difference, between equal arms and with a planted difference.

    baseline, treated: float [C, S], accuracies of equal arms, in C comparisons of S seeds each. A ratio of 1 is the
    expected or wanted share; its spread is the exact 95 % interval (Clopper & Pearson 1934).
    """
    alike = [paired(*pair) for pair in zip(treated, baseline, strict=True)]
    better = [paired(*pair) for pair in zip(corrected(treated, texts, ADVANTAGE), baseline, strict=True)]
    noise = f"sd of a paired difference {100 * np.mean([one.sd for one in alike]):.1f} points"
    due = f"{ALPHA:.0%} by chance"
    return [
        _row(
            "A/A: a difference declared", due, ALPHA,
            [_verdict(one) in ("better", "worse") for one in alike],
            f"at most {MOST_FALSE_ALARMS:.0%} wanted; {noise}",
        ),
        _row(
            "A/A: bootstrap interval without 0", due, ALPHA,
            [not one.ci95[0] <= 0 <= one.ci95[1] for one in alike],
            "why the exact test decides",
        ),
        _row(
            f"{100 * ADVANTAGE:.0f} points planted: declared better", f"{LEAST_POWER:.0%} wanted", LEAST_POWER,
            [_verdict(one) == "better" for one in better],
            f"{100 * np.mean([one.mean for one in better]):.1f} points seen on average",
        ),
    ]  # fmt: skip


def trained(comparisons: int, seeds: int, epochs: int) -> tuple[np.ndarray, np.ndarray]:
    """float [C, S] test accuracies of baseline and treated arm. No trained model is used in two comparisons."""
    torch.set_num_threads(1)
    dataset = texts()
    pairs = [accuracies(dataset, seed, epochs) for seed in range(comparisons * seeds)]
    baseline, treated = np.array(pairs).reshape(comparisons, seeds, 2).transpose(2, 0, 1)
    return baseline, treated


def run(comparisons: int = 200, seeds: int = 10, epochs: int = 4) -> list[Row]:
    """See `judged`. Takes minutes."""
    return judged(*trained(comparisons, seeds, epochs))


def _verdict(one: Paired) -> str:
    return decide(one, one.p_value, comparisons=1, texts=SIZES["test"])


def _row(name: str, peer: str, expected: float, declared: Sequence[bool], note: str) -> Row:
    found = stats.binomtest(sum(declared), len(declared))
    ends = found.proportion_ci(method="exact")
    spread = (float(ends.low) / expected, float(ends.high) / expected)
    share = f"{found.k} of {found.n} ({found.statistic:.1%}), "
    return Row(name, peer, float(found.statistic) / expected, spread, share + note)

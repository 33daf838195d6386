"""What a mask costs: a training step of each strategy against one without a mask; and what it costs to record the masks
and attention of the watched sentences."""

from __future__ import annotations

import time

import numpy as np

from dynmask_core.bench.steps import Stepper
from dynmask_core.bench.timing import Row, speed_up, take_turns
from dynmask_core.config import Controls, DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data.check import build
from dynmask_core.data.samples import load_sample
from dynmask_core.events import EpochEnd
from dynmask_core.masks import REGISTRY
from dynmask_core.training.fit import fit
from dynmask_core.training.probes import choose_probes

MODEL = ModelConfig()
PEER = "none"


def run(rounds: int = 30) -> list[Row]:
    """The default model on 32 texts of 20 words. A ratio of 0.95 means 5 % slower than no mask. θ removes no token."""
    contestants = {PEER: Stepper(PEER, MODEL, tokens=20, vocabulary=4000)}
    for name in REGISTRY:
        if name != PEER:
            contestants[name] = Stepper(name, MODEL, tokens=20, vocabulary=4000, epoch=5)
    seconds = take_turns(contestants, rounds)
    rows = [speed_up(seconds, name, PEER) for name in contestants if name != PEER]
    return [*rows, recording()]


def recording(epochs: int = 4) -> Row:
    """How fast an epoch of one arm is with masks and attention of the probes recorded, against one without."""
    dataset, _ = build(load_sample("english_sentiment"))
    probes = choose_probes(dataset, 0)
    config = ExperimentConfig(
        DataConfig("sample:english_sentiment"),
        controls=Controls(),
        train=TrainConfig(epochs=epochs, device="cpu"),
        arms=("repaired",),
    )
    with_probes: list[float] = []
    without: list[float] = []
    # The two runs, with and without probes, take turns epoch by epoch.
    runs = (fit(config, dataset, probes=lambda: probes), fit(config, dataset))
    for _ in range(epochs + 1):
        for run_, seconds in zip(runs, (with_probes, without), strict=True):
            began = time.perf_counter()
            while not isinstance(next(run_), EpochEnd):
                pass
            seconds.append(time.perf_counter() - began)
    share = np.array(without[1:]) / np.array(with_probes[1:])
    low, middle, high = np.quantile(share, [0.25, 0.5, 0.75])
    return Row("an epoch with probes recorded", "without", float(middle), (float(low), float(high)))

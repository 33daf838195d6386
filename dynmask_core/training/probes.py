"""Chooses the sentences to watch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dynmask_core.data.dataset import Dataset
from dynmask_core.data.media import TEXT
from dynmask_core.events import Probe
from dynmask_core.inputs import Input
from dynmask_core.keys import generator

PROBES = 8
READABLE = (4, 24)
"""Least and most tokens of a sentence that is easy to read; other sentences are chosen only if these run out."""


def choose_probes(
    dataset: Dataset, seed: int, count: int = PROBES, sample: Callable[[Dataset, int], str] = Input.sample
) -> tuple[Probe, ...]:
    """Validation sentences, classes in turn; training sentences if there is no validation part. Never test texts.

    sample: see Input.sample.
    """
    rows = dataset.rows("validation")
    rows = generator(seed, "probes").permutation(rows if len(rows) else dataset.rows("train"))
    size = np.array([len(dataset.spans[row]) for row in rows])
    readable = (size >= READABLE[0]) & (size <= READABLE[1]) | (dataset.medium != TEXT)
    rows = np.concatenate([rows[readable], rows[~readable]])
    turns: dict[int, int] = {}
    keyed = []
    for order, row in enumerate(rows):
        label = int(dataset.labels[row])
        turns[label] = turns.get(label, 0) + 1
        keyed.append((turns[label], order, row))
    chosen = [row for _, _, row in sorted(keyed)[:count]]
    labels = [int(dataset.labels[row]) if dataset.classes else None for row in chosen]
    return tuple(
        Probe(sample(dataset, row), label, whole=place == 0)
        for place, (row, label) in enumerate(zip(chosen, labels, strict=True))
    )

"""Timing on noisy machines: contestants take turns, and only times of the same round are compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Row:
    """One result. ratio: how many times as fast, or as good, as its peer. spread: its first and third quartile."""

    name: str
    peer: str
    ratio: float
    spread: tuple[float, float]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "peer": self.peer,
            "ratio": round(self.ratio, 3),
            "spread": [round(value, 3) for value in self.spread],
            "note": self.note,
        }


def take_turns(contestants: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 3) -> dict[str, np.ndarray]:
    """Each contestant's seconds, float64 [rounds]. In every round each runs once, in rotating order."""
    names = list(contestants)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(warm_up + rounds):
        for place in range(len(names)):
            name = names[(place + turn) % len(names)]
            began = time.perf_counter()
            contestants[name]()
            if turn >= warm_up:
                seconds[name].append(time.perf_counter() - began)
    return {name: np.array(values) for name, values in seconds.items()}


def speed_up(seconds: Mapping[str, np.ndarray], name: str, peer: str) -> Row:
    """How many times as fast `name` is as `peer`: the median of the ratios within each round."""
    ratios = seconds[peer] / seconds[name]
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    return Row(name, peer, float(middle), (float(low), float(high)))

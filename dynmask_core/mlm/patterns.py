"""How much of its texts a model is ever asked about: what one mask, ten masks and ever new masks differ in."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dynmask_core.mlm.corruption import Corruption


def share_ever_masked(
    corruption: Corruption,
    ids: np.ndarray,
    maskable: np.ndarray,
    word_ids: np.ndarray | None,
    sample: np.ndarray,
    epochs: int,
    *,
    seed: int = 0,
) -> np.ndarray:
    """float64 [epochs]: the share of the maskable tokens that were to be guessed in one of the epochs 1 … e.

    The other arguments are those of `Corruption.corrupt`; progress runs from 0 in epoch 1 to 1 in the last.
    """
    return ever(
        (
            corruption.choose(ids, maskable, word_ids, sample, epoch, seed=seed, progress=progress).tokens
            for epoch, progress in _course(epochs)
        ),
        maskable,
    )


def ever(masks: Iterable[np.ndarray], maskable: np.ndarray) -> np.ndarray:
    """float64 [E]: the share of the maskable tokens that one of the first 1 … E masks holds; all bool [B, T]."""
    seen, total, shares = np.zeros_like(maskable), max(int(maskable.sum()), 1), []
    for mask in masks:
        seen |= mask & maskable
        shares.append(int(seen.sum()) / total)
    return np.array(shares, dtype=np.float64)


def expected_ever_masked(corruption: Corruption, epochs: int, lengths: np.ndarray | None = None) -> np.ndarray:
    """float64 [epochs]: what `share_ever_masked` is in the mean, 1 − ∏(1 − p) over the different masks so far.

    lengths: int64 [N], the texts' numbers of units; at least one of them is masked, which in short texts is more than
    the rate. Without it texts count as long. A mask that comes back at a lower rate holds nothing new, and at a higher
    one what it held before (in spans only nearly so).
    """
    n = np.array([np.inf]) if lengths is None else np.asarray(lengths, dtype=np.float64)
    least = np.zeros(len(n)) if corruption.selection == "bernoulli" else 1 / np.maximum(n, 1)
    weights = np.ones(1) if lengths is None else n
    highest: dict[tuple[int, ...], float] = {}
    shares = []
    for epoch, progress in _course(epochs):
        turn = corruption.changes.turn(epoch)
        highest[turn] = max(highest.get(turn, 0.0), corruption.schedule.at(progress))
        rates = np.array([rate for rate in highest.values() if rate > 0])
        never = np.prod(1 - np.maximum(rates[:, None], least), axis=0)
        shares.append(1 - float(np.average(never, weights=weights)) if weights.sum() else 0.0)
    return np.array(shares)


def _course(epochs: int) -> list[tuple[int, float]]:
    return [(epoch, (epoch - 1) / max(epochs - 1, 1)) for epoch in range(1, epochs + 1)]

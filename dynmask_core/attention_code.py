"""Attention weights as one byte each, for what is kept of the watched sentences.

0: there is no edge, the mask forbids it. c = 1…255: the weight ((c − 1) / 254)³. The third power spends the byte where
eyes need it: a weight is off by at most 0.006, and one of 1/1000 by at most a sixteenth of itself, so that weights can
be shown as they are and against an even share of a hundred keys.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

POWER = 3
WEIGHTS = np.concatenate([[0.0], (np.arange(255) / 254) ** POWER]).astype(np.float32)
"""float32 [256]: what each code means; 0 for an edge that does not exist."""


def encode(weights: npt.NDArray[Any], edges: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.uint8]:
    """weights: float in [0, 1]. edges: the same shape, False where the mask forbids to look; None: nowhere."""
    codes = 1 + np.rint(254 * np.clip(weights, 0, 1) ** (1 / POWER)).astype(np.uint8)
    return codes if edges is None else np.where(edges, codes, np.uint8(0))


def decode(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """float32 weights in [0, 1]; 0 where there is no edge."""
    return WEIGHTS[codes]

"""What a model costs to run: arithmetic counted from shapes, to be read beside the measured time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dynmask_core.config import ModelConfig


class Usage:
    """Adds up, over texts, the tokens at work in each block and the arithmetic that takes."""

    def __init__(self, model: ModelConfig) -> None:
        self.model = model
        self.tokens = np.zeros(model.layers)
        self.flops = 0.0
        self.given = 0
        self.texts = 0

    def add(self, kept: np.ndarray, heads: Sequence[int], given: int) -> None:
        """kept: int [L, B] tokens of each text in each block; heads: heads left in each block, L of them.

        given: tokens of the B texts before any was removed.
        """
        model, n = self.model, kept.astype(np.float64)
        self.tokens += n.sum(1)
        self.given += given
        self.texts += kept.shape[1]
        for layer, left in enumerate(heads):
            width = left * model.dim // model.heads
            per_token = 2 * 4 * model.dim * width + 2 * 2 * model.dim * model.ff_multiple * model.dim
            per_pair = 2 * 2 * width
            self.flops += per_token * n[layer].sum() + per_pair * (n[layer] ** 2).sum()

    def answer(self, count: float, flops: float) -> None:
        """count: of answers, each of which took `flops` behind the blocks."""
        self.flops += count * flops

    @property
    def kept_per_layer(self) -> list[float]:
        """The share of the words given, [CLS] aside, that each block worked on; in [0, 1]."""
        words = max(self.given - self.texts, 1)
        return [float(share) for share in (self.tokens - self.texts) / words]

    @property
    def kept_fraction(self) -> float:
        """The mean of `kept_per_layer`."""
        return float(np.mean(self.kept_per_layer))

    @property
    def flops_per_token(self) -> float:
        """Multiply-adds × 2 of the blocks' matrices, forward, per given token, and of the output layer where words are
        guessed; embedding, norms and padding left out.

        A training step costs about three times as much. A mask that multiplies by zero or adds −∞ saves none of it.
        """
        return float(self.flops / max(self.given, 1))

    @property
    def cost(self) -> dict[str, Any]:
        """As events and results tell it."""
        return {"kept_per_layer": self.kept_per_layer, "flops_per_token": self.flops_per_token}

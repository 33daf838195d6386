"""What a model costs to run: arithmetic counted from shapes, to compare with the measured time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dynmask_core.config import ModelConfig


class Usage:
    """Adds up, over texts, the tokens that each block works on and the arithmetic this takes."""

    def __init__(self, model: ModelConfig) -> None:
        self.model = model
        self.tokens = np.zeros(model.layers)
        self.flops = 0.0
        self.given = 0
        self.texts = 0

    def add(self, kept: np.ndarray, heads: Sequence[int], given: int) -> None:
        """kept: int [L, B], tokens of each text in each block. heads: heads left in each block, L of them.

        given: tokens of all B texts together, before any was removed.
        """
        model, n = self.model, kept.astype(np.float64)
        self.tokens += n.sum(1)
        self.given += given
        self.texts += kept.shape[1]
        for layer, left in enumerate(heads):
            width = left * model.dim // model.heads
            per_token = 2 * 4 * model.dim * width + 2 * 2 * model.dim * model.inner
            per_pair = 2 * 2 * width
            self.flops += per_token * n[layer].sum() + per_pair * (n[layer] ** 2).sum()

    def answer(self, count: float, flops: float) -> None:
        """Adds the output layer: `count` answers, each with `flops` operations after the last block."""
        self.flops += count * flops

    @property
    def kept_per_layer(self) -> list[float]:
        """The share of the given words that each block worked on, without [CLS]; in [0, 1]."""
        words = max(self.given - self.texts, 1)
        return [float(share) for share in (self.tokens - self.texts) / words]

    @property
    def kept_fraction(self) -> float:
        """The average of `kept_per_layer`."""
        return float(np.mean(self.kept_per_layer))

    @property
    def flops_per_token(self) -> float:
        """Floating-point operations of a forward pass per given token: matrix products of the blocks, and the output
        layer if words are guessed. A multiply-add counts as two. Embedding, norms and padding are left out.

        A training step costs about three times as much. A mask that multiplies by zero or adds −∞ saves nothing.
        """
        return float(self.flops / max(self.given, 1))

    @property
    def cost(self) -> dict[str, Any]:
        """In the form used in events and results."""
        return {"kept_per_layer": self.kept_per_layer, "flops_per_token": self.flops_per_token}

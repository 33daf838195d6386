"""A constraint on what is learned, enforced by a multiplier that learns as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynmask_core.lazy import torch

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class Lagrangian:
    """Keeps a quantity at its target: loss + λ·c + ρ/2·c², c = quantity − target, λ ← λ + η·c after every step.

    The augmented Lagrangian (Hestenes 1969, Powell 1969). λ can have either sign, so the quantity is held from both
    sides; the square damps the swings that λ alone would make.
    """

    def __init__(self, stiffness: float = 3.0, rate: float = 0.01) -> None:
        self.stiffness = stiffness
        self.rate = rate
        self.multiplier = torch.zeros(1)
        self.excess = torch.zeros(1)

    def loss(self, excess: Tensor) -> Tensor:
        """excess: scalar c. Call `step` after the backward pass."""
        self.multiplier = self.multiplier.to(excess.device)
        self.excess = excess.detach().reshape(1)
        return self.multiplier[0] * excess + 0.5 * self.stiffness * excess**2

    def step(self) -> None:
        """Moves the multiplier by the excess of the last `loss`."""
        self.multiplier = self.multiplier + self.rate * self.excess

    def state(self) -> np.ndarray:
        """float32 [1]."""
        array: np.ndarray = self.multiplier.cpu().numpy()
        return array

    def load(self, state: np.ndarray) -> None:
        self.multiplier = torch.from_numpy(state.copy())

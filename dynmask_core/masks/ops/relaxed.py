"""Random gates in [0, 1] that are exactly 0 or 1 with some probability and still have a gradient.

Both distributions are drawn on (0, 1), stretched to (LOW, HIGH) and clamped to [0, 1]. Hard concrete: Louizos, Welling
& Kingma 2018. HardKuma: Bastings, Aziz & Titov 2019. All functions are elementwise; `noise` is uniform on [0, 1).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dynmask_core.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

LOW, HIGH = -0.1, 1.1
"""The stretched interval; values outside [0, 1] become 0 or 1."""
_TINY = 1e-6


def stretch(inner: Tensor) -> Tensor:
    """(0, 1) → [0, 1], both ends included."""
    return (inner * (HIGH - LOW) + LOW).clamp(0, 1)


def concrete_sample(log_alpha: Tensor, noise: Tensor, temperature: float) -> Tensor:
    """A hard concrete gate."""
    return stretch(torch.sigmoid((noise.clamp(_TINY, 1 - _TINY).logit() + log_alpha) / temperature))


def concrete_open(log_alpha: Tensor, temperature: float) -> Tensor:
    """P(gate > 0)."""
    return torch.sigmoid(log_alpha - temperature * math.log(-LOW / HIGH))


def concrete_fixed(log_alpha: Tensor) -> Tensor:
    """The gate without noise, for predictions."""
    return stretch(log_alpha.sigmoid())


def kuma_sample(a: Tensor, b: Tensor, noise: Tensor) -> Tensor:
    """A HardKuma gate; a, b > 0. Kumaraswamy's inverse distribution function, stretched."""
    inner = -torch.expm1(torch.log1p(-noise.clamp(_TINY, 1 - _TINY)) / b)
    return stretch((inner.clamp_min(_TINY).log() / a).exp())


def _kuma_below(x: float, a: Tensor, b: Tensor) -> Tensor:
    """P(k < x) of the Kumaraswamy distribution, x in (0, 1)."""
    return 1 - (1 - x**a) ** b


def kuma_zero(a: Tensor, b: Tensor) -> Tensor:
    """P(gate = 0)."""
    return _kuma_below(-LOW / (HIGH - LOW), a, b)


def kuma_one(a: Tensor, b: Tensor) -> Tensor:
    """P(gate = 1)."""
    return 1 - _kuma_below((1 - LOW) / (HIGH - LOW), a, b)


def kuma_mean(a: Tensor, b: Tensor) -> Tensor:
    """The mean before clamping, clamped: b·B(1 + 1/a, b), stretched."""
    inner = 1 + 1 / a
    return stretch((b.log() + inner.lgamma() + b.lgamma() - (inner + b).lgamma()).exp())


def kuma_fixed(a: Tensor, b: Tensor) -> Tensor:
    """The gate without noise: the most likely of 0, 1 and "between" (the mean). Bastings et al., section 4."""
    zero, one = kuma_zero(a, b), kuma_one(a, b)
    end = (one >= zero).to(a.dtype)
    return torch.where(1 - zero - one > torch.maximum(zero, one), kuma_mean(a, b), end)


def straight_through(soft: Tensor, hard: Tensor) -> Tensor:
    """The value of `hard` with the gradient of `soft`."""
    return soft + (hard.to(soft) - soft).detach()

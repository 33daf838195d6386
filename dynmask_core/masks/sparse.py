"""α-entmax: softmax's relatives that give exact zeros.

entmax_α(x) = argmax over distributions p of p·x + H_α(p), H_α the Tsallis entropy: α = 1 is softmax, α = 2 sparsemax.
Its solution is p = [z − τ]₊^(1/(α−1)) with z = (α−1)·x and the threshold τ at which p sums to 1.
Martins & Astudillo 2016, From Softmax to Sparsemax; Peters, Niculae & Martins 2019, Sparse Sequence-to-Sequence Models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynmask_core.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

NEARLY_SOFTMAX = 1.001
"""Below it the exponent 1/(α−1) is too large for single precision, and the difference to softmax too small to see."""
BISECTIONS = 26


def entmax(scores: Tensor, alpha: float) -> Tensor:
    """scores float [..., T], alpha in [1, 2] → weights [..., T] ≥ 0 that sum to 1.

    Scores so low that they mean "removed" get exactly 0 where another is not. It has first derivatives only.
    """
    if alpha < NEARLY_SOFTMAX:
        return scores.softmax(-1)
    z = (alpha - 1) * scores
    # No weight exceeds 1, so τ ≥ −1 and whatever lies lower is 0 for certain: −2 will do for it, and for −inf.
    z = (z - z.amax(-1, keepdim=True).detach()).clamp_min(-2)
    exponent = 1 / (alpha - 1)
    with torch.no_grad():
        if alpha == 2:
            tau = _sparsemax_threshold(z)
        elif alpha == 1.5:
            tau = _entmax15_threshold(z)
        else:
            tau = _threshold(z, exponent)
    if z.requires_grad:
        tau = tau + _pull(z, tau, exponent)
    weights: Tensor = (z - tau).relu().pow(exponent)
    return weights / weights.detach().sum(-1, keepdim=True)


def _pull(z: Tensor, tau: Tensor, exponent: float) -> Tensor:
    """0, with τ's gradient: a score moves τ in proportion to p^(2−α), the slope of its weight, so that Σp stays 1."""
    with torch.no_grad():
        above = (z - tau).relu()
        slope = torch.where(above > 0, above.pow(exponent - 1), 0.0)
        slope /= slope.sum(-1, keepdim=True)
    return (slope * (z - z.detach())).sum(-1, keepdim=True)


def _sparsemax_threshold(z: Tensor) -> Tensor:
    """z float [..., T] → τ [..., 1] with Σ[z − τ]₊ = 1."""
    ordered, rank = _ordered(z)
    excess = ordered.cumsum(-1) - 1
    support = (rank * ordered > excess).sum(-1, keepdim=True)
    return excess.gather(-1, support - 1) / support


def _entmax15_threshold(z: Tensor) -> Tensor:
    """z float [..., T] → τ [..., 1] with Σ[z − τ]₊² = 1: for each size of the support a quadratic equation."""
    ordered, rank = _ordered(z)
    mean = ordered.cumsum(-1) / rank
    spread = ordered.square().cumsum(-1) / rank - mean.square()
    tau = mean - (1 / rank - spread).clamp_min(0).sqrt()
    support = (tau <= ordered).sum(-1, keepdim=True)
    return tau.gather(-1, support - 1)


def _ordered(z: Tensor) -> tuple[Tensor, Tensor]:
    """(z, largest first; 1…T)."""
    return z.sort(-1, descending=True).values, torch.arange(1, z.shape[-1] + 1, dtype=z.dtype, device=z.device)


def _threshold(z: Tensor, exponent: float) -> Tensor:
    """z float [..., T] with maximum 0 → τ [..., 1] with Σ[z − τ]₊^exponent = 1, by bisection."""
    low = torch.full_like(z[..., :1], -1.0)
    width = 1 - z.shape[-1] ** (-1 / exponent)  # at τ = −T^(−1/exponent) even T equal weights sum to no more than 1
    for _ in range(BISECTIONS):
        width /= 2
        enough = (z - low - width).relu().pow(exponent).sum(-1, keepdim=True) >= 1
        low = torch.where(enough, low + width, low)
    return low

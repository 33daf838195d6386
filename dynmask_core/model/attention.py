"""Attention under masks: which query may look at which key, which heads exist, and what replaces softmax."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.config import ModelConfig
from dynmask_core.masks.plan import AttentionMap

REMOVED = -1e9
"""Added to the score of a masked edge. Finite, so that a row without any edge gives no NaN; low enough that the weight
after the softmax is exactly 0."""

SHORT = 32
"""Up to so many units, attention written out is faster on a CPU than torch's fused one."""


@dataclass(frozen=True)
class Edges:
    """Which query may look at which key in one block, and how scores become weights.

    bias: float, broadcastable to [B, H, T', T'], added to the scores; REMOVED or less means no edge.
    alive: float 1/0, broadcastable to [B, H, T', 1], 0 for a query without any edge; None if every query has one.
    attention_map: replaces softmax, or None.
    """

    bias: Tensor
    alive: Tensor | None
    attention_map: AttentionMap | None = None

    @classmethod
    def of(
        cls,
        keep: Tensor,
        gate: Tensor | None,
        bias: Tensor | None,
        dtype: torch.dtype,
        attention_map: AttentionMap | None,
    ) -> Edges:
        """keep: bool [B, T'], the keys that may be attended to. gate: [B, T'], added to the scores as log m.

        bias: what the plans add to the scores, or None.
        """
        keys = torch.zeros(keep.shape, dtype=dtype, device=keep.device).masked_fill(~keep, REMOVED)[:, None, None]
        if gate is not None:
            # Adding log m before the softmax equals multiplying by m after it and renormalising.
            gate = gate.to(dtype)
            # The logarithm has an infinite slope at 0: a learned gate would become NaN there.
            closed = gate <= 0
            keys = keys + torch.where(closed, REMOVED, gate.masked_fill(closed, 1.0).log())[:, None, None]
        if bias is None:
            return cls(keys, None, attention_map)  # the special unit is always kept: every query has an edge
        total = (keys + bias).clamp_min(REMOVED)
        return cls(total, (total > REMOVED).any(-1, keepdim=True).to(dtype), attention_map)

    def of_heads(self, heads: Tensor) -> Edges:
        """The edges of some heads only. heads: int64, their numbers."""
        return Edges(
            _of_heads(self.bias, heads),
            None if self.alive is None else _of_heads(self.alive, heads),
            self.attention_map,
        )


@dataclass(frozen=True)
class Heads:
    """The heads of one block.

    left: int64, the numbers of those left; None for all. gate: float, broadcastable to [B, H] in [0, 1], or None.
    """

    left: Tensor | None = None
    gate: Tensor | None = None


class Attention(nn.Module):
    """Multi-head self-attention (Vaswani et al. 2017) whose edges and heads can be removed."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.dim, 3 * config.dim)
        self.out = nn.Linear(config.dim, config.dim)

    def forward(self, x: Tensor, edges: Edges, heads: Heads, need_weights: bool) -> tuple[Tensor, Tensor | None]:
        """x float [B, T', D] → the same shape, and with `need_weights` the weights [B, H, T', T']."""
        B, T, D = x.shape
        size = D // self.heads
        gate, left = heads.gate, heads.left
        if left is None:
            q, k, v = self.qkv(x).view(B, T, 3, self.heads, size).permute(2, 0, 3, 1, 4)  # 3 × [B, H, T', D/H]
        elif len(left) == 0:
            return self.out.bias.expand(B, T, D), None
        else:
            # Removed heads are cut out of the matrices: rows of qkv here, columns of out below.
            weight = self.qkv.weight.view(3, self.heads, size, D)[:, left].reshape(-1, D)
            bias = self.qkv.bias.view(3, self.heads, size)[:, left].reshape(-1)
            q, k, v = F.linear(x, weight, bias).view(B, T, 3, len(left), size).permute(2, 0, 3, 1, 4)
            edges, gate = edges.of_heads(left), None if gate is None else gate[..., left]
        weights = None
        wanted = need_weights or edges.attention_map is not None
        if wanted or (T <= SHORT and x.device.type == "cpu"):
            # The same as SDPA below, written out: SDPA does not return its weights.
            scores = _scores(q, k, edges.bias)  # [B, H, T', T']
            weights = scores.softmax(-1) if edges.attention_map is None else edges.attention_map(scores)
            y = weights @ v  # [B, H, T', D/H]
            weights = weights if wanted else None
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=edges.bias)
        if edges.alive is not None:
            y = y * edges.alive
            weights = None if weights is None else weights * edges.alive
        if gate is not None:
            y = y * gate[..., None, None]
        y = y.transpose(1, 2).reshape(B, T, -1)  # [B, T', D], narrower if heads were removed
        if left is None:
            return self.out(y), weights
        out = self.out.weight.view(D, self.heads, size)[:, left].reshape(D, -1)
        return F.linear(y, out, self.out.bias), weights


def _scores(q: Tensor, k: Tensor, bias: Tensor) -> Tensor:
    """q kᵀ / √size + bias, for q, k [B, H, T', size]."""
    B, H, T, size = q.shape
    added = bias.expand(B, H, -1, -1).reshape(B * H, -1, T)  # copies little: most often one row for all queries
    flat = torch.baddbmm(added, q.reshape(B * H, T, size), k.reshape(B * H, T, size).mT, alpha=size**-0.5)
    return flat.view(B, H, T, T)


def _of_heads(values: Tensor, heads: Tensor) -> Tensor:
    return values if values.shape[1] == 1 else values[:, heads]

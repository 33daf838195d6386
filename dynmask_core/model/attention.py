"""Attention under masks: which query may look at which key, which heads there are, and what stands for softmax."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.config import ModelConfig
from dynmask_core.masks.plan import AttentionMap

REMOVED = -1e9
"""Added to the score of an edge that is masked. Finite, so that a row without any edge gives no NaN; far enough
down that its weight after the softmax is exactly 0."""


@dataclass(frozen=True)
class Edges:
    """Which query may look at which key in one block, and how scores become weights.

    bias: float, broadcastable to [B, H, T', T'], added to the scores; REMOVED or less is no edge.
    alive: float 1/0, broadcastable to [B, H, T', 1], 0 for a query without any edge; None where every query has one.
    attention_map: in the place of softmax, or None.
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
        """keep bool [B, T']: the keys that may be looked at. gate [B, T'] acts as log m on the scores.

        bias: what the plans add to the scores, or None.
        """
        keys = torch.zeros(keep.shape, dtype=dtype, device=keep.device).masked_fill(~keep, REMOVED)[:, None, None]
        if gate is not None:
            # log m before the softmax is multiply-and-renormalise after it.
            gate = gate.to(dtype)
            # The logarithm's slope at 0 is infinite, and a gate that learns would become NaN there.
            closed = gate <= 0
            keys = keys + torch.where(closed, REMOVED, gate.masked_fill(closed, 1.0).log())[:, None, None]
        if bias is None:
            return cls(keys, None, attention_map)  # the special unit is always kept: every query has an edge
        total = (keys + bias).clamp_min(REMOVED)
        return cls(total, (total > REMOVED).any(-1, keepdim=True).to(dtype), attention_map)

    def of_heads(self, heads: Tensor) -> Edges:
        """The edges of some heads alone. heads: int64, their numbers."""
        return Edges(
            _of_heads(self.bias, heads),
            None if self.alive is None else _of_heads(self.alive, heads),
            self.attention_map,
        )


@dataclass(frozen=True)
class Heads:
    """The heads of one block.

    left: int64, the numbers of those that work; None for all. gate: float, broadcastable to [B, H] in [0, 1], or None.
    """

    left: Tensor | None = None
    gate: Tensor | None = None


class Attention(nn.Module):
    """Multi-head self-attention (Vaswani et al. 2017) from which edges and heads can be taken out."""

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
            # Removed heads leave the matrices: fewer rows going in, fewer columns coming out.
            weight = self.qkv.weight.view(3, self.heads, size, D)[:, left].reshape(-1, D)
            bias = self.qkv.bias.view(3, self.heads, size)[:, left].reshape(-1)
            q, k, v = F.linear(x, weight, bias).view(B, T, 3, len(left), size).permute(2, 0, 3, 1, 4)
            edges, gate = edges.of_heads(left), None if gate is None else gate[..., left]
        weights = None
        if need_weights or edges.attention_map is not None:
            # The same sum as below, written out: SDPA does not give its weights away.
            scores = q @ k.transpose(-2, -1) * size**-0.5 + edges.bias  # [B, H, T', T']
            weights = scores.softmax(-1) if edges.attention_map is None else edges.attention_map(scores)
            y = weights @ v  # [B, H, T', D/H]
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=edges.bias)
        if edges.alive is not None:
            y = y * edges.alive
            weights = None if weights is None else weights * edges.alive
        if gate is not None:
            y = y * gate[..., None, None]
        y = y.transpose(1, 2).reshape(B, T, -1)  # [B, T', D], less where heads have left
        if left is None:
            return self.out(y), weights
        out = self.out.weight.view(D, self.heads, size)[:, left].reshape(D, -1)
        return F.linear(y, out, self.out.bias), weights


def _of_heads(values: Tensor, heads: Tensor) -> Tensor:
    return values if values.shape[1] == 1 else values[:, heads]

"""Attention under masks: which query may look at which key, which heads there are, and what stands for softmax.

B texts, T' positions, D model width, H heads.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.config import ModelConfig
from dynmask_core.masks import MaskPlan

REMOVED = -1e9
"""Added to the score of an edge that is masked. Finite, so that a row without any edge gives no NaN; far enough
down that its weight after the softmax is exactly 0."""


@dataclass(frozen=True)
class Edges:
    """Which query may look at which key in one block.

    bias: float, broadcastable to [B, H, T', T'], added to the scores; REMOVED or less is no edge.
    alive: float 1/0, broadcastable to [B, H, T', 1], 0 for a query without any edge; None where there is none such.
    """

    bias: Tensor
    alive: Tensor | None

    @classmethod
    def of(cls, keep: Tensor, gate: Tensor | None, bias: Tensor | None, dtype: torch.dtype) -> Edges:
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
            return cls(keys, None)  # [CLS] is always kept: every query has an edge
        total = (keys + bias).clamp_min(REMOVED)
        return cls(total, (total > REMOVED).any(-1, keepdim=True).to(dtype))


class Attention(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.dim, 3 * config.dim)
        self.out = nn.Linear(config.dim, config.dim)

    def forward(
        self, x: Tensor, edges: Edges, plan: MaskPlan, gate: Tensor | None, heads: Tensor | None, weigh: bool
    ) -> tuple[Tensor, Tensor | None]:
        """x float [B, T', D]; gate broadcastable to [B, H]; heads int64, those that are left, None for all.

        weigh: also return the weights [B, H, T', T'].
        """
        B, T, D = x.shape
        size = D // self.heads
        if heads is None:
            q, k, v = self.qkv(x).view(B, T, 3, self.heads, size).permute(2, 0, 3, 1, 4)  # 3 × [B, H, T', D/H]
        elif len(heads) == 0:
            return self.out.bias.expand(B, T, D), None
        else:
            # Removed heads leave the matrices: fewer rows going in, fewer columns coming out.
            weight = self.qkv.weight.view(3, self.heads, size, D)[:, heads].reshape(-1, D)
            bias = self.qkv.bias.view(3, self.heads, size)[:, heads].reshape(-1)
            q, k, v = F.linear(x, weight, bias).view(B, T, 3, len(heads), size).permute(2, 0, 3, 1, 4)
            edges = Edges(_of_heads(edges.bias, heads), None if edges.alive is None else _of_heads(edges.alive, heads))
            gate = None if gate is None else gate[..., heads]
        weights = None
        if weigh or plan.attention_map is not None:
            # The same sum as below, written out: SDPA does not give its weights away.
            scores = q @ k.transpose(-2, -1) * size**-0.5 + edges.bias
            weights = scores.softmax(-1) if plan.attention_map is None else plan.attention_map(scores)
            y = weights @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=edges.bias)
        if edges.alive is not None:
            y = y * edges.alive
            weights = None if weights is None else weights * edges.alive
        if gate is not None:
            y = y * gate[..., None, None]
        y = y.transpose(1, 2).reshape(B, T, -1)
        if heads is None:
            return self.out(y), weights
        out = self.out.weight.view(D, self.heads, size)[:, heads].reshape(D, -1)
        return F.linear(y, out, self.out.bias), weights


def _of_heads(values: Tensor, heads: Tensor) -> Tensor:
    return values if values.shape[1] == 1 else values[:, heads]


def bias_at(bias: Tensor | None, position: Tensor) -> Tensor | None:
    """bias, broadcastable to [B, H, T, T], at the rows and columns position int64 [B, T']."""
    if bias is None:
        return None
    B, size = position.shape
    bias = bias.expand(B, *bias.shape[-3:]) if bias.ndim >= 3 else bias.expand(B, 1, *bias.shape[-2:])
    if bias.shape[-2] > 1:
        bias = bias.gather(2, position[:, None, :, None].expand(B, bias.shape[1], size, bias.shape[3]))
    if bias.shape[-1] > 1:
        bias = bias.gather(3, position[:, None, None, :].expand(B, bias.shape[1], bias.shape[2], size))
    return bias

"""The compact Transformer: a pre-norm encoder that takes a MaskPlan and, on request, shows its inside.

Read top to bottom: embedding → gate → blocks (attention, feed-forward) → pooling → logits.
B texts, T positions ([CLS] first), D model width, H heads, L layers, C classes, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.config import ModelConfig
from dynmask_core.data.tokenize import SPECIAL_TOKENS, UNK
from dynmask_core.masks.base import MaskPlan

REMOVED = -1e9
"""Added to the score of an edge that is masked. Finite, so that a row without any edge gives no NaN; far enough
down that its weight after the softmax is exactly 0."""


@dataclass(frozen=True)
class Trace:
    """What happened inside one forward pass.

    attention: L tensors [B, H, T, T], rows are queries and sum to 1 (0 where a row has no edge left).
    hidden: L+1 tensors [B, T, D], the input of the first block first.
    """

    attention: tuple[Tensor, ...]
    hidden: tuple[Tensor, ...]


class TokenEmbedding(nn.Module):
    """Token ids → vectors. Another kind of input (patches, sound frames) would take this place."""

    def __init__(self, vocabulary: int, config: ModelConfig, max_positions: int) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, config.dim)
        self.position = nn.Parameter(torch.empty(max_positions, config.dim))
        self.baseline = nn.Parameter(torch.zeros(config.dim))
        nn.init.normal_(self.token.weight, std=0.02)
        nn.init.normal_(self.position, std=0.02)

    def forward(self, ids: Tensor, plan: MaskPlan) -> Tensor:
        """ids int64 [B, T] → float [B, T, D]. The gate acts on the token's vector; its position stays."""
        x = self.token(ids)
        if plan.token_gate is not None and plan.gate_mode == "interpolate":
            x = torch.lerp(self.baseline.expand_as(x), x, plan.token_gate[..., None].to(x.dtype))
        elif plan.token_gate is not None and plan.gate_mode == "multiply":
            x = x * plan.token_gate[..., None]
        placed: Tensor = x + self.position[: ids.shape[1]]
        return placed


@dataclass(frozen=True)
class Edges:
    """Which query may look at which key, the same for all layers.

    bias: float, broadcastable to [B, H, T, T], added to the scores; REMOVED or less is no edge.
    alive: float 1/0, broadcastable to [B, H, T, 1], 0 for a query without any edge; None where there is none such.
    """

    bias: Tensor
    alive: Tensor | None

    @classmethod
    def of(cls, keep: Tensor, plan: MaskPlan, dtype: torch.dtype) -> Edges:
        """keep bool [B, T]: the keys that may be looked at."""
        bias = torch.zeros(keep.shape, dtype=dtype, device=keep.device).masked_fill(~keep, REMOVED)[:, None, None]
        if plan.token_gate is not None and plan.gate_mode == "attention":
            # log m before the softmax is multiply-and-renormalise after it.
            bias = bias + plan.token_gate.to(dtype).log().clamp_min(REMOVED)[:, None, None]
        if plan.attention_bias is None:
            return cls(bias, None)  # [CLS] is always kept: every query has an edge
        bias = (bias + plan.attention_bias).clamp_min(REMOVED)
        return cls(bias, (bias > REMOVED).any(-1, keepdim=True).to(dtype))


class Attention(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.qkv = nn.Linear(config.dim, 3 * config.dim)
        self.out = nn.Linear(config.dim, config.dim)

    def forward(self, x: Tensor, edges: Edges, head_gate: Tensor | None, trace: bool) -> tuple[Tensor, Tensor | None]:
        B, T, D = x.shape
        # [B, T, 3D] → 3 × [B, H, T, D/H]
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        weights = None
        if trace:
            # The same sum as below, written out: SDPA does not give its weights away.
            weights = (q @ k.transpose(-2, -1) * (D // self.heads) ** -0.5 + edges.bias).softmax(-1)
            y = weights @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=edges.bias)
        if edges.alive is not None:
            y = y * edges.alive
            weights = None if weights is None else weights * edges.alive
        if head_gate is not None:
            y = y * head_gate[..., None, None]
        return self.out(y.transpose(1, 2).reshape(B, T, D)), weights


class Block(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.dim)
        self.attention = Attention(config)
        self.norm2 = nn.LayerNorm(config.dim)
        self.up = nn.Linear(config.dim, config.ff_multiple * config.dim)
        self.down = nn.Linear(config.ff_multiple * config.dim, config.dim)
        # No dropout on the attention weights: it slows SDPA 1.4–2.2 times and gained nothing.
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, edges: Edges, head_gate: Tensor | None, trace: bool) -> tuple[Tensor, Tensor | None]:
        attended, weights = self.attention(self.norm1(x), edges, head_gate, trace)
        x = x + self.dropout(attended)
        return x + self.dropout(self.down(F.gelu(self.up(self.norm2(x))))), weights


class Encoder(nn.Module):
    """Vectors in, vectors out: knows nothing of tokens."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.dim)

    def forward(self, x: Tensor, keep: Tensor, plan: MaskPlan, trace: bool = False) -> tuple[Tensor, Trace | None]:
        """x float [B, T, D]; keep bool [B, T], False where nothing may look. Returns (float [B, T, D], Trace)."""
        edges = Edges.of(keep, plan, x.dtype)
        hidden, attention = [x], []
        for layer, block in enumerate(self.blocks):
            gate = None if plan.head_gate is None else plan.head_gate[..., layer, :]  # [H] or [B, H]
            x, weights = block(x, edges, gate, trace)
            hidden.append(x)
            if weights is not None:
                attention.append(weights)
        return self.norm(x), Trace(tuple(attention), tuple(hidden)) if trace else None


class TextClassifier(nn.Module):
    """Token ids and a MaskPlan → logits.

    classes: C ≥ 2. max_positions: the longest input, with [CLS].
    """

    def __init__(self, vocabulary: int, classes: int, config: ModelConfig, max_positions: int = 513) -> None:
        super().__init__()
        self.config = config
        self.embedding = TokenEmbedding(vocabulary, config, max_positions)
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.encoder = Encoder(config)
        self.head_dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.dim, classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.05)
                nn.init.zeros_(module.bias)

    def forward(
        self, ids: Tensor, valid: Tensor, plan: MaskPlan, *, trace: bool = False
    ) -> tuple[Tensor, Trace | None]:
        """ids int64 [B, T], [CLS] at position 0; valid bool [B, T], False at padding.

        Returns (logits float [B, C], Trace if asked for). [CLS] is always kept, so a text whose tokens are all
        removed still has an answer, which does not depend on them.
        """
        if self.training and self.config.token_dropout:
            unknown = torch.rand(ids.shape, device=ids.device) < self.config.token_dropout
            ids = torch.where(unknown & (ids >= len(SPECIAL_TOKENS)), UNK, ids)
        keep = valid if plan.keep is None else valid & plan.keep
        x = self.embedding_dropout(self.embedding(ids, plan))
        x, seen = self.encoder(x, keep, plan, trace)
        if self.config.pooling == "cls":
            pooled = x[:, 0]
        else:
            share = keep[..., None].to(x.dtype)
            pooled = (x * share).sum(1) / share.sum(1)
        return self.head(self.head_dropout(pooled)), seen

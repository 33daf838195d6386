"""The encoder: blocks of attention and feed-forward, each of which may lose units, edges or heads.

Vectors in, vectors out. It knows nothing about words, inputs or tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.config import ModelConfig
from dynmask_core.masks import LayerContext, MaskContext, MaskPlan
from dynmask_core.model.attention import REMOVED, Attention, Edges, Heads
from dynmask_core.model.dropout import Dropout
from dynmask_core.model.stream import Pooled, Stream, add

LayerPlan = Callable[[LayerContext], MaskPlan]


@dataclass(frozen=True)
class Request:
    """What one forward pass must do.

    layer_plan: called before every block; `context` is what it reads. need_weights: it reads the attention weights of
    the previous block. trace: record the internals (see Trace); units and heads are then masked instead of cut out,
    which gives the same numbers.
    """

    plan: MaskPlan = field(default_factory=MaskPlan)
    context: MaskContext | None = None
    layer_plan: LayerPlan | None = None
    need_weights: bool = False
    trace: bool = False


@dataclass(frozen=True)
class Trace:
    """What happened inside one forward pass, for all T positions.

    attention: L tensors [B, H, T, T], rows are queries and sum to 1 (0 where a row has no edge left).
    edges: L tensors bool, broadcastable to [B, H, T, T], False where a mask forbids the query to look at the key;
    padding and removed units neither look nor are looked at.
    hidden: L+1 tensors [B, T, D], the input of the first block first.
    gates: L tensors [B, T] in [0, 1]: how much each block saw of each unit, 0 once it is removed. The gate on
    the embedding is not included.
    heads: L tensors, broadcastable to [B, H], in [0, 1].
    """

    attention: tuple[Tensor, ...]
    edges: tuple[Tensor, ...]
    hidden: tuple[Tensor, ...]
    gates: tuple[Tensor, ...]
    heads: tuple[Tensor, ...]


@dataclass(frozen=True)
class Encoded:
    """What the encoder returns.

    x: float [B, T', D], the units that are left. keep: bool [B, T'], which of them are not padding.
    position: int64 [B, T'], their places in the batch; None if none was cut out.
    left: the sum of the units that were removed between blocks and still count in the mean, or None.
    kept: int64 [L, B], how many units of each sample, the special one included, each block worked on.
    heads: how many heads each block had. aux_loss: scalar or None, of the plan and of all layer plans.
    trace: if requested.
    """

    x: Tensor
    keep: Tensor
    position: Tensor | None
    left: Pooled | None
    kept: Tensor
    heads: tuple[int, ...]
    aux_loss: Tensor | None
    trace: Trace | None


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
    "relu": F.relu,
}


class Block(nn.Module):
    """Pre-norm: x + attention(norm(x)), then x + feed-forward(norm(x)). Post-norm, as in BERT: norm(x + attention(x)),
    then norm(x + feed-forward(x))."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.post = config.norm == "post"
        self.activation = ACTIVATIONS[config.activation]
        self.norm1 = nn.LayerNorm(config.dim, config.norm_epsilon)
        self.attention = Attention(config)
        self.norm2 = nn.LayerNorm(config.dim, config.norm_epsilon)
        self.up = nn.Linear(config.dim, config.inner)
        self.down = nn.Linear(config.inner, config.dim)
        # No dropout on the attention weights: it makes SDPA 1.4–2.2 times slower and gained nothing.
        self.dropout = Dropout(config.dropout)

    def attended(self, x: Tensor) -> Tensor:
        """What attention reads of x, float [B, T', D]."""
        read: Tensor = x if self.post else self.norm1(x)
        return read

    def forward(self, x: Tensor, edges: Edges, heads: Heads, need_weights: bool) -> tuple[Tensor, Tensor | None]:
        """See Attention."""
        attended, weights = self.attention(self.attended(x), edges, heads, need_weights)
        x = self.dropout.added(x, attended)
        if self.post:
            x = self.norm1(x)
            return self.norm2(self.dropout.added(x, self._feed(x))), weights
        return self.dropout.added(x, self._feed(self.norm2(x))), weights

    def _feed(self, x: Tensor) -> Tensor:
        fed: Tensor = self.down(self.activation(self.up(x)))
        return fed


class Encoder(nn.Module):
    """L blocks and, if they are pre-norm, a last LayerNorm."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        post = config.norm == "post"
        self.norm = nn.Identity() if post else nn.LayerNorm(config.dim, config.norm_epsilon)

    def forward(self, stream: Stream, request: Request) -> Encoded:
        """stream: after the embedding. Its gate is applied here if it acts on attention."""
        plan, trace = request.plan, request.trace
        hidden, attention, allowed, gates, heads, kept = [stream.x], [], [], [], [], []
        aux_loss: Tensor | None = None
        left: Pooled | None = None
        weights: Tensor | None = None
        edges: Edges | None = None
        for layer, block in enumerate(self.blocks):
            now = _NOTHING
            if request.layer_plan is not None:
                now = request.layer_plan(_context(request, layer, block, stream, weights))
                aux_loss = add(aux_loss, now.aux_loss)
                stream, gone = self._obey(now, stream, cut=not trace)
                left = gone if left is None else left if gone is None else left + gone
            if edges is None or request.layer_plan is not None:
                gate = stream.gate if plan.gate_mode == "attention" else None
                attention_map = now.attention_map or plan.attention_map
                edges = Edges.of(stream.keep, gate, add(stream.bias, stream.extra), stream.x.dtype, attention_map)
            kept.append(stream.keep.sum(1))
            some = _heads(plan, layer, stream.x, cut=not trace)
            was_there = stream.keep  # [B, T']
            x, weights = block(stream.x, edges, some, request.need_weights or trace)
            stream = replace(stream, x=x, extra=None)
            if trace:
                hidden.append(x)
                attention.append(weights)
                allowed.append((edges.bias > REMOVED) & was_there[:, None, :, None])
                if plan.head_keep is not None:
                    # The next layer plan must see the same as if the closed heads had been cut out.
                    left_heads = plan.head_keep[layer].to(x.device)
                    weights = weights[:, left_heads] if left_heads.any() else None
                gates.append(stream.keep.to(x.dtype) if now.token_gate is None else stream.keep * now.token_gate)
                heads.append(x.new_ones(1) if some.gate is None else some.gate)
        number = [self.heads] * len(self.blocks) if plan.head_keep is None else plan.head_keep.sum(1).tolist()
        return Encoded(
            x=self.norm(stream.x),
            keep=stream.keep,
            position=stream.position,
            left=left,
            kept=torch.stack(kept),
            heads=tuple(number),
            aux_loss=add(plan.aux_loss, aux_loss),
            trace=_trace(attention, allowed, hidden, gates, heads) if trace else None,
        )

    def _obey(self, now: MaskPlan, stream: Stream, *, cut: bool) -> tuple[Stream, Pooled | None]:
        """Applies a layer plan to the input of its block; also returns removed units that still count in the mean."""
        stream = replace(stream, extra=now.attention_bias)
        if now.token_gate is not None:
            stream = replace(stream, x=stream.x * now.token_gate[..., None])
        if now.keep is None:
            return stream, None
        if now.fuse is not None:
            return _fused(stream, now.keep, now.fuse, cut=cut), None
        gone = None
        if now.pool_removed:
            gone = Pooled.of(self.norm(stream.x), stream.keep & ~stream.remove(now.keep, cut=False).keep)
        return stream.remove(now.keep, cut=cut), gone


def _fused(stream: Stream, keep: Tensor, weight: Tensor, *, cut: bool) -> Stream:
    """Removes units and puts their weighted mean at the place of one of them; see MaskPlan.fuse."""
    leaving = stream.keep & ~keep
    leaving[:, 0] = False
    share = (weight + 1e-9).masked_fill(~leaving, 0)  # [B, T']
    place = share.argmax(1, keepdim=True)
    mean = (stream.x * share[..., None]).sum(1) / share.sum(1, keepdim=True).clamp_min(1e-9)  # [B, D]
    there = torch.zeros_like(leaving).scatter(1, place, leaving.any(1, keepdim=True))  # [B, T'], one place at most
    fused = replace(stream, x=torch.where(there[..., None], mean[:, None], stream.x))
    return fused.remove(keep | there, cut=cut)


def _trace(*parts: list[Tensor]) -> Trace:
    return Trace(*map(tuple, parts))


_NOTHING = MaskPlan()


def _context(request: Request, layer: int, block: nn.Module, stream: Stream, weights: Tensor | None) -> LayerContext:
    assert request.context is not None
    assert isinstance(block, Block)
    return LayerContext(request.context, layer, block.attended(stream.x), weights, stream.places, stream.keep)


def _heads(plan: MaskPlan, layer: int, x: Tensor, *, cut: bool) -> Heads:
    """The heads of one block; without `cut`, removed heads are closed instead."""
    gate = None if plan.head_gate is None else plan.head_gate[..., layer, :]
    if plan.head_keep is None or bool(plan.head_keep[layer].all()):
        return Heads(None, gate)
    keep = plan.head_keep[layer]
    if cut:
        return Heads(keep.nonzero()[:, 0].to(x.device), gate)
    zero_or_one = keep.to(x)
    return Heads(None, zero_or_one if gate is None else gate * zero_or_one)

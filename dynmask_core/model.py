"""The compact Transformer: a pre-norm encoder that takes a MaskPlan and, on request, shows its inside.

Read top to bottom: embedding → gate → removal → blocks (removal, attention, feed-forward) → pooling → logits, or
without pooling: for each word to be guessed the vocabulary's logits.
B texts, T positions ([CLS] first), T' of them still in the text, D model width, H heads, L layers, C classes, V words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.attention import Attention, Edges, bias_at
from dynmask_core.config import ModelConfig
from dynmask_core.data.tokenize import SPECIAL_TOKENS, UNK
from dynmask_core.masks import LayerContext, MaskContext, MaskPlan

LayerPlan = Callable[[LayerContext], MaskPlan]


@dataclass(frozen=True)
class Trace:
    """What happened inside one forward pass, in terms of all T positions.

    attention: L tensors [B, H, T, T], rows are queries and sum to 1 (0 where a row has no edge left).
    hidden: L+1 tensors [B, T, D], the input of the first block first.
    gates: L tensors [B, T] in [0, 1]: what each block saw of each token, 0 once it is removed. The gate on the
    embedding is not in it.
    heads: L tensors, broadcastable to [B, H], in [0, 1].
    """

    attention: tuple[Tensor, ...]
    hidden: tuple[Tensor, ...]
    gates: tuple[Tensor, ...]
    heads: tuple[Tensor, ...]


@dataclass(frozen=True)
class Output:
    """logits: float [B, C], or [G, V] for words to be guessed.

    kept: int64 [L, B], the tokens of each text, [CLS] included, that each block worked on.
    heads: the heads left in each block. aux_loss: scalar or None, of the plan and of all layer plans.
    """

    logits: Tensor
    kept: Tensor
    heads: tuple[int, ...]
    aux_loss: Tensor | None
    trace: Trace | None


class TokenEmbedding(nn.Module):
    """Token ids → vectors. Another kind of input (patches, sound frames) would take this place."""

    def __init__(self, vocabulary: int, config: ModelConfig, max_positions: int) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, config.dim)
        self.position = nn.Parameter(torch.empty(max_positions, config.dim))
        self.baseline = nn.Parameter(torch.zeros(config.dim))
        nn.init.normal_(self.token.weight, std=0.02)
        nn.init.normal_(self.position, std=0.02)

    def forward(self, ids: Tensor, position: Tensor | None, plan: MaskPlan) -> Tensor:
        """ids int64 [B, T'] at their `position` [B, T'] (None: 0…T'−1) → float [B, T', D].

        The gate acts on the token's vector; its position stays.
        """
        x = self.token(ids)
        if plan.token_gate is not None and plan.gate_mode == "interpolate":
            x = torch.lerp(self.baseline.expand_as(x), x, plan.token_gate[..., None].to(x.dtype))
        elif plan.token_gate is not None and plan.gate_mode == "multiply":
            x = x * plan.token_gate[..., None]
        placed: Tensor = x + (self.position[: ids.shape[1]] if position is None else self.position[position])
        return placed


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

    def forward(
        self, x: Tensor, edges: Edges, plan: MaskPlan, gate: Tensor | None, heads: Tensor | None, weigh: bool
    ) -> tuple[Tensor, Tensor | None]:
        attended, weights = self.attention(self.norm1(x), edges, plan, gate, heads, weigh)
        x = x + self.dropout(attended)
        return x + self.dropout(self.down(F.gelu(self.up(self.norm2(x))))), weights


def kept_places(keep: Tensor) -> Tensor | None:
    """keep bool [B, T] → int64 [B, T'], T' the longest text's kept tokens: each text's kept places in order, behind
    them as many removed ones as it lacks. None where no column can go."""
    longest = int(keep.sum(1).max())
    if longest == keep.shape[1]:
        return None
    order: Tensor = keep.to(torch.uint8).argsort(dim=1, descending=True, stable=True)
    return order[:, :longest]


class Encoder(nn.Module):
    """Vectors in, vectors out: knows nothing of tokens."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.dim)

    def forward(
        self,
        x: Tensor,
        keep: Tensor,
        position: Tensor | None,
        plan: MaskPlan,
        batch: MaskContext | None = None,
        layer_plan: LayerPlan | None = None,
        weigh: bool = False,
        trace: bool = False,
    ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None, Output]:
        """x float [B, T', D]; keep bool [B, T'], False where nothing may look; position int64 [B, T'] (None: all of T).

        weigh: `layer_plan` reads the weights of the block before. With `trace` removed tokens and heads are masked in
        place of being cut out, which gives the same numbers. Returns float [B, T'', D]; keep [B, T'']; of tokens that
        left and are pooled all the same their sum [B, D] and number [B, 1], or None; Output without logits.
        """
        hidden, attention, gates, heads, kept = [x], [], [], [], []
        weights = aux_loss = pooled = None
        compact = not trace
        bias, gate = plan.attention_bias, plan.token_gate if plan.gate_mode == "attention" else None
        if position is not None:
            bias, gate = bias_at(bias, position), None if gate is None else gate.gather(1, position)
        for layer, block in enumerate(self.blocks):
            assert isinstance(block, Block)
            now, seen = plan, None
            if layer_plan is not None and batch is not None:
                there = _everywhere(keep) if position is None else position
                now = layer_plan(LayerContext(batch, layer, block.norm1(x), weights, there, keep))
                aux_loss = _plus(aux_loss, now.aux_loss)
                extra, seen = now.attention_bias, now.token_gate
                if seen is not None:
                    x = x * seen[..., None]
                if now.keep is not None:
                    before, keep = keep, keep & (now.keep | (there == 0))
                    if now.pool_removed:
                        pooled = _both(pooled, summed(self.norm(x), before & ~keep))
                    places = kept_places(keep) if compact else None
                    if places is not None:
                        x = x.gather(1, places[..., None].expand(-1, -1, x.shape[-1]))
                        keep, position = keep.gather(1, places), there.gather(1, places)
                        bias, extra = bias_at(bias, places), bias_at(extra, places)
                        gate = None if gate is None else gate.gather(1, places)
                now = replace(plan, attention_map=now.attention_map or plan.attention_map)
                edges = Edges.of(keep, gate, _plus(bias, extra), x.dtype)
            elif layer == 0:
                edges = Edges.of(keep, gate, bias, x.dtype)
            kept.append(keep.sum(1))
            some, head_gate = _heads_of(plan, layer, compact, x)
            x, weights = block(x, edges, now, head_gate, some, weigh or trace)
            if trace:
                hidden.append(x)
                attention.append(weights)
                gates.append(keep.to(x.dtype) if seen is None else keep * seen)
                heads.append(x.new_ones(1) if head_gate is None else head_gate)
        seen_inside = Trace(tuple(attention), tuple(hidden), tuple(gates), tuple(heads)) if trace else None
        left = [self.heads] * len(self.blocks) if plan.head_keep is None else plan.head_keep.sum(1).tolist()
        said = Output(x.new_empty(0), torch.stack(kept), tuple(left), aux_loss, seen_inside)
        return self.norm(x), keep, pooled, said


def summed(x: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
    """x float [B, T, D], where bool [B, T] → the sum [B, D] and the number [B, 1] of the vectors that it marks."""
    share = where[..., None].to(x.dtype)
    return (x * share).sum(1), share.sum(1)


def _both(a: tuple[Tensor, Tensor] | None, b: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return b if a is None else (a[0] + b[0], a[1] + b[1])


def _everywhere(keep: Tensor) -> Tensor:
    return torch.arange(keep.shape[1], device=keep.device).expand(keep.shape)


def _plus(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    return b if a is None else a if b is None else a + b


def _heads_of(plan: MaskPlan, layer: int, compact: bool, x: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """(int64 indices of the heads left or None for all, gate broadcastable to [B, H] or None) of one block."""
    gate = None if plan.head_gate is None else plan.head_gate[..., layer, :]
    if plan.head_keep is None or bool(plan.head_keep[layer].all()):
        return None, gate
    keep = plan.head_keep[layer]
    if compact:
        return keep.nonzero()[:, 0].to(x.device), gate
    zero_or_one = keep.to(x)
    return None, zero_or_one if gate is None else gate * zero_or_one


class Body(nn.Module):
    """What all tasks share: token ids and a MaskPlan → a vector for each token."""

    def __init__(self, vocabulary: int, config: ModelConfig, max_positions: int) -> None:
        super().__init__()
        self.config = config
        self.embedding = TokenEmbedding(vocabulary, config, max_positions)
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.encoder = Encoder(config)

    @property
    def words(self) -> int:
        """The number of words that it has a vector for."""
        return self.embedding.token.num_embeddings

    def start(self) -> None:
        """Draws the first weights; the last line of a subclass's constructor."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.05)
                nn.init.zeros_(module.bias)

    def extend(self, words: int, generator: torch.Generator) -> None:
        """Gives it vectors for more words, `words` in all; those that it has stay as they are."""
        more = torch.empty(words - self.words, self.config.dim).normal_(std=0.02, generator=generator)
        weight = self.embedding.token.weight
        longer = torch.cat([weight.detach(), more.to(weight)])
        self.embedding.token = nn.Embedding(words, self.config.dim, _weight=longer)
        self.embedding.token.weight.requires_grad_(weight.requires_grad)

    def encode(
        self,
        ids: Tensor,
        valid: Tensor,
        plan: MaskPlan,
        batch: MaskContext | None,
        layer_plan: LayerPlan | None,
        weigh: bool,
        trace: bool,
    ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor] | None, Output]:
        """The arguments are those of `forward`; what is returned is what Encoder returns."""
        ids = ids if plan.units is None else plan.units
        if self.training and self.config.token_dropout:
            unknown = torch.rand(ids.shape, device=ids.device) < self.config.token_dropout
            ids = torch.where(unknown & (ids >= len(SPECIAL_TOKENS)), UNK, ids)
        keep, position, here = valid, None, plan
        if plan.keep is not None:
            keep = valid & plan.keep
            keep[:, 0] = True
            position = None if trace else kept_places(keep)
            if position is not None:
                ids, keep = ids.gather(1, position), keep.gather(1, position)
                gate = None if plan.token_gate is None else plan.token_gate.gather(1, position)
                here = replace(plan, token_gate=gate)
        x = self.embedding_dropout(self.embedding(ids, position, here))
        x, keep, left, output = self.encoder(x, keep, position, plan, batch, layer_plan, weigh, trace)
        return x, keep, left, replace(output, aux_loss=_plus(plan.aux_loss, output.aux_loss))


class TextClassifier(Body):
    """Token ids and a MaskPlan → the classes' logits.

    classes: C ≥ 2. max_positions: the longest input, with [CLS].
    """

    def __init__(self, vocabulary: int, classes: int, config: ModelConfig, max_positions: int = 513) -> None:
        super().__init__(vocabulary, config, max_positions)
        self.head_dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.dim, classes)
        self.start()

    def forward(
        self,
        ids: Tensor,
        valid: Tensor,
        plan: MaskPlan,
        *,
        batch: MaskContext | None = None,
        layer_plan: LayerPlan | None = None,
        weigh: bool = False,
        trace: bool = False,
    ) -> Output:
        """ids int64 [B, T], [CLS] at position 0; valid bool [B, T], False at padding.

        layer_plan (with its `batch`) is asked before every block; weigh: it needs attention weights. [CLS] is always
        kept, so a text whose tokens are all removed still has an answer, which does not depend on them.
        """
        x, keep, left, output = self.encode(ids, valid, plan, batch, layer_plan, weigh, trace)
        if self.config.pooling == "cls":
            pooled = x[:, 0]
        else:
            total, number = _both(left, summed(x, keep))
            pooled = total / number
        answered: Output = replace(output, logits=self.head(self.head_dropout(pooled)))
        return answered


class WordGuesser(Body):
    """Token ids and a MaskPlan → logits over the vocabulary for each token that is to be guessed.

    Its output weights are the words' embeddings (Press & Wolf 2017), behind BERT's transform.
    """

    def __init__(self, vocabulary: int, config: ModelConfig, max_positions: int = 513) -> None:
        super().__init__(vocabulary, config, max_positions)
        self.transform = nn.Linear(config.dim, config.dim)
        self.norm = nn.LayerNorm(config.dim)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.start()

    def forward(
        self,
        ids: Tensor,
        valid: Tensor,
        plan: MaskPlan,
        *,
        batch: MaskContext | None = None,
        layer_plan: LayerPlan | None = None,
        weigh: bool = False,
        trace: bool = False,
    ) -> Output:
        """As TextClassifier; logits float [G, V] for the G tokens that `plan.labels` marks, text by text in order.

        A plan that removes tokens has no meaning here.
        """
        x, _, _, output = self.encode(ids, valid, plan, batch, layer_plan, weigh, trace)
        asked = x[plan.labels >= 0] if plan.labels is not None else x[:0, 0]
        guessed = self.norm(F.gelu(self.transform(asked)))
        answered: Output = replace(output, logits=F.linear(guessed, self.embedding.token.weight, self.bias))
        return answered

"""Whole models: an embedding, the encoder, and on top of it what each task needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dynmask_core.config import ModelConfig
from dynmask_core.data.tokenize import UNK
from dynmask_core.model.dropout import Dropout
from dynmask_core.model.embedding import Embedding, TokenEmbedding
from dynmask_core.model.encoder import Encoded, Encoder, Request, Trace
from dynmask_core.model.stream import Pooled, Stream


@dataclass(frozen=True)
class Output:
    """logits: float [B, C]; [G, V] for G words to guess; [B, T, C] for units to mark. The rest: see Encoded."""

    logits: Tensor
    kept: Tensor
    heads: tuple[int, ...]
    aux_loss: Tensor | None
    trace: Trace | None

    @classmethod
    def of(cls, logits: Tensor, encoded: Encoded) -> Output:
        return cls(logits, encoded.kept, encoded.heads, encoded.aux_loss, encoded.trace)


class Backbone(nn.Module):
    """What all tasks share: units and a Request → a vector for each unit."""

    def __init__(self, embedding: Embedding, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = embedding
        self.embedding_dropout = Dropout(config.embedding_dropout)
        self.encoder = Encoder(config)

    def start(self) -> None:
        """Draws the initial weights; to be called last in the constructor of a subclass."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.05)
                nn.init.zeros_(module.bias)

    def encode(self, units: Tensor, attention_mask: Tensor, request: Request) -> Encoded:
        """units int64 [B, T] or float [B, T, F], the special one at place 0; attention_mask bool [B, T], False at
        padding."""
        plan = request.plan
        units = units if plan.units is None else plan.units
        units = units if plan.feature_gate is None else units * plan.feature_gate
        if self.training and self.config.token_dropout and not units.is_floating_point():
            unknown = torch.rand(units.shape, device=units.device) < self.config.token_dropout
            units = torch.where(unknown & (units >= self.embedding.specials), UNK, units)
        stream = Stream(units, attention_mask, gate=plan.token_gate, bias=plan.attention_bias)
        if plan.keep is not None:
            stream = stream.remove(plan.keep, cut=not request.trace)
        x = self.embedding_dropout(self.embedding(stream.x, stream.position, stream.gate, plan))  # [B, T', D]
        encoded: Encoded = self.encoder(replace(stream, x=x), request)
        return encoded


class Classifier(Backbone):
    """Units → logits of the classes, from the mean over the units that are left or from the special one alone.

    classes: C ≥ 2.
    """

    def __init__(self, embedding: Embedding, config: ModelConfig, classes: int) -> None:
        super().__init__(embedding, config)
        self.head_dropout = Dropout(config.dropout)
        self.head = nn.Linear(config.dim, classes)
        self.start()

    def forward(self, units: Tensor, attention_mask: Tensor, request: Request | None = None) -> Output:
        """See Backbone.encode; logits float [B, C]. The special unit is always kept, so a sample whose units are all
        removed still has an answer, which does not depend on them."""
        encoded = self.encode(units, attention_mask, request or Request())
        if self.config.pooling == "cls":
            pooled = encoded.x[:, 0]  # [B, D]
        else:
            here = Pooled.of(encoded.x, encoded.keep)
            pooled = (here if encoded.left is None else encoded.left + here).mean
        return Output.of(self.head(self.head_dropout(pooled)), encoded)


class MaskedLM(Backbone):
    """Units → logits over the vocabulary for each word to guess.

    Its output weights are the words' embeddings (Press & Wolf 2017), after BERT's transform.
    """

    embedding: TokenEmbedding

    def __init__(self, embedding: TokenEmbedding, config: ModelConfig) -> None:
        super().__init__(embedding, config)
        self.transform = nn.Linear(config.dim, config.dim)
        self.norm = nn.LayerNorm(config.dim)
        self.bias = nn.Parameter(torch.zeros(embedding.vocabulary_size))
        self.start()

    def forward(self, units: Tensor, attention_mask: Tensor, request: Request | None = None) -> Output:
        """See Backbone.encode; logits float [G, V] for the G places where `plan.labels` ≥ 0, sample by sample in order.

        The words to guess must not be removed.
        """
        request = request or Request()
        encoded = self.encode(units, attention_mask, request)
        asked = asked_for(encoded, request.plan.labels)  # [G, D]
        guessed = self.norm(F.gelu(self.transform(asked)))
        return Output.of(F.linear(guessed, self.embedding.token.weight, self.bias), encoded)


class Marker(Backbone):
    """Units → logits of what each of them is marked as.

    marks: C ≥ 1.
    """

    def __init__(self, embedding: Embedding, config: ModelConfig, marks: int) -> None:
        super().__init__(embedding, config)
        self.head_dropout = Dropout(config.dropout)
        self.head = nn.Linear(config.dim, marks)
        self.removed = nn.Parameter(torch.zeros(marks))
        self.start()

    def forward(self, units: Tensor, attention_mask: Tensor, request: Request | None = None) -> Output:
        """See Backbone.encode; logits float [B, T, C], for all T units of the batch. Of a unit that a mask removes the
        model knows nothing: all such units get the same answer, which is learned."""
        encoded = self.encode(units, attention_mask, request or Request())
        found = self.head(self.head_dropout(encoded.x))  # [B, T', C]
        found = torch.where(encoded.keep[..., None], found, self.removed)
        if encoded.position is not None:
            places = encoded.position[..., None].expand_as(found)
            whole = self.removed.expand(*attention_mask.shape, -1)  # [B, T, C]
            found = whole.scatter(1, places, found)
        return Output.of(found, encoded)


class Restorer(Backbone):
    """Units described by numbers → the numbers of each unit to restore, as differences from `average` over `scale`.

    average: float [places, F], what stands at each place on average. Both are kept with the weights.
    """

    average: Tensor
    scale: Tensor

    def __init__(self, embedding: Embedding, config: ModelConfig, average: Tensor, scale: float) -> None:
        super().__init__(embedding, config)
        self.head = nn.Linear(config.dim, average.shape[1])
        self.register_buffer("average", average.clone())
        self.register_buffer("scale", torch.tensor(scale, dtype=average.dtype))
        self.start()

    def forward(self, units: Tensor, attention_mask: Tensor, request: Request | None = None) -> Output:
        """See Backbone.encode; logits float [G, F] for the G places where `plan.labels` ≥ 0, sample by sample in order.

        The units to restore must not be removed.
        """
        request = request or Request()
        encoded = self.encode(units, attention_mask, request)
        return Output.of(self.head(asked_for(encoded, request.plan.labels)), encoded)


def asked_for(encoded: Encoded, labels: Tensor | None) -> Tensor:
    """float [G, D]: the vectors of the units where `labels`, int64 [B, T], is ≥ 0; none without labels."""
    if labels is None:
        return encoded.x[:0, 0]
    if encoded.position is not None:
        labels = labels.gather(1, encoded.position).masked_fill(~encoded.keep, -1)  # [B, T] → [B, T']
    return encoded.x[labels >= 0]

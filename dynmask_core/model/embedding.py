"""The first layer: units → vectors. A gate on the input acts here."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from dynmask_core.config import ModelConfig
from dynmask_core.data.tokenize import SPECIAL_TOKENS
from dynmask_core.masks import MaskPlan


class Embedding(nn.Module, ABC):
    """Looks units up, applies the gate, and adds their positions. Each kind of input has its own.

    max_positions: length of the longest sample, the special unit included.
    """

    position: Tensor
    """float [max_positions, D], learned."""
    baseline: Tensor
    """float [D], learned: replaces a unit whose gate is closed."""
    norm: nn.Module
    specials: int = len(SPECIAL_TOKENS)
    """How many of the first numbers of a vocabulary are no words."""

    @property
    def vocabulary_size(self) -> int:
        """V, the number of units with a vector of their own; 0 if units are described by numbers."""
        return 0

    def place(self, config: ModelConfig, max_positions: int) -> None:
        """Creates `position`, `baseline` and `norm`; to be called in the constructor of a subclass."""
        self.position = nn.Parameter(torch.empty(max_positions, config.dim))
        self.baseline = nn.Parameter(torch.zeros(config.dim))
        self.norm = nn.LayerNorm(config.dim, config.norm_epsilon) if config.embedding_norm else nn.Identity()

    def places(self, units: Tensor, position: Tensor | None) -> Tensor:
        """The vectors of the units' places, float [T', D] or [B, T', D]. position: see forward."""
        return self.position[: units.shape[1]] if position is None else self.position[position]

    @abstractmethod
    def look_up(self, units: Tensor) -> Tensor:
        """Units [B, T'] or [B, T', F] → float [B, T', D], without their positions."""

    def forward(self, units: Tensor, position: Tensor | None, gate: Tensor | None, plan: MaskPlan) -> Tensor:
        """Units at their `position`, int64 [B, T'] (None: 0…T'−1) → float [B, T', D].

        gate: float [B, T'] in [0, 1] or None. It acts as `plan.gate_mode` says on the unit's vector, not on its place.
        """
        x = self.look_up(units)  # [B, T', D]
        if gate is not None and plan.gate_mode == "interpolate":
            x = torch.lerp(self.baseline.expand_as(x), x, gate[..., None].to(x.dtype))
        elif gate is not None and plan.gate_mode == "multiply":
            x = x * gate[..., None]
        placed: Tensor = self.norm(x + self.places(units, position))
        return placed


class FeatureEmbedding(Embedding):
    """F numbers → vectors: patches of a picture, frames of a sound. All zeros: the special unit."""

    def __init__(self, features: int, config: ModelConfig, max_positions: int) -> None:
        super().__init__()
        self.project = nn.Linear(features, config.dim)
        self.place(config, max_positions)
        nn.init.normal_(self.position, std=0.02)

    def look_up(self, units: Tensor) -> Tensor:
        vectors: Tensor = self.project(units)
        return vectors


class TokenEmbedding(Embedding):
    """Ids of a vocabulary → vectors."""

    def __init__(self, vocabulary: int, config: ModelConfig, max_positions: int) -> None:
        super().__init__()
        self.token = nn.Embedding(vocabulary, config.dim)
        self.place(config, max_positions)
        nn.init.normal_(self.token.weight, std=0.02)
        nn.init.normal_(self.position, std=0.02)

    @property
    def vocabulary_size(self) -> int:
        return self.token.num_embeddings

    def look_up(self, units: Tensor) -> Tensor:
        vectors: Tensor = self.token(units)
        return vectors

    def resize(self, words: int, generator: torch.Generator) -> None:
        """Adds vectors for new words, up to `words` in all; the old ones stay as they are."""
        old = self.token.weight
        more = torch.empty(words - len(old), old.shape[1]).normal_(std=0.02, generator=generator)
        self.token = nn.Embedding(words, old.shape[1], _weight=torch.cat([old.detach(), more.to(old)]))
        self.token.weight.requires_grad_(old.requires_grad)

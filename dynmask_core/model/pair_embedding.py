"""The first layer for pairs of a source and a target: both are counted from their own start."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dynmask_core.config import ModelConfig
from dynmask_core.data.tokenize import PAD, SEP
from dynmask_core.model.embedding import TokenEmbedding


class PairEmbedding(TokenEmbedding):
    """Ids of a vocabulary → vectors. From the separator on, places are counted anew: the first word of a target stands
    at the same place however long its source is, which is what makes copying from a place easy to learn."""

    def __init__(
        self,
        vocabulary: int,
        config: ModelConfig,
        max_positions: int,
        specials: int,
        parts: Sequence[Sequence[int]] | None = None,
    ) -> None:
        """specials: see Embedding.specials. parts: the numbers of the words in each unit, whose vectors are added to be
        the unit's; None: a unit has a vector of its own."""
        super().__init__(vocabulary, config, max_positions)
        self.specials = specials
        self.target = nn.Parameter(torch.empty(max_positions, config.dim))
        nn.init.normal_(self.target, std=0.02)
        words: Tensor | None = None
        if parts is not None:
            words = torch.full((vocabulary, max(map(len, parts))), PAD)
            for row, numbers in zip(words, parts, strict=True):
                row[: len(numbers)] = torch.tensor(numbers, dtype=torch.int64)
        self.words: Tensor | None
        self.register_buffer("words", words, persistent=False)  # the vocabulary says it

    def look_up(self, units: Tensor) -> Tensor:
        if self.words is None:
            return super().look_up(units)
        words = self.words[units]  # [B, T', W]
        there = (words != PAD)[..., None]
        there[..., :1, :] = True  # padding has a vector, too
        total: Tensor = (self.token(words) * there).sum(2)
        return total

    def places(self, units: Tensor, position: Tensor | None) -> Tensor:
        place = torch.arange(units.shape[1], device=units.device).expand(units.shape) if position is None else position
        separator = units == SEP
        at = torch.where(separator, place, 0).amax(1, keepdim=True)  # [B, 1]
        beyond = separator.any(1, keepdim=True) & (place >= at)
        return torch.where(beyond[..., None], self.target[(place - at).clamp_min(0)], self.position[place])

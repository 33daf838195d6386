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
        """specials: see Embedding.specials. parts: the numbers of the words in each unit, which is a sentence if it has
        several; its vector is then the sum of theirs. None: each unit has its own."""
        super().__init__(vocabulary, config, max_positions)
        self.specials = specials
        self.target = nn.Parameter(torch.empty(max_positions, config.dim))
        nn.init.normal_(self.target, std=0.02)
        words, shares = (None, None) if parts is None else _added(parts)
        self.words: Tensor | None
        self.shares: Tensor | None
        self.register_buffer("words", words, persistent=False)  # the vocabulary says both
        self.register_buffer("shares", shares, persistent=False)

    def look_up(self, units: Tensor) -> Tensor:
        if self.words is None or self.shares is None:
            return super().look_up(units)
        total = (self.token(self.words[units]) * self.shares[units][..., None]).sum(2)  # [B, T', W, D] → [B, T', D]
        # The last sentence is the question: the separator, from whose place the answer comes, repeats it. Else it would
        # first have to learn to look there, which takes far longer.
        asked: Tensor = total + (units == SEP)[..., None] * total.roll(1, 1)
        return asked

    def places(self, units: Tensor, position: Tensor | None) -> Tensor:
        place = torch.arange(units.shape[1], device=units.device).expand(units.shape) if position is None else position
        separator = units == SEP
        at = torch.where(separator, place, 0).amax(1, keepdim=True)  # [B, 1]
        beyond = separator.any(1, keepdim=True) & (place >= at)
        return torch.where(beyond[..., None], self.target[(place - at).clamp_min(0)], self.position[place])


def _added(parts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """The words of each unit, int64 [V, W], and by how much each counts, float [V, W].

    A word counts by its rarity among the sentences, log(sentences / those that have it): what all of them have says
    nothing, yet it would grow with every training step and drown the rest. The squares add up to 1.
    """
    sentences = [set(numbers) for numbers in parts if len(numbers) > 1]
    words = torch.full((len(parts), max(map(len, parts))), PAD)
    shares = torch.zeros(words.shape)
    shares[:, 0] = 1.0
    holding = torch.zeros(len(parts))
    for one in sentences:
        holding[list(one)] += 1
    rarity = (len(sentences) / holding.clamp_min(1)).log() if sentences else holding
    for row, share, numbers in zip(words, shares, parts, strict=True):
        row[: len(numbers)] = torch.tensor(numbers, dtype=torch.int64)
        if len(numbers) > 1:
            share[: len(numbers)] = rarity[list(numbers)].clamp_min(1e-3)
            share /= share.norm()
    return words, shares

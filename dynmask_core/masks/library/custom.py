"""A mask of one's own: an expression over the patterns of the library, or a painted matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.lazy import torch
from dynmask_core.masks import expression
from dynmask_core.masks.atoms import Given
from dynmask_core.masks.base import Need, Param, Value, register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.ops import sentences
from dynmask_core.masks.ops.patterns import MaskMod, alone
from dynmask_core.masks.pattern_mask import PatternMask

if TYPE_CHECKING:
    from torch import Tensor

START = "window(2)|strided(4)|global(0)"


@register
class CustomAttention(PatternMask):
    """The edges for which the expression is true; see masks.expression for how it is written.

    A token that the expression leaves without any edge within its text looks at itself. Nothing else is added: with
    pooling "cls", too, [CLS] sees what the expression says.
    """

    name = "custom"
    paper = "Child et al. 2019, Sparse Transformer, for the pattern it starts with"
    formula = r"M_{qk} = \text{expression}(q, k)"
    parameters = (Param("expression", START, reads=expression.shortest),)
    hub = True
    saved = ("ends",)
    ends: np.ndarray
    """uint8 [V], 1 for signs that end a sentence."""

    @classmethod
    def needs_of(cls, values: Mapping[str, Value]) -> frozenset[Need]:
        return expression.read(str(cls.complete(values)["expression"])).needs

    def fit(self, corpus: CorpusStatistics) -> None:
        self.ends = sentences.ends(corpus.words)

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        read = expression.read(str(self.values["expression"]))
        by_sentence, placed = "words" in read.needs, read.term.placed and context.coordinates is not None
        given = Given(
            tokens=context.attention_mask.shape[1],
            seed=self.seed,
            coordinates=context.coordinates,
            sentences=sentences.of_ids(self.ends, context.input_ids) if by_sentence else None,
        )
        return read.mod(given), len(context.attention_mask) if by_sentence or placed else 1, 1

    def edges(self, context: MaskContext) -> Tensor:
        mask = super().edges(context)
        lonely: Tensor = alone(mask, context.attention_mask)
        if not lonely.any():
            return mask
        own: Tensor = lonely & torch.eye(mask.shape[-1], dtype=torch.bool, device=mask.device)
        return mask | own

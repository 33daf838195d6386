"""Base class of fixed attention patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Refresh, Source
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops.patterns import MaskMod, dense, reader
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor


class PatternMask(MaskStrategy):
    """A pattern that is the same in all layers. [CLS] is a token like others, at place 0.

    With pooling "cls" the classifier reads only [CLS], so it would know only what the pattern lets that one token see.
    There [CLS] sees all tokens and none sees it: it can answer, but does not carry information past the pattern.
    """

    family = "attention"
    site = "attention"
    refresh: Refresh = "never"
    source: ClassVar[Source] = "none"
    hub: ClassVar[bool] = False
    """True if the pattern itself connects [CLS] with all tokens."""

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        """The pattern, and its sizes over texts and heads (1: the same for all)."""
        raise NotImplementedError

    def edges(self, context: MaskContext) -> Tensor:
        """The edges that stay: bool [B or 1, H or 1, T, T]."""
        mod, texts, heads = self.pattern(context)
        if self.setting.model.pooling == "cls" and not self.hub:
            mod = reader(mod)
        return dense(mod, texts, heads, context.attention_mask.shape[1], context.device)

    def plan(self, context: MaskContext) -> MaskPlan:
        mask = self.edges(context)
        return MaskPlan(attention_bias=torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, -torch.inf))


def texts_of(given: Tensor | None) -> int:
    """The number of texts of a pattern made from `given` [B, …]: B, or 1 if it is None."""
    return 1 if given is None else len(given)

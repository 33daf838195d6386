"""The base of fixed attention patterns."""

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

    Where the classifier reads [CLS] alone (pooling "cls"), it would answer from what the pattern lets that one token
    see. There [CLS] sees all tokens and none sees it: it can answer, and carries nothing past the pattern.
    """

    family = "attention"
    site = "attention"
    refresh: Refresh = "never"
    source: ClassVar[Source] = "none"
    hub: ClassVar[bool] = False
    """True where the pattern itself connects [CLS] with all tokens."""

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        """The pattern, and how many texts and heads it differs between (1: the same for all)."""
        raise NotImplementedError

    def plan(self, context: MaskContext) -> MaskPlan:
        mod, texts, heads = self.pattern(context)
        if self.setting.model.pooling == "cls" and not self.hub:
            mod = reader(mod)
        mask = dense(mod, texts, heads, context.attention_mask.shape[1], context.device)
        return MaskPlan(attention_bias=torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, -torch.inf))


def texts_of(given: Tensor | None) -> int:
    """How many texts a pattern made from `given` [B, …] differs between: B, or 1 without it."""
    return 1 if given is None else len(given)

"""What a unit of a sequence sees, and what is to be predicted where: the mask that belongs to the task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.config import ContinueSettings
from dynmask_core.data.tokenize import MASK, PAD, UNK
from dynmask_core.keys import seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks import Composed
from dynmask_core.masks.base import MaskStrategy, Setting
from dynmask_core.masks.context import LayerContext, MaskContext
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.ranks import ranks
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

NOTHING = -100
"""The label of places where nothing is predicted."""


def order_of(settings: ContinueSettings, setting: Setting) -> MaskStrategy:
    """The mask of the task; an arm's masks come on top. Biases add up and keeps are joined by "and", so an edge that it
    closes stays closed."""
    return Unmask(setting) if settings.way == "unmask" else LeftToRight(setting, settings.mask)


def targets_of(context: MaskContext) -> Tensor:
    """bool [B, T]: the units of the targets, with their ends."""
    assert context.prefix is not None
    place = torch.arange(context.attention_mask.shape[1], device=context.device)
    return context.attention_mask & (place >= context.prefix[:, None])


class Ordered(Composed):
    """The mask of the task, and on top of it those of an arm. To these the targets look like padding: gates that are
    computed from the units around would carry what a target says, and how long it is, to the places that have to
    predict it."""

    def __init__(self, order: MaskStrategy, parts: Sequence[MaskStrategy]) -> None:
        super().__init__([order, *parts])
        self.order = order

    def plans(self, context: MaskContext) -> list[MaskPlan]:
        blind, targets = _without_targets(context), targets_of(context)
        found = [self.order.plan(context)]
        for part in self.parts[1:]:
            plan = part.plan(blind) if context.training or not part.only_training else MaskPlan()
            if plan.units is not None:
                plan = replace(plan, units=torch.where(targets, context.units, plan.units))
            found.append(plan)
        return found

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        return super().layer_plan(replace(context, batch=_without_targets(context.batch)))


def _without_targets(context: MaskContext) -> MaskContext:
    """The batch as if there were no targets: their places are padding."""
    there = context.attention_mask & ~targets_of(context)
    units = context.units.masked_fill(~there, PAD)
    return replace(context, units=units, attention_mask=there, special=context.special | ~there)


class LeftToRight(MaskStrategy):
    """Each place predicts the unit after it, from what `sight` lets it see: "prefix", "causal" or "full"."""

    name = "order"
    family = "attention"
    site = "attention"
    refresh = "never"
    source = "none"

    def __init__(self, setting: Setting, sight: str) -> None:
        super().__init__(setting)
        self.sight = sight

    def plan(self, context: MaskContext) -> MaskPlan:
        assert context.prefix is not None
        units = context.units
        labels = torch.full_like(units, NOTHING)
        asked = (targets_of(context) & (units != UNK))[:, 1:]  # a word that is not in the vocabulary is not asked for
        labels[:, :-1] = torch.where(asked, units[:, 1:], NOTHING)
        if self.sight == "full":
            return MaskPlan(labels=labels)
        pattern = patterns.causal() if self.sight == "causal" else patterns.prefix(context.prefix)
        edges = patterns.dense(pattern, 1 if self.sight == "causal" else len(units), 1, units.shape[1], context.device)
        bias = torch.zeros(edges.shape, device=context.device).masked_fill(~edges, -torch.inf)
        return MaskPlan(attention_bias=bias, labels=labels)


class Unmask(MaskStrategy):
    """Masked diffusion (Sahoo et al. 2024, MDLM; Nie et al. 2025, LLaDA): a share t of a target's n units is hidden,
    and every unit sees every other. t is k/n, with k uniform in 1…n: t ~ U(0, 1) without the draws that hide nothing.

    Drawn anew in each epoch; for evaluation by the sample alone, so that all epochs and arms have the same to predict.
    """

    name = "unmask"
    family = "random"
    site = "corruption"
    refresh = "epoch"
    source = "random"
    replaces = "units"

    def plan(self, context: MaskContext) -> MaskPlan:
        units = context.units
        there = (targets_of(context) & (units != UNK)).cpu().numpy()
        sample = context.sample.cpu().numpy()
        turn = ("train", context.epoch) if context.training else ("evaluation", 0)
        n = there.sum(1)
        share = uniform_grid(seed_of(self.seed, "rate", *turn), sample, 1)[:, 0]
        count = np.minimum(np.floor(share * n).astype(np.int64) + 1, n)
        drawn = uniform_grid(seed_of(self.seed, "unmask", *turn), sample, there.shape[1])
        hidden = torch.from_numpy(there & (ranks(drawn, there) < count[:, None])).to(context.device)
        return MaskPlan(units=units.masked_fill(hidden, MASK), labels=torch.where(hidden, units, NOTHING))

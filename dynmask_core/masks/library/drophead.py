"""Drops whole heads at random in training, so that the model cannot rely on a single one."""

from __future__ import annotations

import numpy as np

from dynmask_core.keys import seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.plan import MaskPlan


@register
class DropHeadMask(MaskStrategy):
    """Each text drops each head with probability `rate`, but never all heads of a layer; predictions use every head.

    shape "v" (the paper's): the rate falls to 0 by the middle of the run and rises again to its start; "flat" follows
    the rate's own schedule. The paper multiplies what is left by H/kept. A mask value is never above 1, so this is not
    done here: in prediction, attention is on average 1/(1−rate) times as strong as in training.
    """

    name = "drophead"
    family = "head"
    site = "head"
    refresh = "forward"
    source = "random"
    paper = "Zhou, Ge, Wei, Zhou & Xu 2020, Scheduled DropHead"
    formula = r"\xi_{l,h} \sim \mathrm{Bernoulli}(1-p_t),\quad p_t = p\,\lvert 1-2t \rvert"
    parameters = (Param("rate", 0.2, 0.0, 1.0, scheduled=True), Param("shape", "v", choices=("v", "flat")))
    only_training = True

    @property
    def rate(self) -> float:
        """p in the current epoch."""
        progress = (max(self.epoch, 1) - 1) / max(self.setting.epochs - 1, 1)
        return self.at("rate") * (abs(1 - 2 * progress) if self.values["shape"] == "v" else 1.0)

    def plan(self, context: MaskContext) -> MaskPlan:
        layers, heads = self.setting.model.layers, self.setting.model.heads
        key = seed_of(self.seed, self.name, context.epoch, context.step)
        drawn = uniform_grid(key, context.sample.cpu().numpy(), layers * heads).reshape(-1, layers, heads)
        # If all heads of a layer would go, the one with the largest draw stays; each is equally likely.
        keep = (drawn >= self.rate) | (np.arange(heads) == drawn.argmax(-1)[..., None])
        return MaskPlan(head_gate=torch.from_numpy(keep.astype(np.float32)).to(context.device))

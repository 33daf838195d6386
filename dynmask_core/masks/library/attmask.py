"""Hide the most attended: in training, what the model looks at most is taken away."""

from __future__ import annotations

import numpy as np

from dynmask_core.keys import seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import LayerContext
from dynmask_core.masks.ops.ranks import ranks
from dynmask_core.masks.ops.received import received
from dynmask_core.masks.plan import MaskPlan

SPREAD = 0.2


@register
class AttMask(MaskStrategy):
    """Before block 1, a share of rate ± 0.2 of a sample's units leaves: those that block 0 attended to most. With
    probability `chance` in each training step; a share `hint` of them is shown all the same, drawn at random.

    The opposite of top-k, so that the model must use the rest. In the paper a teacher's attention chooses, the student
    reads the rest, and no labels are used; here it is the model's own first block, while it learns the task.
    """

    name = "attmask"
    family = "removal"
    site = "removal"
    refresh = "forward"
    source = "attention"
    needs = frozenset({"attention"})
    only_training = True
    paper = "Kakogeorgiou et al. 2022, What to Hide from Your Students: Attention-Guided Masked Image Modeling"
    formula = r"\text{hide}\ \mathrm{top}_{\rho n}\ \textstyle\sum_{h,q} A^{0}_{h,q,i},\quad \rho \sim U[r-0.2,\,r+0.2]"
    parameters = (
        Param("rate", 0.3, 0.0, 1.0, scheduled=True),
        Param("chance", 0.5, 0.0, 1.0),
        Param("hint", 0.0, 0.0, 1.0),
    )

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        if context.layer != 1 or context.attention is None:
            return MaskPlan()
        batch, units = context.batch, context.maskable.cpu().numpy()
        sample = batch.sample.cpu().numpy()
        drawn = uniform_grid(seed_of(self.seed, self.name, batch.epoch, batch.step), sample, 3)
        rate = np.clip(self.at("rate") + SPREAD * (2 * drawn[:, 2] - 1), 0, 1)
        count = units.sum(1)
        hide = np.floor(rate * count + drawn[:, 1]) * (drawn[:, 0] < float(self.values["chance"]))
        hide = np.minimum(hide, np.maximum(count - 1, 0))
        seen = received(context.attention, context.keep).detach().cpu().numpy()
        hidden = (ranks(-seen, units) < hide[:, None]) & units
        width = batch.attention_mask.shape[1]
        lots = uniform_grid(seed_of(self.seed, self.name, "hint", batch.epoch, batch.step), sample, width)
        shown = np.take_along_axis(lots, context.position.cpu().numpy(), 1) < float(self.values["hint"])
        return MaskPlan(keep=torch.from_numpy(~hidden | shown).to(batch.device))

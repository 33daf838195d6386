"""SpecAugment: in training, stretches of time and bands of frequency are hidden at random."""

from __future__ import annotations

from typing import cast

import numpy as np

from dynmask_core.keys import seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, Refresh, Setting, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops.sampling import turn
from dynmask_core.masks.plan import MaskPlan


@register
class SpecAugment(MaskStrategy):
    """Of every sound, `band_masks` runs of neighbouring bands and `time_masks` runs of neighbouring frames become its
    mean loudness; each is from nothing to `band_share` of the bands, or `time_share` of the sound, long.

    The defaults are the paper's LD policy: two masks of up to 27 of 80 bands, two of up to a tenth of a clip of 10 s.
    `refresh` covers the range from static masks (dataset, cycle) to the paper's dynamic ones (epoch, forward).
    """

    name = "specaugment"
    family = "random"
    site = "input"
    source = "random"
    needs = frozenset({"bands", "order"})
    only_training = True
    paper = "Park et al. 2019, SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition"
    formula = r"f \sim U[0, F],\ f_0 \sim U[0, \nu - f],\quad t \sim U[0, T],\ t_0 \sim U[0, \tau - t]"
    parameters = (
        Param("band_masks", 2, 0, 10),
        Param("band_share", 0.33, 0.0, 1.0, scheduled=True),
        Param("time_masks", 2, 0, 10),
        Param("time_share", 0.1, 0.0, 1.0, scheduled=True),
        Param("refresh", "epoch", choices=("dataset", "cycle", "every", "epoch", "forward")),
        Param("k", 4, 1, 1000),
    )

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        changes = str(self.values["refresh"])
        self.refresh = cast(Refresh, "epoch" if changes in ("cycle", "every") else changes)

    def plan(self, context: MaskContext) -> MaskPlan:
        B, T, F = context.units.shape
        joined = F // context.bands
        units = context.maskable.sum(1).cpu().numpy()  # [B]
        bands = self._hidden("band", context, np.full(B, context.bands), context.bands)  # [B, bands]
        times = self._hidden("time", context, units * joined, (T - 1) * joined)  # [B, frames]
        hidden = times[:, :, None] | bands[:, None, :]  # [B, frames, bands]
        gate = torch.ones(B, T, F, device=context.device)
        gate[:, 1:] = torch.from_numpy(~hidden.reshape(B, T - 1, F)).to(gate)
        return MaskPlan(feature_gate=torch.where(context.maskable[..., None], gate, 1.0))

    def _hidden(self, axis: str, context: MaskContext, size: np.ndarray, width: int) -> np.ndarray:
        """bool [B, width]: what the masks of an axis cover. size: int64 [B], how long the axis is in each sound."""
        when = turn(str(self.values["refresh"]), context.epoch, context.step, int(self.values["k"]))
        masks = int(self.values[f"{axis}_masks"])
        key = seed_of(self.seed, self.name, axis, *when)
        chance = uniform_grid(key, context.sample.cpu().numpy(), 2 * masks).astype(np.float64)  # [B, 2 · masks]
        longest = np.floor(size * self.at(f"{axis}_share"))[:, None]
        length = np.floor(chance[:, :masks] * (longest + 1))
        start = np.floor(chance[:, masks:] * (size[:, None] - length + 1))
        place = np.arange(width)
        covered = (place >= start[..., None]) & (place < (start + length)[..., None])  # [B, masks, width]
        hidden: np.ndarray = covered.any(1)
        return hidden

"""A random mask value for each place, the same in every sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from dynmask_core.keys import seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import Param, Refresh, Setting, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.word_table import TokenValues

if TYPE_CHECKING:
    from torch import Tensor


@register
class PlaceGate(TokenValues):
    """m_i ~ U[0, 1] at place i (a patch of a picture, a frame of a sound, a place in a text), in training and in
    prediction; places below θ leave.

    refresh: drawn once ("dataset": the static mask) or anew in every "epoch" (dynamic). Static, the same places are
    missing in every sample, so what stands there is never seen; that costs more than hiding as much elsewhere in each.
    """

    name = "placegate"
    family = "random"
    refresh: Refresh = "dataset"
    source = "random"
    needs = frozenset()
    formula = r"m_i \sim U[0,1]\ \text{at place } i"
    parameters = (Param("refresh", "dataset", choices=("dataset", "epoch")),)
    uses = ("keep_threshold", "gate_mode")

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.refresh = cast(Refresh, self.values["refresh"])

    def token_values(self, context: MaskContext) -> Tensor:
        turn = self.epoch if self.refresh == "epoch" else 0
        places = context.places
        drawn = uniform_grid(seed_of(self.seed, self.name, turn), np.zeros(1, dtype=np.int64), int(places.max()) + 1)
        return torch.from_numpy(drawn[0]).to(context.device, torch.float32)[places]

"""Base class of masks that hide words at random in training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from dynmask_core.data.tokenize import MASK
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Need, Param, Refresh, Setting, Value
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.ops.sampling import turn
from dynmask_core.masks.plan import MaskPlan


class RandomTokens(MaskStrategy):
    """Hides words at random in training; predictions see whole texts. Subclasses choose the words in `hidden`.

    how: "remove" takes them out of the sequence, "mask" writes [MASK] in their place, "blend" closes their gate.
    refresh: masks are drawn once ("dataset"), used in a "cycle" of k, or drawn anew "every" k epochs, every "epoch" or
    every "forward" pass.
    """

    family = "random"
    site = "removal"
    source = "random"
    only_training = True
    parameters = (
        Param("rate", 0.3, 0.0, 1.0, scheduled=True),
        Param("how", "remove", choices=("remove", "mask", "blend")),
        Param("refresh", "epoch", choices=("dataset", "cycle", "every", "epoch", "forward")),
        Param("k", 4, 1, 1000),
    )
    uses = ("gate_mode",)

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        changes = str(self.values["refresh"])
        self.refresh = cast(Refresh, "epoch" if changes in ("cycle", "every") else changes)
        self.predictable = self.values["how"] == "remove" and changes != "forward"

    @classmethod
    def replacement(cls, values: Mapping[str, Value]) -> str:
        return "units" if values.get("how") == "mask" else ""

    @classmethod
    def needs_of(cls, values: Mapping[str, Value]) -> frozenset[Need]:
        return cls.needs | {"words"} if values.get("how") == "mask" else cls.needs

    def hidden(self, words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
        """bool [B, T], True for the words to hide. words: bool [B, T]. sample: int64 [B]. key: see ops/sampling.py."""
        raise NotImplementedError

    def plan(self, context: MaskContext) -> MaskPlan:
        when = turn(str(self.values["refresh"]), context.epoch, context.step, int(self.values["k"]))
        drawn = self.hidden(
            context.maskable.cpu().numpy(), self.at("rate"), context.sample.cpu().numpy(), self.seed, self.name, *when
        )
        hidden = torch.from_numpy(drawn).to(context.device)
        if self.values["how"] == "remove":
            return MaskPlan(keep=~hidden)
        if self.values["how"] == "mask":
            return MaskPlan(units=context.input_ids.masked_fill(hidden, MASK))
        return MaskPlan(token_gate=(~hidden).float(), gate_mode=self.setting.mask.gate_mode)

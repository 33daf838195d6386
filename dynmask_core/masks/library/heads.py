"""Removes a fixed list of heads."""

from __future__ import annotations

import re

import numpy as np

from dynmask_core.errors import InputError
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, Setting, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.plan import MaskPlan

_ENTRY = re.compile(r"(\d+|\*)\.(\d+|\*)")


@register
class HeadsMask(MaskStrategy):
    """`heads` lists the removed heads as layer.head, joined by |, counted from 0; * stands for all.

    A layer that would lose every head keeps its last one, so that `*.0` also works in a model with one head.
    """

    name = "heads"
    family = "head"
    site = "head"
    refresh = "never"
    source = "none"
    formula = r"\xi_{l,h} = 0 \ \text{for}\ (l,h) \in \text{heads}"
    parameters = (Param("heads", "*.0"),)

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        layers, heads = setting.model.layers, setting.model.heads
        self.keep = np.ones((layers, heads), dtype=bool)
        written = str(self.values["heads"])
        for entry in written.split("|"):
            match = _ENTRY.fullmatch(entry.strip())
            places = list(zip(match.groups(), (layers, heads), strict=True)) if match else []
            if not places or any(n != "*" and int(n) >= size for n, size in places):
                expected = f"0.0|1.0, *.0; 0–{layers - 1}.0–{heads - 1}"
                raise InputError("bad_parameter", strategy=self.name, name="heads", value=written, expected=expected)
            layer, head = (slice(None) if n == "*" else int(n) for n, _ in places)
            self.keep[layer, head] = False
        self.keep[~self.keep.any(1), -1] = True

    def plan(self, context: MaskContext) -> MaskPlan:
        return MaskPlan(head_keep=torch.from_numpy(self.keep))

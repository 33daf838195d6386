"""Heads pruned by importance: how much a text's loss would change if the head were made a little weaker."""

from __future__ import annotations

import numpy as np

from dynmask_core.config import Controls
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, Setting, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.plan import MaskPlan


def prune(importance: np.ndarray, keep: np.ndarray, left: int) -> np.ndarray:
    """bool [L, H]: the `left` most important heads of those still in `keep`, at least one in the whole model.

    importance: float [L, H] ≥ 0; each layer is divided by its L2 norm, so that layers are comparable.
    """
    norm = np.linalg.norm(importance, axis=1, keepdims=True)
    score = np.where(keep, importance / np.maximum(norm, 1e-30), -1.0)
    chosen = np.argsort(-score, axis=None, kind="stable")[: max(min(left, int(keep.sum())), 1)]
    result = np.zeros(keep.size, dtype=bool)
    result[chosen] = True
    return result.reshape(keep.shape)


@register
class HeadGradMask(MaskStrategy):
    """Each epoch from `start` on removes the least important heads, at an even pace, until the share `keep` is left.

    Importance is Σ |∂L/∂ξ| over the texts of the previous epoch; ξ = 1 is a gate on the head's output. Removed heads
    leave the weight matrices and do not come back. The paper prunes a trained model; here training goes on between the
    cuts.
    """

    name = "headgrad"
    family = "head"
    site = "head"
    source = "gradient"
    paper = "Michel, Levy & Neubig 2019, Are Sixteen Heads Really Better than One?"
    formula = (
        r"I_h = \sum_{\text{texts}} \Big|\frac{\partial L}{\partial \xi_h}\Big|,\quad "
        r"\hat I_h = I_h / \lVert I_{\text{layer}}\rVert_2"
    )
    saved = ("importance", "heads")
    parameters = (Param("keep", 0.5), Param("start", 2, 2, 1000))

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        shape = (setting.model.layers, setting.model.heads)
        self.importance = np.zeros(shape)
        self.heads = np.ones(shape, dtype=np.uint8)

    @property
    def keep(self) -> np.ndarray:
        """bool [L, H]: the heads that are left."""
        return self.heads.astype(bool)

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        super().on_epoch(epoch, controls)
        start, last = int(self.values["start"]), self.setting.epochs
        if epoch >= start and self.importance.any():
            progress = min((epoch - start + 1) / max(last - start + 1, 1), 1.0)
            left = round(self.keep.size * (1 - (1 - float(self.values["keep"])) * progress))
            self.heads = prune(self.importance, self.keep, left).astype(np.uint8)
        self.importance = np.zeros_like(self.importance)

    def plan(self, context: MaskContext) -> MaskPlan:
        gate = None
        if context.split == "train":
            # One gate per text, so that texts that pull a head in opposite directions do not cancel.
            gate = torch.ones(len(context.attention_mask), *self.keep.shape, device=context.device, requires_grad=True)
        return MaskPlan(head_gate=gate, head_keep=torch.from_numpy(self.keep))

    def feedback(self, context: MaskContext, plan: MaskPlan) -> None:
        if plan.head_gate is not None and plan.head_gate.grad is not None:
            self.importance += plan.head_gate.grad.abs().sum(0).double().cpu().numpy() * len(context.attention_mask)

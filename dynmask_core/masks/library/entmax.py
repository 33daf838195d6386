"""Entmax instead of softmax: attention with exact zeros."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

NEARLY_SOFTMAX = 1.001
"""Below this α the exponent 1/(α−1) is too large for single precision, and softmax differs too little to matter."""
BISECTIONS = 26
"""As many as single precision can resolve."""


def entmax(scores: Tensor, alpha: float) -> Tensor:
    """scores float [..., T], alpha in [1, 2] → weights [..., T] ≥ 0 that sum to 1.

    α = 1 is softmax, α = 2 sparsemax. Scores so low that they mean "removed" get exactly 0, unless the whole row is
    removed.
    """
    if alpha < NEARLY_SOFTMAX:
        return scores.softmax(-1)
    from entmax import entmax15, entmax_bisect, sparsemax

    # If a whole row is removed, rounding would lose the bisection's threshold and the weights would be NaN.
    above = scores - scores.amax(-1, keepdim=True).detach()
    weights: Tensor
    if alpha == 2:
        weights = sparsemax(above)
    elif alpha == 1.5:
        weights = entmax15(above)
    else:
        weights = entmax_bisect(above, alpha, n_iter=BISECTIONS)
    return weights


@register
class EntmaxAttention(MaskStrategy):
    """The scores decide which edges are 0, anew in every forward pass; nothing is drawn or learned."""

    name = "entmax"
    replaces = "attention_map"
    family = "attention"
    site = "attention"
    refresh = "forward"
    source = "none"
    paper = "Peters, Niculae & Martins 2019, Sparse Sequence-to-Sequence Models"
    formula = r"p = \big[(\alpha-1)\,x - \tau\big]_+^{1/(\alpha-1)}, \quad \textstyle\sum p = 1"
    parameters = (Param("alpha", 1.5, 1.0, 2.0, scheduled=True),)

    def plan(self, context: MaskContext) -> MaskPlan:
        return MaskPlan(attention_map=partial(entmax, alpha=self.at("alpha")))

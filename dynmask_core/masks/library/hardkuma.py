"""HardKuma gates on tokens: like hard concrete, from a distribution with two shape parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dynmask_core.lazy import F
from dynmask_core.masks.base import Need, Param, Value, register
from dynmask_core.masks.gates import BY, TARGET, LearnedGate
from dynmask_core.masks.ops.relaxed import kuma_fixed, kuma_sample, kuma_zero

if TYPE_CHECKING:
    from torch import Tensor


def shapes(scores: Tensor) -> tuple[Tensor, Tensor]:
    """scores float [..., 2] → Kumaraswamy's a and b, each float [...] in [0.01, 100]."""
    a, b = F.softplus(scores).clamp(0.01, 100).unbind(-1)
    return a, b


@register
class HardKumaMask(LearnedGate):
    """Two numbers per word, or computed from its context. In prediction a gate is the most likely of 0, 1 and in
    between (then the mean).

    `weight` adds the expected number of changes between neighbouring gates, so that whole phrases stay or go (fused
    lasso). The paper moves its multiplier by λ·exp(η·c), which starts too slowly for a few hundred steps; see
    Lagrangian for the rule used here.
    """

    name = "hardkuma"
    paper = "Bastings, Aziz & Titov 2019, Interpretable Neural Predictions with Differentiable Binary Variables"
    formula = (
        r"m = \mathrm{clip}\big(1.2\,(1-(1-u)^{1/b})^{1/a} - 0.1\big),\quad"
        r"\overline{[m>0]} \to \text{target}"
    )
    parameters = (BY, TARGET, Param("weight", 0.0, 0.0, 10.0, scheduled=True))
    uses = ("gate_mode",)
    start = (1.0, 0.5)

    @classmethod
    def needs_of(cls, values: Mapping[str, Value]) -> frozenset[Need]:
        alone = values.get("weight", 0.0) == 0
        return super().needs_of(values) | (frozenset() if alone else {"order"})

    def sample(self, scores: Tensor, noise: Tensor) -> Tensor:
        return kuma_sample(*shapes(scores), noise)

    def fixed(self, scores: Tensor) -> Tensor:
        return kuma_fixed(*shapes(scores))

    def open(self, scores: Tensor) -> Tensor:
        return 1 - kuma_zero(*shapes(scores))

    def extra_loss(self, scores: Tensor, words: Tensor) -> Tensor | None:
        weight = self.at("weight")
        if weight == 0:
            return None
        p, both = self.open(scores), words[:, 1:] & words[:, :-1]
        change = p[:, 1:] * (1 - p[:, :-1]) + (1 - p[:, 1:]) * p[:, :-1]
        return weight * (change * both).sum() / both.sum().clamp_min(1)

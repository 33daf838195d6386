"""Hard concrete gates on tokens: words that are not needed close, and leave the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.gates import BY, TARGET, LearnedGate
from dynmask_core.masks.ops.relaxed import concrete_fixed, concrete_open, concrete_sample

if TYPE_CHECKING:
    from torch import Tensor


@register
class HardConcreteMask(LearnedGate):
    """One log α per word, or computed from its context; random gates in training, σ(log α) stretched in prediction.

    Per word, words never seen in training keep the initial gate, one half.
    """

    name = "hardconcrete"
    paper = "Louizos, Welling & Kingma 2018, Learning Sparse Neural Networks through L0 Regularization"
    formula = (
        r"m = \mathrm{clip}\big(1.2\,\sigma\big((\log\tfrac{u}{1-u} + \log\alpha)/T\big) - 0.1\big),\quad"
        r"\overline{[m>0]} \to \text{target}"
    )
    parameters: ClassVar[tuple[Param, ...]] = (BY, TARGET, Param("temperature", 2 / 3, 0.05, 2.0, scheduled=True))
    uses: ClassVar[tuple[str, ...]] = ("gate_mode",)

    def sample(self, scores: Tensor, noise: Tensor) -> Tensor:
        return concrete_sample(scores[..., 0], noise, self.at("temperature"))

    def fixed(self, scores: Tensor) -> Tensor:
        return concrete_fixed(scores[..., 0])

    def open(self, scores: Tensor) -> Tensor:
        return concrete_open(scores[..., 0], self.at("temperature"))

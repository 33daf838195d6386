"""What a mask strategy returns, and how several plans combine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dynmask_core.config import GateMode
from dynmask_core.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

AttentionMap = Callable[["Tensor"], "Tensor"]
"""Scores [..., T] → weights [..., T] that sum to 1, instead of softmax."""


@dataclass(frozen=True)
class MaskPlan:
    """What the model should do; None changes nothing.

    token_gate: float [B, T] in [0, 1], 1 keeps. From `plan` it is applied to the embedding as `gate_mode` says; from
    `layer_plan` it multiplies the block's input.
    keep: bool [B, T]. False removes the token from the text from here on: it gets no attention, does not count in the
    pooling, and is not computed unless a Trace is wanted.
    pool_removed: with the `keep` of a `layer_plan`: removed tokens still count in the average over the text, with the
    state they had when they left.
    feature_gate: float [B, T, F] in [0, 1], of units that are described by F numbers: multiplies these. 0 must be what
    means nothing: in sounds it is the mean loudness.
    fuse: float [B, T] ≥ 0, with the `keep` of a `layer_plan`: the units that it removes go on as one, the mean of their
    vectors with these weights, at the place of the unit with the largest weight.
    units: int64 [B, T] or float [B, T, F], read instead of the batch's own (corruption); only from `plan`.
    shown: float [B, T, F] in [0, 1], with such `units`: how much of each number is still the sample's own. It acts on
    nothing; without it, a unit that is changed is shown as removed.
    labels: int64 [B, T], the word to guess at each token, negative where there is none; only from `plan`.
    attention_bias: float, broadcastable to [B, H, T, T], added to the scores; -inf removes the edge.
    attention_map: replaces softmax; at most one per arm.
    head_gate: float [L, H] or [B, L, H] in [0, 1], multiplies a head's output; only from `plan`.
    head_keep: bool [L, H] on the CPU. False removes the head from the weight matrices; only from `plan`.
    aux_loss: scalar added to the training loss.
    """

    token_gate: Tensor | None = None
    gate_mode: GateMode = "interpolate"
    keep: Tensor | None = None
    pool_removed: bool = False
    feature_gate: Tensor | None = None
    fuse: Tensor | None = None
    units: Tensor | None = None
    shown: Tensor | None = None
    labels: Tensor | None = None
    attention_bias: Tensor | None = None
    attention_map: AttentionMap | None = None
    head_gate: Tensor | None = None
    head_keep: Tensor | None = None
    aux_loss: Tensor | None = None

    def combine(self, other: MaskPlan) -> MaskPlan:
        """Both plans at once: gates multiply, biases and losses add, `keep`s are AND-ed. Order does not matter.

        Raises ValueError for what cannot combine: gates of different modes, two corruptions, two maps.
        """
        if self.token_gate is not None and other.token_gate is not None and self.gate_mode != other.gate_mode:
            raise ValueError("token gates of different modes do not combine")
        merge: dict[str, Any] = {
            "token_gate": torch.mul,
            "keep": torch.logical_and,
            "feature_gate": torch.mul,
            "fuse": _clash,
            "units": _clash,
            "shown": torch.mul,
            "labels": _clash,
            "attention_bias": torch.add,
            "attention_map": _clash,
            "head_gate": torch.mul,
            "head_keep": torch.logical_and,
            "aux_loss": torch.add,
        }
        merged = {name: _either(getattr(self, name), getattr(other, name), how) for name, how in merge.items()}
        mode = self.gate_mode if self.token_gate is not None else other.gate_mode
        return replace(self, **merged, gate_mode=mode, pool_removed=self.pool_removed or other.pool_removed)


def _either(a: Any, b: Any, merge: Callable[[Any, Any], Any]) -> Any:
    return b if a is None else a if b is None else merge(a, b)


def _clash(a: Any, b: Any) -> Any:
    raise ValueError("two masks of one arm replace the same thing")

"""Overrides a mask by hand: words forced out of a text or back into it, heads forced off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from dynmask_core.config import ModelConfig
from dynmask_core.errors import InputError
from dynmask_core.masked_model import MaskedModel
from dynmask_core.masks import LayerContext, MaskContext, MaskPlan
from dynmask_core.model import Output

Head = tuple[int, int]
"""(layer, head), both from 0."""
UNITS_AT_ONCE = 8192
"""How many units one forward pass reads at most, so that many variants of a long text fit into memory."""


@dataclass(frozen=True)
class Forced:
    """What a reader overrides in the mask of one text.

    removed: words that leave the text before the first block, as by `MaskPlan.keep`: they get no attention and do not
    count in the pooling. restored: words that stay in it to the end with the gate 1, whatever the mask says. Both are
    positions in the sequence: 1 is the first word, and 0 is the special unit, which always stays. heads_off: heads
    whose output is multiplied by 0.

    The mask of the other words is the one they have in the whole text, and every word keeps its place: nothing is cut
    out of the text itself. Edges that a mask forbids stay forbidden.
    """

    removed: frozenset[int] = frozenset()
    restored: frozenset[int] = frozenset()
    heads_off: frozenset[Head] = frozenset()

    def check(self, words: int, model: ModelConfig) -> Forced:
        """Itself, if it fits a text of so many words. Raises InputError: `bad_setting` for words or heads that are not
        there, `forced_both` for a word that is both removed and restored."""
        for name, places in (("remove", self.removed), ("restore", self.restored)):
            for place in sorted(places):
                if not 1 <= place <= words:
                    raise InputError("bad_setting", name=name, value=place, expected=f"1–{words}")
        for layer, head in sorted(self.heads_off):
            if not (0 <= layer < model.layers and 0 <= head < model.heads):
                expected = f"0.0–{model.layers - 1}.{model.heads - 1}"
                raise InputError("bad_setting", name="heads_off", value=f"{layer}.{head}", expected=expected)
        if both := self.removed & self.restored:
            raise InputError("forced_both", position=min(both))
        return self

    def without_word(self, position: int) -> Forced:
        """The same, and this word removed."""
        return replace(self, removed=self.removed | {position}, restored=self.restored - {position})

    def without_head(self, head: Head) -> Forced:
        """The same, and this head off."""
        return replace(self, heads_off=self.heads_off | {head})


@dataclass(frozen=True)
class Passed:
    """One pass over R texts. context, output: of the pass. own: the plan that the mask made, and parts: those of the
    arm's strategies, before anything was overridden."""

    context: MaskContext
    own: MaskPlan
    parts: Sequence[MaskPlan]
    output: Output


def passed(
    masked: MaskedModel, units: Sequence[np.ndarray], forced: Sequence[Forced], *, trace: bool = False
) -> Passed:
    """One pass over R texts as new texts, under the arm's mask and what is forced in each of them."""
    # All rows are the same new text to a random mask, so that variants differ in nothing else.
    context = masked.batch(units, np.full(len(units), -1), "test", 0)
    hands = _Hands.of(forced, context, masked.model.config)
    with torch.inference_mode():
        parts = masked.strategy.plans(context)
        own = masked.strategy.together(parts)
        request = masked.request(context, hands.change(own, context), trace=trace)
        if request.layer_plan is not None:
            request = replace(request, layer_plan=hands.between_blocks(request.layer_plan))
        output: Output = masked.model(context.units, context.attention_mask, request)
    return Passed(context, own, parts, output)


def answers(masked: MaskedModel, variants: Iterable[tuple[np.ndarray, Forced]]) -> np.ndarray:
    """float64 [R, C]: the probabilities of the classes for each text with what is forced in it."""
    rows = list(variants)
    found = [np.zeros((0, 0))]
    step = max(UNITS_AT_ONCE // max((len(units) for units, _ in rows), default=1), 1)
    for start in range(0, len(rows), step):
        units, forced = zip(*rows[start : start + step], strict=True)
        found.append(masked.answers(passed(masked, units, forced).output).cpu().numpy().astype(np.float64))
    return np.concatenate(found[1:] or found)


@dataclass(frozen=True)
class _Hands:
    """`Forced` of R texts as tensors. removed, restored: bool [R, T]. heads: float [R, L, H], 1 or 0; None: all on."""

    removed: Tensor
    restored: Tensor
    heads: Tensor | None

    @classmethod
    def of(cls, forced: Sequence[Forced], context: MaskContext, model: ModelConfig) -> _Hands:
        removed, restored = torch.zeros(2, *context.attention_mask.shape, dtype=torch.bool)
        heads = torch.ones(len(forced), model.layers, model.heads)
        for row, one in enumerate(forced):
            removed[row, sorted(one.removed)] = True
            restored[row, sorted(one.restored)] = True
            for layer, head in one.heads_off:
                heads[row, layer, head] = 0
        where = context.device
        return cls(removed.to(where), restored.to(where), heads.to(where) if (heads == 0).any() else None)

    def change(self, own: MaskPlan, context: MaskContext) -> MaskPlan:
        """The mask's plan with everything forced."""
        changed = self._restore(own, self.restored)
        if changed.units is not None:
            there = self.restored if changed.units.ndim == 2 else self.restored[..., None]
            changed = replace(changed, units=torch.where(there, context.units, changed.units))
        return changed.combine(MaskPlan(keep=~self.removed, head_gate=self.heads))

    def between_blocks(self, layer_plan: Callable[[LayerContext], MaskPlan]) -> Callable[[LayerContext], MaskPlan]:
        """Layer plans that leave the restored words in the text. Those removed are gone before the first block."""
        return lambda context: self._restore(layer_plan(context), self.restored.gather(1, context.position))

    @staticmethod
    def _restore(plan: MaskPlan, restored: Tensor) -> MaskPlan:
        keep = None if plan.keep is None else plan.keep | restored
        gate = None if plan.token_gate is None else torch.where(restored, 1.0, plan.token_gate)
        return replace(plan, keep=keep, token_gate=gate)

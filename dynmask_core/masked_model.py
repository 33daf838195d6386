"""A model with its mask and its input, ready to answer: units in; plans, answers and traces out.

Training uses it to evaluate and to record watched samples. Opening a trained model of a run (see `analysis.subject`)
gives one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dynmask_core.data.encode import by_length, pad
from dynmask_core.inputs import Input
from dynmask_core.masks import Composed, MaskContext, MaskPlan, Split
from dynmask_core.model import Backbone, Output, Request


@dataclass(frozen=True)
class Answered:
    """A model's answers for B samples.

    rows: int [B], their indices among all samples of the call. context, plan, output: of the forward pass.
    """

    rows: np.ndarray
    context: MaskContext
    plan: MaskPlan
    output: Output

    @property
    def mean_masks(self) -> np.ndarray:
        """float32 [B]: the mean gate of each sample over its maskable units; what leaves is told by `output.kept`."""
        maskable, gate = self.context.maskable, self.plan.token_gate
        gate = maskable.float() if gate is None else gate * maskable
        if self.plan.feature_gate is not None:
            gate = gate * self.plan.feature_gate.mean(-1)
        means: np.ndarray = (gate.sum(-1) / maskable.sum(-1).clamp_min(1)).cpu().numpy()
        return means

    @property
    def maskable_units(self) -> np.ndarray:
        """int64 [B]: how many units of each sample a mask may touch."""
        count: np.ndarray = self.context.maskable.sum(-1).cpu().numpy()
        return count


class MaskedModel:
    """One arm's model under its mask.

    answers: Output → float [B, C], what is recorded of the answers (see Task.answers); marked: the same for each unit
    (see Task.marked). step: updates so far, for masks that depend on it.
    """

    def __init__(
        self,
        arm: str,
        model: Backbone,
        strategy: Composed,
        reader: Input,
        answers: Callable[[Output], Tensor],
        device: torch.device,
        marked: Callable[[Output], Tensor | None] = lambda output: None,
    ) -> None:
        self.arm = arm
        self.model = model
        self.strategy = strategy
        self.reader = reader
        self.answers = answers
        self.device = device
        self.marked = marked
        self.step = 0

    def batch(
        self,
        units: Sequence[np.ndarray],
        rows: np.ndarray,
        split: Split,
        epoch: int,
        word_ids: np.ndarray | None = None,
    ) -> MaskContext:
        """A batch of samples, as the mask sees it, without labels. rows: int64 [B], their indices in the data set,
        negative for samples from elsewhere."""
        made = self.reader.batch(units, self.model.embedding, self.device)
        return MaskContext(
            units=made.units,
            attention_mask=made.attention_mask,
            special=made.special,
            coordinates=made.coordinates,
            prefix=made.prefix,
            sample=torch.from_numpy(rows),
            epoch=epoch,
            step=self.step,
            split=split,
            word_ids=word_ids,
            bands=self.reader.bands,
        )

    def request(self, context: MaskContext, plan: MaskPlan, *, trace: bool = False) -> Request:
        """The request for a pass under `plan` and, if the mask acts between blocks, under its layer plans."""
        layer_plan = self.strategy.layer_plan if self.strategy.layered else None
        return Request(plan, context, layer_plan, "attention" in self.strategy.needs, trace)

    def forward(self, context: MaskContext, plan: MaskPlan, *, trace: bool = False) -> Output:
        """One pass, without gradients."""
        with torch.inference_mode():
            output: Output = self.model(context.units, context.attention_mask, self.request(context, plan, trace=trace))
        return output

    def answer(
        self,
        units: Sequence[np.ndarray],
        rows: np.ndarray,
        split: Split,
        epoch: int,
        batch_size: int = 256,
        word_ids: Sequence[np.ndarray] | None = None,
    ) -> Iterator[Answered]:
        """Answers for all samples, in batches of similar length. rows: see `batch`. word_ids: one array per sample."""
        lengths = np.array([len(sequence) for sequence in units])
        for chosen in by_length(lengths, batch_size):
            words = None if word_ids is None else pad([word_ids[i] for i in chosen], -1)
            context = self.batch([units[i] for i in chosen], rows[chosen], split, epoch, words)
            with torch.inference_mode():
                plan = self.strategy.plan(context)
            yield Answered(chosen, context, plan, self.forward(context, plan))

    def state(self) -> dict[str, np.ndarray]:
        """All that answering needs: the weights and the mask's state, as views."""
        weights = {f"model.{name}": tensor.detach().cpu().numpy() for name, tensor in self.model.state_dict().items()}
        return weights | {f"mask.{name}": array for name, array in self.strategy.state_dict().items()}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        load_weights(self.model, part_of(state, "model."))
        self.strategy.load_state_dict(part_of(state, "mask."))


def load_weights(model: Backbone, weights: Mapping[str, np.ndarray]) -> None:
    """Copies the arrays into the model's parameters of the same names."""
    model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})


def part_of(state: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin with the prefix, by the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}

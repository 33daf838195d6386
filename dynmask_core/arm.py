"""One arm of an experiment: a model, its optimizer, its mask strategy, and the best epoch so far."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynmask_core.config import ExperimentConfig, TrainConfig
from dynmask_core.data.encode import EncodedCorpus, by_length, pad
from dynmask_core.data.tokenize import PAD, SPECIAL_TOKENS, UNK
from dynmask_core.evaluate.cost import Usage
from dynmask_core.keys import seed_of
from dynmask_core.masks import CorpusStatistics, MaskContext, MaskPlan, Split
from dynmask_core.masks.compose import Composed
from dynmask_core.model import Body, Output

LOOK_AHEAD = 1024
"""Texts whose masks are asked for together, before an epoch, to see how long the texts will be."""
MAX_GRADIENT_NORM = 1.0
WARM_UP = 0.1
"""Share of all steps over which the learning rate rises to its peak; from there it falls linearly to FLOOR of it."""
FLOOR = 0.02
GATE_RATE = 10.0
"""The learning rate of what a mask learns, in multiples of the model's."""

State = dict[str, np.ndarray]


def learning_rate(step: int, total: int, config: TrainConfig) -> float:
    """The rate of step 0…total−1: a function of the step alone, so that a resumed run follows the same curve."""
    rising = (step + 1) / max(WARM_UP * total, 1)
    return config.learning_rate * min(1.0, rising) * max(FLOOR, 1 - step / total)


def statistics(corpus: EncodedCorpus, words: int | None = None) -> CorpusStatistics:
    """What strategies may know: the training texts alone. words: how many the arm knows, None for all."""
    rows = corpus.rows("train")
    bodies = [corpus.ids[row][1:] for row in rows]
    lengths = [len(body) for body in bodies]
    return CorpusStatistics(
        words=corpus.vocabulary.words[:words],
        specials=len(SPECIAL_TOKENS),
        tokens=np.concatenate(bodies),
        lengths=np.array(lengths, dtype=np.int64),
        labels=corpus.labels[rows],
        classes=corpus.classes,
    )


@dataclass(frozen=True)
class Learned:
    """One training step. loss: mean over `count` answers, in nats, and right: how many of them were; both on the
    device, so that nothing waits for them. output: the pass."""

    loss: Tensor
    right: Tensor
    count: int
    output: Output


@dataclass(frozen=True)
class Evaluation:
    """One arm on one part. scores: as JSON, with "loss" and "accuracy". merit: what the best epoch has most of.

    mean_mask: over the part's words. usage: of predicting. predicted: int64 [N] classes, empty where there are none.
    """

    scores: dict[str, Any]
    merit: tuple[float, float]
    mean_mask: float
    usage: Usage
    predicted: np.ndarray


class Arm(ABC):
    """Everything of one arm. All arms of a seed start from the same weights and draw the same dropout.

    What is learned, and how well, a subclass says: `make_model`, `loss`, `evaluate`, `answers`.
    """

    def __init__(
        self, name: str, config: ExperimentConfig, strategy: Composed, device: torch.device, total_steps: int
    ) -> None:
        self.name = name
        self.config = config
        self.device = device
        self.total_steps = total_steps
        self.strategy = strategy
        torch.manual_seed(seed_of(config.train.seed, "weights"))
        self.model = self.make_model().to(device)
        # Evaluated and kept in place of the raw weights: single epochs of small data jump by points.
        self.averaged = self.make_model().to(device)
        self.averaged.load_state_dict(self.model.state_dict())
        self.averaged.eval().requires_grad_(False)
        self.step = 0
        self.seconds = 0.0
        self.tokens = 0
        self.flops = 0.0
        self.best_epoch = 0
        self.best_merit = (-math.inf, 0.0)
        self.best: State = {}

    flops_per_answer = 0.0
    """Arithmetic behind the blocks that counts: of a few classes it does not."""

    @abstractmethod
    def make_model(self) -> Body:
        """A model with fresh weights, drawn from torch's generator."""

    @abstractmethod
    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Learned: ...

    @abstractmethod
    def evaluate(self, corpus: EncodedCorpus, part: Split, epoch: int) -> Evaluation:
        """`part` as its averaged weights and its mask of `epoch` see it."""

    def told(self, epoch: int) -> dict[str, Any]:
        """What it says of its first `epoch` epochs besides, as JSON."""
        return {}

    @abstractmethod
    def answers(self, output: Output) -> Tensor:
        """float [B, C]: the probabilities that are recorded of a probe sentence."""

    def prepare(self, known: CorpusStatistics) -> None:
        """Makes the arm ready to train: the strategy meets the training texts, the optimizer all that learns."""
        self.strategy.fit(known)
        train = self.config.train
        matrices = [p for p in self.model.parameters() if p.ndim > 1]
        vectors = [p for p in self.model.parameters() if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": train.weight_decay, "scale": 1.0},
            {"params": vectors, "weight_decay": 0.0, "scale": 1.0},
        ]
        if self.strategy.trainable:
            # Gates have far to go in few steps, and nothing should pull them back to one half.
            learned = list(self.strategy.trainable.values())
            groups.append({"params": learned, "weight_decay": 0.0, "scale": GATE_RATE})
        fused = self.device.type != "mps"
        self.optimizer = torch.optim.AdamW(groups, lr=train.learning_rate, betas=(0.9, 0.98), fused=fused)

    @property
    def parameters(self) -> int:
        """Learned numbers, those of the mask included."""
        return sum(p.numel() for p in [*self.model.parameters(), *self.strategy.trainable.values()])

    def extend(self, words: int) -> None:
        """Gives the model vectors for more words, `words` in all, before training begins."""
        more = torch.Generator().manual_seed(seed_of(self.config.train.seed, "more words"))
        self.model.extend(words, more)
        self.averaged.extend(words, more)
        self.averaged.load_state_dict(self.model.state_dict())

    def begin_as(self, other: Arm) -> None:
        """Takes over what the other model has learned of the language, and what that cost."""
        body = {
            name: tensor
            for name, tensor in other.averaged.state_dict().items()
            if name.startswith(("embedding.", "encoder."))
        }
        for model in (self.model, self.averaged):
            model.load_state_dict(body, strict=False)
        self.seconds, self.tokens, self.flops = other.seconds, other.tokens, other.flops

    def batch(
        self,
        sequences: Sequence[np.ndarray],
        rows: np.ndarray,
        split: Split,
        epoch: int,
        word_ids: np.ndarray | None = None,
    ) -> MaskContext:
        """Pads id sequences and describes them to the strategy, labels left out."""
        padded = pad(sequences)
        padded[padded >= self.model.words] = UNK  # a word that another arm's model knows
        ids = torch.from_numpy(padded).to(self.device)
        return MaskContext(
            units=ids,
            attention_mask=ids != PAD,
            special=(ids < len(SPECIAL_TOKENS)) & (ids != UNK),  # an unknown word is a word
            sample=torch.from_numpy(rows),
            epoch=epoch,
            step=self.step,
            total_steps=self.total_steps,
            split=split,
            word_ids=word_ids,
        )

    def forward(self, model: Body, context: MaskContext, plan: MaskPlan, *, trace: bool = False) -> Output:
        """One pass of `model` under the plan and, where the strategy acts between blocks, its layer plans."""
        return model(  # type: ignore[no-any-return]
            context.input_ids,
            context.attention_mask,
            plan,
            batch=context,
            layer_plan=self.strategy.layer_plan if self.strategy.layered else None,
            weigh="attention" in self.strategy.needs,
            trace=trace,
        )

    def train_step(self, context: MaskContext) -> Learned:
        """One update."""
        rate = learning_rate(self.step, self.total_steps, self.config.train)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        plan = self.strategy.plan(context)
        output = self.forward(self.model, context, plan)
        learned = self.loss(output, context, plan)
        self.optimizer.zero_grad(set_to_none=True)
        (learned.loss if output.aux_loss is None else learned.loss + output.aux_loss).backward()  # type: ignore[no-untyped-call]
        # Not every plan uses every weight. All arms must sum their gradients in the same order, or their last bits
        # differ.
        for weight in self.model.parameters():
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        self.strategy.feedback(context)
        nn.utils.clip_grad_norm_(self.model.parameters(), MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.step += 1
        # A young average would remember the random start: let it follow closely at first.
        decay = min(self.config.train.average, self.step / (self.step + 9))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(self.model.parameters()), 1 - decay)
        return replace(learned, loss=learned.loss.detach())

    def kept_lengths(self, ids: Sequence[np.ndarray], rows: np.ndarray, epoch: int) -> np.ndarray:
        """int64 [N]: tokens that each training text will enter the first block with; its length where nobody knows."""
        lengths = np.array([len(sequence) for sequence in ids])
        if not self.strategy.predictable:
            return lengths
        kept = lengths.copy()
        for chosen in by_length(lengths, LOOK_AHEAD):
            context = self.batch([ids[i] for i in chosen], rows[chosen], "train", epoch)
            with torch.no_grad():
                keep = self.strategy.plan(context).keep
            if keep is not None:
                kept[chosen] = (keep & context.attention_mask).sum(-1).cpu().numpy()
        return kept

    def remember_best(self, epoch: int, merit: tuple[float, float]) -> None:
        """Copies the averaged weights and the mask if this epoch is the best so far."""
        if merit > self.best_merit:
            self.best_merit = merit
            self.best_epoch = epoch
            self.best = {name: array.copy() for name, array in self.inference_state().items()}

    def inference_state(self) -> State:
        """What predicting needs: the averaged weights and the strategy's state, as views."""
        weights = {f"model.{name}": _view(tensor) for name, tensor in self.averaged.state_dict().items()}
        return weights | {f"mask.{name}": array for name, array in self.strategy.state_dict().items()}

    def load_inference_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.averaged.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in _part(state, "model.").items()})
        self.strategy.load_state_dict(_part(state, "mask."))

    def state(self) -> State:
        """All of this arm at the end of an epoch, for an exact resume."""
        state = {f"now.{name}": array for name, array in self.inference_state().items()}
        state |= {f"best.{name}": array for name, array in self.best.items()}
        state |= {f"raw.{name}": _view(tensor) for name, tensor in self.model.state_dict().items()}
        for index, slots in self.optimizer.state_dict()["state"].items():
            state |= {f"optimizer.{index}.{slot}": _view(tensor) for slot, tensor in slots.items()}
        counters = [self.step, self.seconds, self.tokens, self.flops, self.best_epoch, *self.best_merit]
        return state | {"counters": np.array(counters, dtype=np.float64)}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.load_inference_state(_part(state, "now."))
        self.best = dict(_part(state, "best."))
        self.model.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in _part(state, "raw.").items()})
        slots: dict[int, dict[str, Tensor]] = {}
        for name, array in _part(state, "optimizer.").items():
            index, slot = name.split(".")
            slots.setdefault(int(index), {})[slot] = torch.from_numpy(array.copy())
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": slots, "param_groups": groups})
        step, self.seconds, tokens, self.flops, best_epoch, *merit = state["counters"].tolist()
        self.step, self.tokens, self.best_epoch = int(step), int(tokens), int(best_epoch)
        self.best_merit = (merit[0], merit[1])


def _view(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def _part(state: Mapping[str, np.ndarray], prefix: str) -> State:
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}

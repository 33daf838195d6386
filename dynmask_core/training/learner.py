"""One arm while it trains: its model, mask and optimizer, and the best epoch so far."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from dynmask_core.config import TrainConfig
from dynmask_core.errors import InputError
from dynmask_core.inputs import statistics
from dynmask_core.keys import seed_of
from dynmask_core.masked_model import MaskedModel, load_weights, part_of
from dynmask_core.masks import CorpusStatistics, MaskContext
from dynmask_core.model import Output
from dynmask_core.tasks import Loss, Task
from dynmask_core.training.depth import by_rate, freeze

MAX_GRADIENT_NORM = 1.0
WARM_UP = 0.1
"""Share of all steps over which the learning rate rises to its peak; after that it falls linearly to FLOOR of it."""
FLOOR = 0.02
GATE_RATE = 10.0
"""The learning rate of a mask's learned values, in multiples of the model's."""

State = dict[str, np.ndarray]


def learning_rate(step: int, total: int, config: TrainConfig) -> float:
    """The rate of step 0…total−1: depends only on the step, so that a resumed run follows the same curve."""
    rising = (step + 1) / max(WARM_UP * total, 1)
    return config.learning_rate * min(1.0, rising) * max(FLOOR, 1 - step / total)


@dataclass(frozen=True)
class Learned:
    """What one training step gives. loss: without its gradient. output: of the forward pass."""

    loss: Loss
    output: Output


class Learner:
    """All arms with one seed start from the same weights and draw the same dropout.

    model: the weights that the optimizer moves. averaged: a running average of them, which is evaluated and kept
    instead: on small data, the scores of single epochs jump by points.
    """

    def __init__(
        self, arm: str, task: Task, device: torch.device, total_steps: int, known: CorpusStatistics | None = None
    ) -> None:
        """known: what the mask may know, by default the statistics of the task's training samples."""
        self.arm = arm
        self.task = task
        self.config = task.config
        self.device = device
        self.total_steps = total_steps
        self.strategy = task.strategy(arm, str(device))
        torch.manual_seed(seed_of(task.config.train.seed, "weights"))
        self.model = task.model(arm).to(device)
        freeze(self.model, task.config.train.trained_blocks)
        average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.averaged = MaskedModel(arm, average, self.strategy, task.reader, task.answers, device, task.marked)
        self.step = 0
        self.seconds = 0.0
        self.tokens = 0
        self.flops = 0.0
        self.best_epoch = 0
        self.best_merit = (-math.inf, 0.0)
        self.best: State = {}
        self.strategy.fit(known or statistics(task.corpus, self.model.embedding.vocabulary_size))
        self.learned: list[Tensor] = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.frozen_names = {name for name, weight in self.model.named_parameters() if not weight.requires_grad}
        averages = dict(average.named_parameters())
        self.average: list[Tensor] = [averages[name] for name, w in self.model.named_parameters() if w.requires_grad]
        self.optimizer = self._optimizer()

    def _optimizer(self) -> torch.optim.Optimizer:
        train = self.config.train
        groups = []
        for scale, weights in by_rate(self.model, train.rate_decay):
            for decay, chosen in (
                (train.weight_decay, [p for p in weights if p.ndim > 1]),
                (0.0, [p for p in weights if p.ndim <= 1]),
            ):
                groups.append({"params": chosen, "weight_decay": decay, "scale": scale})
        if self.strategy.trainable:
            # Gates must move far in few steps, and no weight decay may pull them back to one half.
            learned = list(self.strategy.trainable.values())
            groups.append({"params": learned, "weight_decay": 0.0, "scale": GATE_RATE})
        fused = self.device.type != "mps"
        return torch.optim.AdamW(groups, lr=train.learning_rate, betas=(0.9, 0.98), fused=fused)

    @property
    def parameters(self) -> int:
        """How many numbers the model has, those of the mask included."""
        return sum(p.numel() for p in [*self.model.parameters(), *self.strategy.trainable.values()])

    @property
    def frozen(self) -> State:
        """The weights that never change, by name: the same in all arms."""
        return {name: _view(weight) for name, weight in self.model.named_parameters() if not weight.requires_grad}

    def begin_with(self, weights: Mapping[str, Tensor]) -> None:
        """Starts from these weights of embedding and encoder. Frozen ones are shared with who gives them."""
        for model in (self.model, self.averaged.model):
            for name, weight in dict(model.named_parameters()).items():
                if name in weights:
                    if weights[name].shape != weight.shape:
                        raise InputError("encoder_size", name=name)
                    given = weights[name].to(self.device)
                    weight.data = given if name in self.frozen_names else given.clone()

    def begin_as(self, other: Learner) -> None:
        """Takes over the other model's embedding and encoder, and what training them cost."""
        weights = other.averaged.model.state_dict()
        body = {name: tensor for name, tensor in weights.items() if name.startswith(("embedding.", "encoder."))}
        for model in (self.model, self.averaged.model):
            model.load_state_dict(body, strict=False)
        self.seconds, self.tokens, self.flops = other.seconds, other.tokens, other.flops

    def train_step(self, context: MaskContext) -> Learned:
        """One update."""
        rate = learning_rate(self.step, self.total_steps, self.config.train)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        plan = self.strategy.plan(context)
        output: Output = self.model(context.units, context.attention_mask, self.averaged.request(context, plan))
        loss = self.task.loss(output, context, plan)
        self.optimizer.zero_grad(set_to_none=True)
        (loss.mean if output.aux_loss is None else loss.mean + output.aux_loss).backward()  # type: ignore[no-untyped-call]
        # Not every plan uses every weight. All arms must sum their gradients in the same order, else the last bits
        # differ.
        for weight in self.learned:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        self.strategy.feedback(context)
        nn.utils.clip_grad_norm_(self.learned, MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.step += 1
        # At first the average follows closely, else it would remember the random start.
        decay = min(self.config.train.average, self.step / (self.step + 9))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.learned, 1 - decay)
        return Learned(Loss(loss.mean.detach(), loss.right, loss.count), output)

    @property
    def step(self) -> int:
        """Updates so far."""
        return self.averaged.step

    @step.setter
    def step(self, step: int) -> None:
        self.averaged.step = step  # masks use it in training and in evaluation

    def remember_best(self, epoch: int, merit: tuple[float, float]) -> None:
        """Copies the averaged weights and the mask if this epoch is the best so far. An epoch with a merit of NaN is
        the best only if it is the first."""
        merit = (merit[0], merit[1]) if merit[0] == merit[0] else (-math.inf, -math.inf)
        if not self.best or merit > self.best_merit:
            self.best_merit = merit
            self.best_epoch = epoch
            self.best = {name: array.copy() for name, array in self._now().items()}

    def _now(self) -> State:
        """The state of the averaged model, without what is frozen."""
        frozen = {f"model.{name}" for name in self.frozen_names}
        return {name: array for name, array in self.averaged.state().items() if name not in frozen}

    def state(self) -> State:
        """The whole state of the arm at the end of an epoch, for an exact resume; what is frozen is not part of it."""
        state = {f"now.{name}": array for name, array in self._now().items()}
        state |= {f"best.{name}": array for name, array in self.best.items()}
        raw = self.model.state_dict().items()
        state |= {f"raw.{name}": _view(tensor) for name, tensor in raw if name not in self.frozen_names}
        for index, slots in self.optimizer.state_dict()["state"].items():
            state |= {f"optimizer.{index}.{slot}": _view(tensor) for slot, tensor in slots.items()}
        counters = [self.step, self.seconds, self.tokens, self.flops, self.best_epoch, *self.best_merit]
        return state | {"counters": np.array(counters, dtype=np.float64)}

    def show_best(self) -> None:
        """The averaged model and the mask become those of the best epoch."""
        self._show(self.best)

    def _show(self, state: Mapping[str, np.ndarray]) -> None:
        frozen = {f"model.{name}": array for name, array in self.frozen.items()}
        self.averaged.load_state({**frozen, **state})

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._show(part_of(state, "now."))
        self.best = dict(part_of(state, "best."))
        load_weights(self.model, self.frozen | part_of(state, "raw."))
        slots: dict[int, dict[str, Tensor]] = {}
        for name, array in part_of(state, "optimizer.").items():
            index, slot = name.split(".")
            slots.setdefault(int(index), {})[slot] = torch.from_numpy(array.copy())
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": slots, "param_groups": groups})
        step, self.seconds, tokens, self.flops, best_epoch, *merit = state["counters"].tolist()
        self.step, self.tokens, self.best_epoch = int(step), int(tokens), int(best_epoch)
        self.best_merit = (merit[0], merit[1])


def _view(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()

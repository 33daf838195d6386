"""The interface of every mask strategy, and the register of all strategies.

A mask value is a number in [0, 1]; 1 keeps and 0 removes, everywhere in this project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from dynmask_core.config import Controls, MaskConfig, ModelConfig
from dynmask_core.errors import InputError
from dynmask_core.lazy import torch
from dynmask_core.masks.context import CorpusStatistics, LayerContext, MaskContext
from dynmask_core.masks.plan import MaskPlan
from dynmask_core.masks.schedule import Schedule

if TYPE_CHECKING:
    from torch import Tensor

Family = Literal["baseline", "feature", "random", "gradient", "gate", "removal", "attention", "head"]
Site = Literal["none", "corruption", "input", "attention", "head", "removal"]
Refresh = Literal["never", "dataset", "epoch", "batch", "forward"]
Source = Literal["none", "random", "feature", "label", "gradient", "attention", "learned"]
Need = Literal["words", "labels", "attention", "grid", "order", "marks", "bands", "untrained"]
"""What a mask can need from input, task or encoder: units from a vocabulary; texts with classes; the attention weights
of the previous block; units on a grid; units in a sequence; units that are marked; units whose numbers belong to bands
of frequency; a model that starts from random weights."""
Value = float | int | str


@dataclass(frozen=True)
class Param:
    """A parameter of one strategy, explained by `param.NAME` in the locales.

    default: int for whole numbers, float for any number, str for one of `choices` or, if there are none, free text.
    low, high: the range, both ends included. scheduled: it may also be written as a Schedule, `0.5..0.1@cosine`.
    reads: makes of a free text what is stored, without separators of arms outside parentheses (see masks.compose);
    raises ValueError, or an InputError that says more.
    """

    name: str
    default: Value
    low: float = 0.0
    high: float = 1.0
    choices: tuple[str, ...] = ()
    scheduled: bool = False
    reads: Callable[[str], str] = str

    @property
    def is_text(self) -> bool:
        return isinstance(self.default, str) and not self.scheduled

    @property
    def expected(self) -> str:
        if self.choices:
            return ", ".join(self.choices)
        if self.is_text:
            return "text"
        return f"{self.low:g}–{self.high:g}" + (f", {self.low:g}..{self.high:g}@cosine" if self.scheduled else "")

    def read(self, written: Value) -> Value:
        """The value to store: of the default's type, or the text of a schedule. Raises ValueError if invalid, or an
        InputError if there is more to say."""
        if self.is_text:
            if self.choices and written not in self.choices:
                raise ValueError(written)
            return self.reads(str(written))
        if self.scheduled and isinstance(written, str):
            schedule = Schedule.read(written)
            low, high = schedule.bounds
            if not (self.low <= low and high <= self.high):
                raise ValueError(written)
            if schedule.shape != "constant":
                return written.strip()
        number = float(written)
        if not self.low <= number <= self.high:  # also refuses NaN
            raise ValueError(written)
        if isinstance(self.default, int):
            if number != int(number):
                raise ValueError(written)
            return int(number)
        return number


DRAW = Param("draw", 0, 0, 9999)
"""Every strategy has it, written by name only: the same mask with random numbers from another seed."""


@dataclass(frozen=True)
class Setting:
    """Everything a strategy is built from. values: its own parameters by name; missing ones take their defaults."""

    values: Mapping[str, Value] = field(default_factory=dict)
    mask: MaskConfig = field(default_factory=MaskConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    seed: int = 0
    epochs: int = 10
    device: str = "cpu"


class MaskStrategy:
    """One way to make masks. Subclass it, set the class attributes, override what differs, and `register`.

    Calls: `fit` once on the training texts; `on_epoch` before each epoch; `plan` for every batch; `layer_plan`, if
    overridden, before every block; `feedback` after the backward pass of a training step. A strategy loaded only to
    predict gets neither `fit` nor `on_epoch`. One that is `only_training` makes no plans for texts that are predicted.
    """

    name: ClassVar[str]
    family: ClassVar[Family]
    site: ClassVar[Site] = "input"
    refresh: Refresh = "epoch"
    source: ClassVar[Source]
    paper: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    """LaTeX, without dollar signs."""
    parameters: ClassVar[tuple[Param, ...]] = ()
    uses: ClassVar[tuple[str, ...]] = ()
    """The experiment settings that affect it, by their names in Controls and MaskConfig."""
    needs: ClassVar[frozenset[Need]] = frozenset()
    """What it needs, whatever its parameters; see `needs_of`. It may read only what it names:
    "words": `context.input_ids`, `word_ids` and the vocabulary's words and counts. "labels": the classes of the
    training texts, in `fit` or in `context.labels`. "attention": `LayerContext.attention`; the weights must be computed
    explicitly, which costs time. "grid": `context.coordinates` with two axes. "order": neighbours in the sequence are
    neighbours in the input. "marks": `context.marks`. "bands": `context.units`, and its `bands`."""
    replaces: ClassVar[Literal["", "units", "attention_map", "weights"]] = ""
    """The part of the model that it replaces; two strategies of one arm cannot replace the same part."""
    only_training: ClassVar[bool] = False
    """True if predictions are made without the mask: it only makes learning harder (or cheaper)."""
    predictable: bool = False
    """True if `plan(...).keep` is known before training steps: batches are then ordered by what is kept."""
    saved: ClassVar[tuple[str, ...]] = ()
    """Names of the attributes (NumPy arrays) that are part of its state."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.seed = setting.seed
        self.epoch = 0
        self.values = self.complete(setting.values)
        self.trainable: dict[str, Tensor] = {}
        """Learned by gradient with the model's optimizer; created in `fit` by `learn`."""

    def fit(self, corpus: CorpusStatistics) -> None:
        """Sees the training texts once, before the first epoch."""

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        """Called before epoch 1, 2, …, with the `controls` of that epoch."""
        self.epoch = epoch

    def plan(self, context: MaskContext) -> MaskPlan:
        """The plan for one batch. Must not depend on the other texts of the batch."""
        return MaskPlan()

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        """The plan for one block, over the tokens still in the text. Only called if overridden."""
        return MaskPlan()

    def feedback(self, context: MaskContext, plan: MaskPlan) -> None:
        """Called after the backward pass of a training step: tensors of `plan` that require a gradient have it."""

    def word_mask(self) -> np.ndarray | None:
        """float32 [vocabulary] in [0, 1] if the mask depends on the word alone, else None."""
        return None

    def state_dict(self) -> dict[str, np.ndarray]:
        """Everything that changes after `fit`, as arrays, so that a resumed run equals an uninterrupted one."""
        state = {f"trainable.{name}": tensor.detach().cpu().numpy() for name, tensor in self.trainable.items()}
        state |= {name: getattr(self, name) for name in self.saved}
        return {"epoch": np.array([self.epoch], dtype=np.int64), **state}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        """Restores what `state_dict` returned. Learned tensors are filled in place: the optimizer holds them."""
        self.epoch = int(state["epoch"][0])
        for name, array in state.items():
            if name.startswith("trainable."):
                self.learn(name.removeprefix("trainable."), array)
        for name in self.saved:
            setattr(self, name, state[name].copy())

    def learn(self, name: str, start: np.ndarray) -> Tensor:
        """Creates the learned tensor `name`, or overwrites it in place, with the values `start`."""
        # Contiguous: a transposed view would be summed in another order after a resume.
        values = torch.from_numpy(np.ascontiguousarray(start, dtype=np.float32)).to(self.setting.device)
        if name not in self.trainable:
            self.trainable[name] = values.clone().requires_grad_()
        else:
            with torch.no_grad():
                self.trainable[name].copy_(values)
        return self.trainable[name]

    def at(self, name: str) -> float:
        """A parameter's value in the current epoch, by its schedule: progress is 0 in the first, 1 in the last."""
        progress = (max(self.epoch, 1) - 1) / max(self.setting.epochs - 1, 1)
        return Schedule.read(self.values[name]).at(progress)

    @classmethod
    def complete(cls, values: Mapping[str, Value]) -> dict[str, Value]:
        """All its parameters by name, from `values` or else the default."""
        return {p.name: values.get(p.name, p.default) for p in cls.parameters}

    @classmethod
    def needs_of(cls, values: Mapping[str, Value]) -> frozenset[Need]:
        """What a strategy with these parameters needs."""
        return cls.needs

    @classmethod
    def replacement(cls, values: Mapping[str, Value]) -> str:
        """`replaces`, for a strategy with these parameters."""
        return cls.replaces

    @classmethod
    def parameter(cls, name: str) -> Param:
        """The parameter of that name: its own, or one that all strategies have. Raises InputError if there is none."""
        known = {p.name: p for p in (*cls.parameters, DRAW)}
        if name not in known:
            raise InputError("unknown_parameter", strategy=cls.name, name=name, known=", ".join(known))
        return known[name]


REGISTRY: dict[str, type[MaskStrategy]] = {}


def register(strategy: type[MaskStrategy]) -> type[MaskStrategy]:
    """Class decorator: makes the strategy an arm in the app and on the command line."""
    REGISTRY[strategy.name] = strategy
    return strategy

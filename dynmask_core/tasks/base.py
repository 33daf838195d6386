"""The interface of every task, and their register.

A task says what is learned from a corpus: what the name of an arm means, which model answers, the loss, how good an
answer is, and the final result. Training, recording, commands and pages ask it; none of them knows a task by name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from dynmask_core.config import ExperimentConfig
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.data.tokenize import Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.evaluate.cost import Usage
from dynmask_core.inputs import make_input
from dynmask_core.lazy import torch
from dynmask_core.masks import REGISTRY, Composed, MaskContext, MaskPlan, Setting, Split, build
from dynmask_core.masks.compose import missing, require

if TYPE_CHECKING:
    from torch import Tensor

    from dynmask_core.data.dataset import Dataset
    from dynmask_core.masked_model import Answered, MaskedModel
    from dynmask_core.model import Backbone, Output


ENCODER = frozenset({"attention"})
"""What every model offers to masks."""
UNTRAINED = frozenset({"untrained"})
"""What a model without a pre-trained encoder offers."""


@dataclass(frozen=True)
class Loss:
    """The loss of one training step. mean: scalar, the average over `count` answers, in nats. right: int64 scalar, how
    many of them were right. Both stay on the device, so that nothing waits for them."""

    mean: Tensor
    right: Tensor
    count: int


class MeanMask:
    """Adds up the gates of many batches; every maskable unit counts alike. Of a class task all units but the special
    one are maskable, and it counts them itself."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._units = 0

    def add(self, answered: Answered) -> None:
        self._sum += float((answered.mean_masks * answered.maskable_units).sum())
        self._units += int(answered.maskable_units.sum())

    @property
    def value(self) -> float:
        """In [0, 1]; 1 if there was no unit that a mask may touch: nothing is hidden then."""
        return self._sum / self._units if self._units else 1.0


@dataclass(frozen=True)
class Evaluation:
    """One arm on one part. scores: as JSON, with "loss" and "accuracy". merit: the best epoch has the greatest.

    mean_mask: over the part's units, in [0, 1]. usage: what predicting cost. predicted: int64 [N], the classes; empty
    if there are none.
    """

    scores: dict[str, Any]
    merit: tuple[float, float]
    mean_mask: float
    usage: Usage
    predicted: np.ndarray


@dataclass(frozen=True)
class Result:
    """How good an arm is at its best epoch. scores: as in `Finished.arms`. predicted: int64 [N], the predicted
    classes of the test samples; None if there are none."""

    scores: dict[str, Any]
    predicted: np.ndarray | None = None


class Task(ABC):
    """Subclass, set `name` to the name of its settings (see config.TaskSettings), and `register`."""

    name: ClassVar[str]
    provides: ClassVar[frozenset[str]] = frozenset()
    """What masks can rely on besides what the input provides: "labels" if samples have classes, "marks" if units are
    marked."""
    needs: ClassVar[frozenset[str]] = frozenset()
    """What the input must provide, see Input.provides."""
    writes: ClassVar[bool] = False
    """Whether its models write texts: these are then what is predicted, see analysis.continued."""

    def __init__(self, config: ExperimentConfig, corpus: EncodedCorpus) -> None:
        """corpus: encoded as units; without samples for a model that only answers."""
        self.config = config
        self.corpus = corpus
        self.reader = make_input(config, corpus.vocabulary)

    @classmethod
    def of(cls, config: ExperimentConfig, data: Dataset) -> Self:
        """Reads the data. Raises InputError, see `check`."""
        cls.check(config)
        return cls(config, make_input(config).encode(data))

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        """Raises InputError for arms that are unknown, or need what input and task do not provide."""
        provided = cls.provided(config)
        for arm in config.arms:
            require(arm, provided)

    @classmethod
    def provided(cls, config: ExperimentConfig) -> frozenset[str]:
        """What masks can rely on, see MaskStrategy.needs. Raises InputError if the input lacks what the task needs."""
        reader = make_input(config)
        if lacking := cls.needs - reader.provides:
            raise InputError("task_needs", task=cls.name, input=config.input, needs=", ".join(sorted(lacking)))
        fresh = frozenset() if config.encoder else UNTRAINED
        return reader.provides | cls.provides | ENCODER | fresh

    @classmethod
    def for_asking(cls, config: ExperimentConfig, vocabulary: Vocabulary, classes: Sequence[str]) -> Self:
        """The task without data, to open a trained model."""
        nothing = np.zeros(0, dtype=np.int64)
        return cls(config, EncodedCorpus([], nothing, nothing.astype(np.int8), vocabulary, tuple(classes)))

    def strategy(self, arm: str, device: str) -> Composed:
        """The mask that the arm's name means, not yet fitted; by default in the notation of masks.compose."""
        return build(arm, self.setting(device))

    @abstractmethod
    def model(self, arm: str) -> Backbone:
        """A model with new weights, drawn from torch's generator."""

    def taught(self, context: MaskContext) -> MaskContext:
        """A batch of training samples with what is known of them: by default their classes, if there are any."""
        if not self.classes:
            return context
        labels = torch.from_numpy(self.corpus.labels[context.sample.cpu().numpy()])
        return context.with_labels(labels.to(context.device))

    @abstractmethod
    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Loss: ...

    @abstractmethod
    def evaluate(self, masked: MaskedModel, part: Split, epoch: int) -> Evaluation:
        """Evaluates the model on a part of the corpus, under its mask of `epoch`."""

    @abstractmethod
    def answers(self, output: Output) -> Tensor:
        """float [B, C]: the probabilities of the `classes`, recorded for watched samples; C is 0 without classes."""

    def marked(self, output: Output) -> Tensor | None:
        """float [B, T, C]: the probabilities of what each unit is marked as, recorded for watched samples; None if the
        task marks no units."""
        return None

    @abstractmethod
    def result(self, masked: MaskedModel, epoch: int) -> Result:
        """How good the arm is at its best epoch."""

    def told(self, arm: str, epoch: int) -> dict[str, Any]:
        """More numbers about the first `epoch` epochs of an arm, as JSON."""
        return {}

    def references(self, predicted: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
        """What simple models get on the same split, to compare the arms with, as JSON; by default there are none.

        predicted: by arm, see Result.
        """
        return []

    def before(self, arm: str) -> Task | None:
        """What the arm's model learns before this task, if anything: a task with one arm, whose weights it takes."""
        return None

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the samples; empty if the task has none."""
        return self.corpus.classes if "labels" in self.provides else ()

    @property
    def flops_per_answer(self) -> float:
        """Arithmetic per answer after the blocks, if it matters: for a few classes it does not."""
        return 0.0

    def setting(self, device: str) -> Setting:
        """What strategies are made from."""
        config = self.config
        return Setting({}, config.mask, config.model, config.train.seed, config.train.epochs, device)


TASKS: dict[str, type[Task]] = {}


def register(task: type[Task]) -> type[Task]:
    """Class decorator: makes the class a choice for ExperimentConfig.task."""
    TASKS[task.name] = task
    return task


def task_of(config: ExperimentConfig) -> type[Task]:
    """The task of an experiment. Raises InputError for an unknown name."""
    if config.task.name not in TASKS:
        raise InputError("bad_setting", name="task", value=config.task.name, expected=", ".join(TASKS))
    return TASKS[config.task.name]


def offered(config: ExperimentConfig) -> list[str]:
    """The strategies whose needs (see MaskStrategy.needs) the task and input of this experiment meet."""
    provided = task_of(config).provided(config)
    return [name for name in REGISTRY if not missing(name, provided)]

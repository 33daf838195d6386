"""The settings of every task (what is learned)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

from dynmask_core.config.checks import check, choice
from dynmask_core.config.parts import ModelConfig, TrainConfig

Selection = Literal["exact", "bernoulli", "whole-word", "span", "pmi"]
"""How the words to guess are chosen: see mlm.Corruption."""

Sight = Literal["prefix", "causal", "full"]
"""What a unit of a sequence sees: the source and what came before it; what came before it; everything."""
Way = Literal["left", "unmask"]
"""How a target comes about: from left to right, or all places at once, the surest first."""

TASK_SETTINGS: dict[str, type[TaskSettings]] = {}
"""The settings class of every task, by the task's name."""


@dataclass(frozen=True)
class TaskSettings:
    """What is learned: all that commands and pages need to know without loading the task itself (`tasks/`).

    A subclass that sets `name` becomes a choice for ExperimentConfig.task.
    """

    name: ClassVar[str] = ""
    command: ClassVar[str] = "train"
    """The subcommand of `dynmask` that trains it."""
    page: ClassVar[str] = "train"
    """The page that shows it."""
    tested: ClassVar[bool] = True
    """Whether some texts are kept back for a test at the end of the run."""
    opened_masked: ClassVar[bool] = True
    """Whether the models that a run has kept are opened under their masks, and so show any sample under them. If a mask
    only hides what is to be guessed, they are opened without it: who asks says what is hidden."""

    def fitted(self, targets: Sequence[str] | None) -> Self:
        """These settings for a data set with these targets, see Dataset; as they are, unless the task measures them."""
        return self

    def __init_subclass__(cls) -> None:
        if "name" in cls.__dict__:
            TASK_SETTINGS[cls.name] = cls


@dataclass(frozen=True)
class ClassifySettings(TaskSettings):
    """Telling the classes of labelled texts apart."""

    name: ClassVar[str] = "classify"


@dataclass(frozen=True)
class GuessSettings(TaskSettings):
    """Guessing hidden words (masked language modelling); the arms are refreshes, written as in mlm.Refresh.

    selection: how the words to guess are chosen. rate: their share, in [0, 1], or a schedule over the run.
    mask_share, random_share: shares of them that become [MASK] or another word. See mlm.Corruption, which checks the
    rate. evaluation: the source of the evaluation texts, like DataConfig.source; "" for a tenth of the run's own texts,
    which are read as plain text, one per line or row.
    """

    name: ClassVar[str] = "guess"
    command: ClassVar[str] = "mlm"
    page: ClassVar[str] = "mlm"
    tested: ClassVar[bool] = False
    opened_masked: ClassVar[bool] = False

    selection: str = "exact"
    rate: float | str = 0.15
    mask_share: float = 0.8
    random_share: float = 0.1
    evaluation: str = ""

    def __post_init__(self) -> None:
        choice("selection", self.selection, Selection)


OUTSIDE = "O"
"""The tag of words that belong to nothing, where tags are written in the usual way."""
OBJECTS = ("background", "object")
"""What the parts of a picture are."""


@dataclass(frozen=True)
class MarkSettings(TaskSettings):
    """Marking every unit: tags of words, objects in pictures.

    marks: what a unit can be marked as, OUTSIDE or "background" first if there is one; found in the targets of the data
    set. outside: whether the first of them means that a unit belongs to nothing.
    """

    name: ClassVar[str] = "mark"
    command: ClassVar[str] = "mark"
    page: ClassVar[str] = "tasks"

    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check(isinstance(self.marks, (list, tuple)), "marks", self.marks, '["O", "B-PER"]')
        check(len(set(self.marks)) == len(self.marks), "marks", ",".join(self.marks), "different names")
        object.__setattr__(self, "marks", tuple(self.marks))  # JSON has lists

    @property
    def outside(self) -> bool:
        return bool(self.marks) and self.marks[0] in (OUTSIDE, OBJECTS[0])

    def fitted(self, targets: Sequence[str] | None) -> Self:
        if not targets:
            return self
        if targets[0].startswith("data:image/"):
            return replace(self, marks=OBJECTS)
        found = {tag for target in targets for tag in target.split()}
        return replace(self, marks=tuple(sorted(found, key=lambda tag: (tag != OUTSIDE, tag))))


MARK_ARMS = ("none", "dropout")
"""What is compared by default."""
MARK_TRAIN = TrainConfig(epochs=15, learning_rate=4e-3, weight_decay=0.1)


def mark_model(model: ModelConfig) -> ModelConfig:
    """The same size, for marking the words of texts: those of 10 % are hidden, so that the model learns to mark unknown
    words by what stands around them."""
    return replace(model, dropout=0.1, embedding_dropout=0.1, token_dropout=0.1)


@dataclass(frozen=True)
class ContinueSettings(TaskSettings):
    """Going on with a sequence: translating, answering, generating. One encoder does it, by its mask alone (UniLM).

    mask: see Sight. "full" shows each unit the one that it has to predict: it is there to see that go wrong. way: see
    Way; "unmask" hides targets as masked diffusion does, and then every unit sees every other, whatever `mask` says.
    """

    name: ClassVar[str] = "continue"
    command: ClassVar[str] = "continue"
    page: ClassVar[str] = "tasks"

    mask: str = "prefix"
    way: str = "left"

    def __post_init__(self) -> None:
        choice("mask", self.mask, Sight)
        choice("way", self.way, Way)


@dataclass(frozen=True)
class RestoreSettings(GuessSettings):
    """Restoring hidden units that are numbers (masked image modelling). mask_share and random_share mean nothing here:
    every hidden unit becomes the same learned vector."""

    name: ClassVar[str] = "restore"

    rate: float | str = 0.6


GUESS_ARMS = ("static", "static:10", "dynamic")
"""The refreshes that are compared by default."""
GUESS_TOKENS = 128
"""Longer lines are cut into pieces."""
GUESS_TRAIN = TrainConfig(epochs=20, learning_rate=2e-3, weight_decay=0.3)

"""The settings of every task (what is learned)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from dynmask_core.config.checks import choice
from dynmask_core.config.parts import TrainConfig

Selection = Literal["exact", "bernoulli", "whole-word", "span", "pmi"]
"""How the words to guess are chosen: see mlm.Corruption."""

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

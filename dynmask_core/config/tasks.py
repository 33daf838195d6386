"""What is learned: the settings of every task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from dynmask_core.config.checks import choice
from dynmask_core.config.parts import TrainConfig

Selection = Literal["exact", "bernoulli", "whole-word", "span", "pmi"]
"""How the words to be guessed are chosen: see mlm.Corruption."""

TASK_SETTINGS: dict[str, type[TaskSettings]] = {}
"""The settings of every task there is, by the task's name."""


@dataclass(frozen=True)
class TaskSettings:
    """What is learned, and all of it that commands and pages need to know without loading the task itself (`tasks/`).

    A subclass that sets `name` is one of the kinds that ExperimentConfig.task can be.
    """

    name: ClassVar[str] = ""
    command: ClassVar[str] = "train"
    """The subcommand of `dynmask` that trains it, and the page that shows it."""
    tested: ClassVar[bool] = True
    """Whether some texts are kept back until the run is finished, to be tested on."""
    keeps_models: ClassVar[bool] = False
    """Whether a run keeps the models of several epochs, to be asked without their masks what they would answer. Of
    other runs the finished models are opened, and show any sample under their masks."""

    def __init_subclass__(cls) -> None:
        if "name" in cls.__dict__:
            TASK_SETTINGS[cls.name] = cls


@dataclass(frozen=True)
class ClassifySettings(TaskSettings):
    """Telling the classes of labelled texts apart."""

    name: ClassVar[str] = "classify"


@dataclass(frozen=True)
class GuessSettings(TaskSettings):
    """Guessing hidden words (masked language modelling); the arms are then refreshes, as mlm.Refresh writes them.

    selection: how the words to be guessed are chosen. rate: their share, in [0, 1], or a schedule over the run.
    mask_share, random_share: how many of them become [MASK] or another word. See mlm.Corruption, which checks the rate.
    evaluation: the source of the texts that it is evaluated on, as DataConfig.source has it; "" for a tenth of the
    run's own, which are read as plain text, one per line or row.
    """

    name: ClassVar[str] = "guess"
    command: ClassVar[str] = "mlm"
    tested: ClassVar[bool] = False
    keeps_models: ClassVar[bool] = True

    selection: str = "exact"
    rate: float | str = 0.15
    mask_share: float = 0.8
    random_share: float = 0.1
    evaluation: str = ""

    def __post_init__(self) -> None:
        choice("selection", self.selection, Selection)


GUESS_ARMS = ("static", "static:10", "dynamic")
"""The refreshes that are compared where nobody chooses."""
GUESS_TOKENS = 128
"""Longer lines are cut into pieces."""
GUESS_TRAIN = TrainConfig(epochs=20, learning_rate=2e-3, weight_decay=0.3)

"""The settings of a run: frozen, checked when created, written to JSON and read back."""

from dynmask_core.config.experiment import ExperimentConfig, stable_hash
from dynmask_core.config.parts import (
    MAX_SIDE,
    PRESETS,
    Controls,
    DataConfig,
    Device,
    GateMode,
    InitialMask,
    MaskConfig,
    ModelConfig,
    Pooling,
    StepRule,
    TrainConfig,
)
from dynmask_core.config.tasks import (
    GUESS_ARMS,
    GUESS_TOKENS,
    GUESS_TRAIN,
    TASK_SETTINGS,
    ClassifySettings,
    GuessSettings,
    RestoreSettings,
    Selection,
    TaskSettings,
)

__all__ = [
    "GUESS_ARMS",
    "GUESS_TOKENS",
    "GUESS_TRAIN",
    "MAX_SIDE",
    "PRESETS",
    "TASK_SETTINGS",
    "ClassifySettings",
    "Controls",
    "DataConfig",
    "Device",
    "ExperimentConfig",
    "GateMode",
    "GuessSettings",
    "InitialMask",
    "MaskConfig",
    "ModelConfig",
    "Pooling",
    "RestoreSettings",
    "Selection",
    "StepRule",
    "TaskSettings",
    "TrainConfig",
    "stable_hash",
]

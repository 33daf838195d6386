"""A run that goes on keeps its settings: options that would change them are refused, not passed over."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from typing import Any

from dynmask_core.config import ExperimentConfig
from dynmask_core.errors import InputError
from dynmask_core.runs import Run

ABOUT_NOTHING = {"command", "resume", "anew", "runs_dir", "json"}
"""What a command line may give besides."""
CALLED = {
    "data": ("source",),
    "gate": ("gate_mode",),
    "eval": ("evaluation",),
    "refresh": ("arms",),
    "model": ("dim", "heads", "layers"),
    "recipe": ("arms", "epochs", "batch_size", "dim", "heads", "layers"),
}
"""Options whose settings have other names. What has no setting at all says how a file is read, which is over."""


def require_same(
    run: Run, arguments: argparse.Namespace, configure: Callable[[argparse.Namespace], ExperimentConfig]
) -> None:
    """Raises InputError `other_settings`, which names the options that differ from the run's settings.

    arguments: with `typed`, the options that the command line gives, by name; what it leaves out is the run's.
    """
    typed = [name for name in arguments.typed if name not in ABOUT_NOTHING]
    if not typed:
        return
    own = _settings(run.config())
    asked = _settings(configure(argparse.Namespace(**{**vars(arguments), "data": arguments.data or own["source"]})))
    missing = object()

    def differs(name: str) -> bool:
        return any(own.get(one, missing) != asked.get(one) for one in CALLED.get(name, (name,)))

    if changed := [name for name in typed if differs(name)]:
        options = ", ".join("DATA" if name == "data" else f"--{name.replace('_', '-')}" for name in changed)
        raise InputError("other_settings", name=run.name, options=options)


def _settings(config: ExperimentConfig) -> dict[str, Any]:
    """All settings of an experiment by their own names, which differ."""
    parts = (config.data, config.model, config.mask, config.controls, config.train, config.task, config)
    return {field.name: getattr(part, field.name) for part in parts for field in dataclasses.fields(part)}

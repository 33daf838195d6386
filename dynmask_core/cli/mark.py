"""`dynmask mark`: marks every unit, words or parts of pictures, with arms side by side, in this process."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynmask_core.cli.data import add_data_options, data_config, read_options
from dynmask_core.cli.experiment import Loaded, add_run_options, add_training_options, as_it_stands, train
from dynmask_core.config import MARK_ARMS, MARK_TRAIN, PRESETS, ExperimentConfig, MarkSettings, mark_model
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.events import ArmEpoch

PRESET = "small"
SHOWN = ("accuracy", "precision", "recall", "f1", "iou", "pixel_iou", "box_iou", "box_found", "boxes_extra")
"""The scores that are printed, of those that the data have."""


def add(commands: Any) -> None:
    command = commands.add_parser("mark", help="mark every word of texts, or objects in pictures, under masks")
    add_data_options(command)
    command.add_argument("--arms", help=f"strategies, baseline first (default {','.join(MARK_ARMS)})")
    add_training_options(command, MARK_TRAIN.epochs, MARK_TRAIN.batch_size, PRESET)
    add_run_options(command)
    command.set_defaults(run=run, show=show)


def experiment_config(arguments: argparse.Namespace) -> ExperimentConfig:
    """Raises InputError for invalid settings."""
    from dynmask_core.masks import canonical, separate

    wanted = MARK_ARMS if arguments.arms is None else separate(arguments.arms, ",")
    given = {name: getattr(arguments, name) for name in ("epochs", "batch_size", "seed", "device")}
    return ExperimentConfig(
        data_config(arguments),
        mark_model(PRESETS[arguments.model or PRESET]),
        train=replace(MARK_TRAIN, **{name: value for name, value in given.items() if value is not None}),
        arms=tuple(canonical(arm) for arm in wanted if arm.strip()),
        task=MarkSettings(),
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    return summary(*train(arguments, MarkSettings, experiment_config, _load, _columns))


def _load(config: ExperimentConfig, arguments: argparse.Namespace) -> Loaded:
    from dynmask_core.data.load import load_marked
    from dynmask_core.inputs import fit_to

    dataset, report = load_marked(config.data, config.train.seed, **read_options(arguments))
    given = {name for name in ("epochs", "batch_size") if getattr(arguments, name) is not None}
    told = report.to_json()
    return fit_to(config, dataset, given={"arms", *given}), dataset, told, told["warnings"]


def _columns(event: ArmEpoch) -> str:
    seen = event.validation
    best = next(name for name in ("iou", "f1") if name in seen)
    return f"validation {seen['accuracy']:.3f}  {best} {seen[best]:.3f}  kept {event.kept_fraction:.2f}"


def summary(run: Run, dataset: dict[str, Any]) -> dict[str, Any]:
    """What `dynmask mark --json` prints."""
    result, early = as_it_stands(run)
    return {"run": run.name, "state": run.status().state, **early, "dataset": dataset, "reference": [], **result}


def show(result: dict[str, Any]) -> None:
    early = f", early: after epoch {result['epoch']}" if "early" in result else ""
    print(f"run {result['run']}: {result['state']}{early}")
    every = [*result["arms"], *result["reference"]]
    if not every:
        return
    names = [name for name in SHOWN if name in every[0]["test"]]
    width = max(len(one["name"]) for one in every)
    print(" " * width, *(f"{name:>11s}" for name in names), " seconds")
    for one in every:
        numbers = (f"{one['test'][name]:11.3f}" for name in names)
        print(
            f"{one['name'].replace('_', ' '):{width}s}", *numbers, f"{one['seconds']:8.1f}" if "seconds" in one else ""
        )

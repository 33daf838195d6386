"""What the commands share that train one experiment, whatever its task: options, going on, progress."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from dynmask_core.config import PRESETS, Device, ExperimentConfig, TaskSettings, TrainConfig
from dynmask_core.errors import InputError
from dynmask_core.runs import ACTIVE, Run, default_root, find_run

if TYPE_CHECKING:
    from dynmask_core.data.dataset import Dataset
    from dynmask_core.events import ArmEpoch, Event

RUNS_DIR_HELP = "where runs lie (default $DYNMASK_RUNS, else your user data folder)"

Loaded = tuple["Dataset", dict[str, Any], list[str]]
"""A data set, its account as the command's JSON has it, and what should be said of it."""


def add_training_options(command: argparse.ArgumentParser, epochs: int, batch_size: int, model: str) -> None:
    """Settings of training that every task has. epochs, batch_size, model: what is done unasked; the parsed values are
    None then."""
    start = TrainConfig()
    command.add_argument("--epochs", type=int, help=f"(default {epochs})")
    command.add_argument("--batch-size", type=int, metavar="N", help=f"texts per training step (default {batch_size})")
    command.add_argument("--seed", type=int, default=start.seed, help="(default %(default)s)")
    command.add_argument("--device", choices=get_args(Device), default=start.device)
    command.add_argument("--model", choices=tuple(PRESETS), help=f"preset (default {model})")


def add_run_options(command: argparse.ArgumentParser) -> None:
    """Where the run lies, and which one is gone on with."""
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    command.add_argument("--resume", metavar="RUN", help="go on with an interrupted or stopped run")


def train(
    arguments: argparse.Namespace,
    task: type[TaskSettings],
    configure: Callable[[argparse.Namespace], ExperimentConfig],
    load: Callable[[ExperimentConfig, argparse.Namespace], Loaded],
    columns: Callable[[ArmEpoch], str],
) -> tuple[Run, dict[str, Any]]:
    """Trains a new run, or goes on with an old one of that task; the run, and the account of a new one's data.

    columns: what is said of an epoch behind its number, arm and loss.
    """
    from dynmask_core.jobs.execute import execute

    root = arguments.runs_dir or default_root()
    account: dict[str, Any] = {}
    if arguments.resume:
        run = left_off(root, arguments.resume, task)
    else:
        from dynmask_core.training.fit import choose_device

        config = configure(arguments)
        choose_device(config.train.device)
        dataset, account, warnings = load(config, arguments)
        for warning in warnings:
            print(f"! {warning}", file=sys.stderr)
        run = Run.create(root, config, dataset)
    print(f"run {run.name}", file=sys.stderr)
    execute(run.path, lambda event: _progress(event, columns))
    return run, account


def left_off(root: Path, name: str, task: type[TaskSettings]) -> Run:
    """The run of that name, told to go on. Raises InputError where it is finished, somebody trains it, or it is of
    another task."""
    found = find_run(root, name)
    if not isinstance(found.config().task, task):
        raise InputError("other_task", name=found.name, command=f"dynmask {found.config().task.command}")
    state = found.status().state
    if state == "finished" or state in ACTIVE:
        raise InputError("run_finished" if state == "finished" else "run_active", name=found.name)
    found.command("run")
    found.drop_lease()  # whoever watched it in a browser has left
    return found


def _progress(event: Event, columns: Callable[[ArmEpoch], str]) -> None:
    from dynmask_core.events import ArmEpoch

    if isinstance(event, ArmEpoch):
        print(
            f"epoch {event.epoch:3d}  {event.arm:12s} loss {event.train['loss']:.3f}  {columns(event)}  "
            f"{event.tokens_per_second:,.0f} tokens/s",
            file=sys.stderr,
            flush=True,
        )

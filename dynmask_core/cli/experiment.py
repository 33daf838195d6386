"""Shared by all commands that train one experiment: options, resuming, progress."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from dynmask_core.cli.same import require_same
from dynmask_core.config import PRESETS, Device, ExperimentConfig, TaskSettings, TrainConfig
from dynmask_core.errors import InputError
from dynmask_core.runs import ACTIVE, Run, default_root, find_run
from dynmask_core.runs.folder import LETTING_GO

if TYPE_CHECKING:
    from dynmask_core.data.dataset import Dataset
    from dynmask_core.events import ArmEpoch, Event

RUNS_DIR_HELP = "where runs lie (default $DYNMASK_RUNS, else your user data folder)"

Loaded = tuple[ExperimentConfig, "Dataset", dict[str, Any], list[str]]
"""The experiment as it is for a data set, the data set, its report for the command's JSON, and its warnings."""


def add_training_options(command: argparse.ArgumentParser, epochs: int, batch_size: int, model: str) -> None:
    """Adds the training options of every task.

    epochs, batch_size, model: defaults for the help text only; the parsed values are None if not given.
    """
    start = TrainConfig()
    command.add_argument("--epochs", type=int, help=f"(default {epochs})")
    command.add_argument("--batch-size", type=int, metavar="N", help=f"texts per training step (default {batch_size})")
    command.add_argument("--seed", type=int, default=start.seed, help="(default %(default)s)")
    command.add_argument("--device", choices=get_args(Device), default=start.device)
    command.add_argument("--model", choices=tuple(PRESETS), help=f"preset (default {model})")


def add_run_options(command: argparse.ArgumentParser) -> None:
    """Adds the folder of the runs, and the run to resume or to begin again."""
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    before = command.add_mutually_exclusive_group()
    before.add_argument("--resume", metavar="RUN", help="go on with an interrupted or stopped run")
    told = "train the settings and texts of a run once more, from the beginning, as a new run"
    before.add_argument("--anew", metavar="RUN", help=told)


def train(
    arguments: argparse.Namespace,
    task: type[TaskSettings],
    configure: Callable[[argparse.Namespace], ExperimentConfig],
    load: Callable[[ExperimentConfig, argparse.Namespace], Loaded],
    columns: Callable[[ArmEpoch], str],
) -> tuple[Run, dict[str, Any]]:
    """Trains a new run, resumes one of this task, or trains it anew. Returns the run and the report on a new run's
    data, else {}.

    columns: the part of an epoch's progress line after its number, arm and loss.
    """
    from dynmask_core.jobs.execute import execute

    root = arguments.runs_dir or default_root()
    account: dict[str, Any] = {}
    if name := arguments.resume or arguments.anew:
        found = of_task(root, name, task)
        require_same(found, arguments, configure)
        run = left_off(found) if arguments.resume else Run.create(root, found.config(), found.dataset())
    else:
        from dynmask_core.tasks import task_of
        from dynmask_core.training.fit import choose_device

        config = configure(arguments)
        choose_device(config.train.device)
        config, dataset, account, warnings = load(config, arguments)
        for warning in warnings:
            print(f"! {warning}", file=sys.stderr)
        task_of(config).check(config)  # what is refused leaves no run behind
        run = Run.create(root, config, dataset)
    print(f"run {run.name}", file=sys.stderr)
    execute(run.path, lambda event: _progress(event, columns))
    return run, account


def as_it_stands(run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result of a run, of one that somebody stopped as it stands; and for the command's JSON how early that is, {}
    if it is not."""
    from dynmask_core.analysis.standing import can_stand, standing

    stands = standing(run) if can_stand(run) else None
    if stands is None:
        return {"arms": []}, {}
    return stands.result, {"early": True, "epoch": stands.epoch} if stands.early else {}


def of_task(root: Path, name: str, task: type[TaskSettings]) -> Run:
    """The run `name`. Raises InputError: `unknown_run`, `other_task`, and what `Run.config` raises."""
    found = find_run(root, name)
    if not isinstance(found.config().task, task):
        raise InputError("other_task", name=found.name, command=f"dynmask {found.config().task.command}")
    return found


def left_off(found: Run) -> Run:
    """The run, ready to resume. Raises InputError: `run_finished`, `run_active`, `no_checkpoint`."""
    state = found.status().state
    if state == "finished":
        raise InputError("run_finished", name=found.name)
    if state in ACTIVE or found.is_held(LETTING_GO):
        raise InputError("run_active", name=found.name)
    found.require_checkpoint()
    found.command("run")
    found.drop_lease()  # its viewers in a browser may have left
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

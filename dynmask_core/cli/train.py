"""`dynmask train`: one paired experiment, in this process."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from dynmask_core.cli.data import add_data_options, data_config, load_dataset
from dynmask_core.config import (
    PRESETS,
    ClassifySettings,
    Controls,
    Device,
    ExperimentConfig,
    GateMode,
    InitialMask,
    MaskConfig,
    StepRule,
    TaskSettings,
    TrainConfig,
)
from dynmask_core.errors import InputError
from dynmask_core.recipes import RECIPES, Recipe
from dynmask_core.runs import ACTIVE, Run, default_root, find_run

if TYPE_CHECKING:
    from dynmask_core.events import Event

RUNS_DIR_HELP = "where runs lie (default $DYNMASK_RUNS, else your user data folder)"


LIVE = {"step_size": "α", "evidence_threshold": "τ", "keep_threshold": "θ"}


def add(commands: Any) -> None:
    command = commands.add_parser("train", help="train arms side by side on labelled text")
    add_data_options(command)
    add_settings(command, Recipe(("static", "repaired")))
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    command.add_argument("--resume", metavar="RUN", help="go on with an interrupted or stopped run")
    command.set_defaults(run=run, show=show)


def add_settings(command: argparse.ArgumentParser, start: Recipe, *, lists: bool = False) -> None:
    """start: what the command does unasked. lists: α, τ and θ take several values, V1,V2, as text."""
    mask, training = MaskConfig(), TrainConfig()
    command.set_defaults(start=start)
    command.add_argument("--recipe", choices=tuple(RECIPES), help="a ready-made choice of arms, model and epochs")
    command.add_argument("--arms", help=f"strategies, baseline first (default {','.join(start.arms)})")
    command.add_argument("--epochs", type=int, help=f"(default {start.epochs})")
    command.add_argument(
        "--batch-size", type=int, metavar="N", help=f"texts per training step (default {start.batch_size})"
    )
    command.add_argument("--seed", type=int, default=training.seed, help="(default %(default)s)")
    command.add_argument("--device", choices=get_args(Device), default=training.device)
    command.add_argument("--model", choices=tuple(PRESETS), help=f"preset (default {start.model})")
    for name, letter in LIVE.items():
        kind: dict[str, Any] = {"metavar": "V1,V2"} if lists else {"type": float, "metavar": "V"}
        told = f"{letter} (default {getattr(Controls(), name):g})"
        command.add_argument(f"--{name.replace('_', '-')}", help=told, **kind)
    command.add_argument("--initial", choices=get_args(InitialMask), default=mask.initial, help="initial mask")
    command.add_argument("--initial-value", type=float, default=mask.initial_value, help="of a constant initial mask")
    command.add_argument("--step-rule", choices=get_args(StepRule), default=mask.step_rule, help="article: α or α/|D|")
    command.add_argument("--gate", choices=get_args(GateMode), default=mask.gate_mode, help="how a token gate acts")


def experiment_config(arguments: argparse.Namespace) -> ExperimentConfig:
    from dynmask_core.masks import canonical

    recipe = RECIPES[arguments.recipe] if arguments.recipe else arguments.start
    wanted = recipe.arms if arguments.arms is None else arguments.arms.split(",")
    arms = tuple(canonical(arm) for arm in wanted if arm.strip())
    epochs = recipe.epochs if arguments.epochs is None else arguments.epochs
    batch_size = recipe.batch_size if arguments.batch_size is None else arguments.batch_size
    return ExperimentConfig(
        data_config(arguments),
        PRESETS[arguments.model or recipe.model],
        MaskConfig(arguments.initial, arguments.initial_value, arguments.step_rule, arguments.gate),
        Controls(**{name: value for name in LIVE if (value := getattr(arguments, name)) is not None}),
        TrainConfig(epochs=epochs, batch_size=batch_size, seed=arguments.seed, device=arguments.device),
        arms,
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.jobs.execute import execute

    root = arguments.runs_dir or default_root()
    if arguments.resume:
        current = left_off(root, arguments.resume, ClassifySettings)
        dropped: dict[str, int] = {}
    else:
        from dynmask_core.training.fit import choose_device

        config = experiment_config(arguments)
        choose_device(config.train.device)
        dataset, report = load_dataset(config.data, arguments)
        dropped = report.dropped
        for warning in report.to_json()["warnings"]:
            print(f"! {warning}", file=sys.stderr)
        current = Run.create(root, config, dataset)
    print(f"run {current.name}", file=sys.stderr)
    execute(current.path, _progress)
    return summary(current, dropped)


def left_off(root: Path, name: str, task: type[TaskSettings]) -> Run:
    """The run of that name, told to go on. Raises InputError where it is finished,
    somebody trains it, or it is of another task."""
    found = find_run(root, name)
    if not isinstance(found.config().task, task):
        raise InputError("other_task", name=found.name, command=f"dynmask {found.config().task.command}")
    state = found.status().state
    if state == "finished" or state in ACTIVE:
        raise InputError("run_finished" if state == "finished" else "run_active", name=found.name)
    found.command("run")
    found.drop_lease()  # whoever watched it in a browser has left
    return found


def summary(run: Run, dropped: dict[str, int]) -> dict[str, Any]:
    """What `dynmask train --json` prints of a run."""
    dataset = run.dataset()
    classes = {name: int((dataset.labels == i).sum()) for i, name in enumerate(dataset.classes)}
    result = run.result() or {"arms": []}
    return {
        "run": run.name,
        "state": run.status().state,
        "dataset": {"rows": len(dataset), "classes": classes, "dropped": dropped},
        "arms": result["arms"],
    }


def _progress(event: Event) -> None:
    from dynmask_core.events import ArmEpoch

    if isinstance(event, ArmEpoch):
        print(
            f"epoch {event.epoch:3d}  {event.arm:12s} loss {event.train['loss']:.3f}  "
            f"validation {event.validation['accuracy']:.3f}  kept {event.kept_fraction:.2f}  "
            f"{event.tokens_per_second:,.0f} tokens/s",
            file=sys.stderr,
            flush=True,
        )


def show(result: dict[str, Any]) -> None:
    print(f"run {result['run']}: {result['state']}")
    width = max((len(arm["name"]) for arm in result["arms"]), default=0)
    scores = ("accuracy", "precision", "recall", "f1")
    print(" " * width, *(f"{name:>9s}" for name in scores), "best epoch", " seconds", "TFLOPs", " kept per block")
    for arm in result["arms"]:
        numbers = (f"{arm['test'][name]:9.4f}" for name in scores)
        layers = " ".join(f"{share:.2f}" for share in arm["kept_per_layer"])
        rest = f"{arm['best_epoch']:10d} {arm['seconds']:8.1f} {arm['training_flops'] / 1e12:6.2f}  {layers}"
        print(f"{arm['name']:{width}s}", *numbers, rest)

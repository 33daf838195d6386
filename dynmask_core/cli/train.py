"""`dynmask train`: one paired experiment (all arms), in this process."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, get_args

from dynmask_core.cli.data import add_data_options, data_config, load_dataset
from dynmask_core.cli.experiment import Loaded, add_run_options, add_training_options, as_it_stands, train
from dynmask_core.config import (
    PRESETS,
    ClassifySettings,
    Controls,
    ExperimentConfig,
    GateMode,
    InitialMask,
    MaskConfig,
    StepRule,
    TrainConfig,
)
from dynmask_core.config.checks import check
from dynmask_core.data.encoder_folder import settled
from dynmask_core.evaluate import METRICS
from dynmask_core.messages import speaking_of, told
from dynmask_core.recipes import RECIPES, Recipe
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.events import ArmEpoch

LIVE = {"step_size": "α", "evidence_threshold": "τ", "keep_threshold": "θ"}


def add(commands: Any) -> None:
    command = commands.add_parser("train", help="train arms side by side on labelled text")
    add_data_options(command)
    add_settings(command, Recipe(("static", "repaired")))
    add_run_options(command)
    command.set_defaults(run=run, show=show)


def add_settings(command: argparse.ArgumentParser, start: Recipe, *, lists: bool = False) -> None:
    """start: the defaults. lists: α, τ and θ accept several values V1,V2 and stay text."""
    mask = MaskConfig()
    command.set_defaults(start=start)
    command.add_argument("--recipe", choices=tuple(RECIPES), help="a ready-made choice of arms, model and epochs")
    command.add_argument("--arms", help=f"strategies, baseline first (default {','.join(start.arms)})")
    add_training_options(command, start.epochs, start.batch_size, start.model)
    for name, letter in LIVE.items():
        kind: dict[str, Any] = {"metavar": "V1,V2"} if lists else {"type": float, "metavar": "V"}
        told = f"{letter} (default {getattr(Controls(), name):g})"
        command.add_argument(f"--{name.replace('_', '-')}", help=told, **kind)
    told = "start from a pre-trained encoder: a folder with config.json, model.safetensors and tokenizer.json"
    command.add_argument("--encoder", metavar="FOLDER", help=told)
    told = "how many of its last blocks learn, all (with the embedding) or a number (default 2)"
    command.add_argument("--trained-blocks", metavar="N", help=told)
    kept = "of how many epochs the models are kept, to be asked later (default 20, in a study 0)"
    command.add_argument("--keep-epochs", type=int, metavar="N", help=kept)
    command.add_argument("--initial", choices=get_args(InitialMask), default=mask.initial, help="initial mask")
    command.add_argument("--initial-value", type=float, default=mask.initial_value, help="of a constant initial mask")
    command.add_argument("--step-rule", choices=get_args(StepRule), default=mask.step_rule, help="article: α or α/|D|")
    command.add_argument("--gate", choices=get_args(GateMode), default=mask.gate_mode, help="how a token gate acts")


def experiment_config(arguments: argparse.Namespace) -> ExperimentConfig:
    from dynmask_core.masks import canonical, separate

    recipe = RECIPES[arguments.recipe] if arguments.recipe else arguments.start
    wanted = recipe.arms if arguments.arms is None else separate(arguments.arms, ",")
    arms = tuple(canonical(arm) for arm in wanted if arm.strip())
    epochs = recipe.epochs if arguments.epochs is None else arguments.epochs
    batch_size = recipe.batch_size if arguments.batch_size is None else arguments.batch_size
    return ExperimentConfig(
        data_config(arguments),
        PRESETS[arguments.model or recipe.model],
        MaskConfig(arguments.initial, arguments.initial_value, arguments.step_rule, arguments.gate),
        Controls(**{name: value for name in LIVE if (value := getattr(arguments, name)) is not None}),
        TrainConfig(
            epochs=epochs,
            batch_size=batch_size,
            seed=arguments.seed,
            device=arguments.device,
            keep_epochs=arguments.keep_epochs,
            trained_blocks=trained_blocks(arguments.trained_blocks),
        ),
        arms,
        input=ExperimentConfig.input if arguments.encoder is None else "pieces",
        encoder="" if arguments.encoder is None else settled(arguments.encoder),
    )


def trained_blocks(written: str | None) -> int | None:
    """Raises InputError `bad_setting`."""
    if written is None or written == "all":
        return None
    check(written.isdecimal(), "trained_blocks", written, "all, 0–24")
    return int(written)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    return summary(*train(arguments, ClassifySettings, experiment_config, _load, _columns))


def given(arguments: argparse.Namespace) -> set[str]:
    """Which settings the reader has chosen, so that the input of the data does not: see `inputs.fit_to`."""
    names = ("arms", "epochs", "batch_size", "trained_blocks")
    recipe = {*names} - {"trained_blocks"} if arguments.recipe else set()
    return recipe | {name for name in names if getattr(arguments, name) is not None}


def _load(config: ExperimentConfig, arguments: argparse.Namespace) -> Loaded:
    from dynmask_core.inputs import fit_to, make_input

    dataset, report = load_dataset(config.data, arguments)
    config = fit_to(config, dataset, given=given(arguments))
    part = told(make_input(config).shortened(dataset.texts))
    with speaking_of(dataset.medium):
        warnings = report.to_json()["warnings"]
    return config, dataset, report.dropped, [*warnings, part] if part else warnings


def _columns(event: ArmEpoch) -> str:
    return f"validation {event.validation['accuracy']:.3f}  kept {event.kept_fraction:.2f}"


def summary(run: Run, dropped: dict[str, int]) -> dict[str, Any]:
    """What `dynmask train --json` prints."""
    from dynmask_core.analysis.worth import worth
    from dynmask_core.evaluate.verdict import of_run

    dataset = run.dataset()
    classes = {name: int((dataset.labels == i).sum()) for i, name in enumerate(dataset.classes)}
    state = run.status().state
    result, early = as_it_stands(run)
    found = {
        "run": run.name,
        "state": state,
        **early,
        "dataset": {"rows": len(dataset), "classes": classes, "dropped": dropped},
        "arms": result["arms"],
        "reference": result.get("reference", []),  # older runs have none
    }
    with speaking_of(dataset.medium):
        verdicts = [told(words) for words in of_run(result["arms"], dataset.classes)] if result["arms"] else []
        return found | {"verdicts": verdicts, "worth": [told(words) for words in worth(found)]}


def show(result: dict[str, Any]) -> None:
    early = f", early: after epoch {result['epoch']}" if "early" in result else ""
    print(f"run {result['run']}: {result['state']}{early}")
    width = max((len(one["name"]) for one in result["arms"] + result["reference"]), default=0)
    print(" " * width, *(f"{name:>9s}" for name in METRICS), "best epoch", " seconds", "TFLOPs", " kept per block")
    for arm in result["arms"]:
        numbers = (f"{arm['test'][name]:9.4f}" for name in METRICS)
        layers = " ".join(f"{share:.2f}" for share in arm["kept_per_layer"])
        rest = f"{arm['best_epoch']:10d} {arm['seconds']:8.1f} {arm['training_flops'] / 1e12:6.2f}  {layers}"
        print(f"{arm['name']:{width}s}", *numbers, rest)
    for verdict in result["verdicts"]:
        print(verdict)
    for one in result["reference"]:
        numbers = (f"{one['test'][name]:9.4f}" for name in METRICS)
        print(f"{one['name'].replace('_', ' '):{width}s}", *numbers, f"{'–':>10s} {one['seconds']:8.1f}")
    for said in result["worth"]:
        print(said)

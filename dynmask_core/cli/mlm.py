"""`dynmask mlm`: masked language modelling with static and dynamic masks side by side, in this process."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast, get_args

from dynmask_core.cli.data import add_data_options, data_config, read_options
from dynmask_core.cli.experiment import Loaded, add_run_options, add_training_options, train
from dynmask_core.config import (
    GUESS_ARMS,
    GUESS_TOKENS,
    GUESS_TRAIN,
    PRESETS,
    ExperimentConfig,
    GuessSettings,
    Selection,
)
from dynmask_core.data.load import load_corpus
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.events import ArmEpoch

PRESET = "small"


def add(commands: Any) -> None:
    command = commands.add_parser("mlm", help="masked language modelling: static against dynamic masks")
    start = GuessSettings()
    add_data_options(command, labelled=False)
    command.add_argument(
        "--eval", metavar="TEXT2", default="", help="what the models are evaluated on (default: a tenth of TEXT)"
    )
    command.add_argument(
        "--refresh",
        default=",".join(GUESS_ARMS),
        help="static, static:K (K masks in turn), dynamic (default %(default)s)",
    )
    command.add_argument(
        "--corruption",
        choices=get_args(Selection),
        default=start.selection,
        help="which words are hidden (default %(default)s)",
    )
    command.add_argument(
        "--rate",
        default=str(start.rate),
        help="share of words hidden (of pictures and sounds: 0.6): 0.15, or over the run 0.3..0.15[@cosine|@cyclic4]",
    )
    for name, becomes in (("mask_share", "[MASK]"), ("random_share", "another word")):
        command.add_argument(
            f"--{name.replace('_', '-')}", type=float, default=getattr(start, name), metavar="V",
            help=f"of the words to be guessed, how many become {becomes} (default %(default)g)",
        )  # fmt: skip
    add_training_options(command, GUESS_TRAIN.epochs, GUESS_TRAIN.batch_size, PRESET)
    add_run_options(command)
    command.set_defaults(run=run, show=show)


def experiment_config(arguments: argparse.Namespace) -> ExperimentConfig:
    """Raises InputError for invalid settings."""
    from dynmask_core.mlm import Refresh
    from dynmask_core.tasks.hidden_words import corruption

    data = data_config(arguments, max_tokens=GUESS_TOKENS)
    try:
        rate: float | str = float(arguments.rate)
    except ValueError:
        rate = arguments.rate
    task = GuessSettings(arguments.corruption, rate, arguments.mask_share, arguments.random_share, arguments.eval)
    arms = tuple(str(Refresh.read(one)) for one in arguments.refresh.split(",") if one.strip())
    for arm in arms:
        corruption(task, arm)
    given = {name: getattr(arguments, name) for name in ("epochs", "batch_size", "seed", "device")}
    training = replace(GUESS_TRAIN, **{name: value for name, value in given.items() if value is not None})
    return ExperimentConfig(
        data, PRESETS[arguments.model or PRESET].without_dropout(), train=training, arms=arms, task=task
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    return summary(*train(arguments, GuessSettings, experiment_config, _load, _columns))


def _load(config: ExperimentConfig, arguments: argparse.Namespace) -> Loaded:
    from dynmask_core.tasks.restore import guess_or_restore

    dataset, report = load_corpus(config.data, arguments.eval, config.train.seed, **read_options(arguments))
    asked = {name for name in ("epochs", "batch_size") if getattr(arguments, name) is not None}
    rate = None if arguments.rate == str(GuessSettings().rate) else cast(GuessSettings, config.task).rate
    config = guess_or_restore(config, dataset, asked, rate)
    shared = f"{report.shared} validation texts are training texts as well."
    warnings = [warning.text() for warning in report.warnings]
    return config, dataset, report.to_json(), [*warnings, shared] if report.shared else warnings


def _columns(event: ArmEpoch) -> str:
    seen, asked = event.validation, event.train["ever_asked"]
    return f"validation {seen['loss']:.3f}  right {seen['accuracy']:.3f}  ever asked {asked:.3f}"


def summary(run: Run, corpus: dict[str, Any]) -> dict[str, Any]:
    """What `dynmask mlm --json` prints. Lists have one number per epoch, starting at epoch 1."""
    said = [event for event in run.events() if event["type"] == "arm_epoch"]
    found = {arm["name"]: arm for arm in (run.result() or {"arms": []})["arms"]}
    arms = []
    for name in run.config().arms:
        epochs = [event for event in said if event["arm"] == name]
        arms.append(
            {
                "refresh": name,
                "validation_loss": [event["validation"]["loss"] for event in epochs],
                "accuracy": [event["validation"]["accuracy"] for event in epochs],
                "masked_fraction_seen": [event["train"]["ever_asked"] for event in epochs],
                "training_loss": [event["train"]["loss"] for event in epochs],
                **{
                    key: value
                    for key, value in found.get(name, {}).items()
                    if key in ("best_epoch", "seconds", "tokens_per_second", "parameters")
                },
            }
        )
    return {"run": run.name, "state": run.status().state, "corpus": corpus, "arms": arms}


def show(result: dict[str, Any]) -> None:
    print(f"run {result['run']}: {result['state']}")
    width = max((len(arm["refresh"]) for arm in result["arms"]), default=0)
    print(f"{'':{width}s}  loss: best (epoch)   last    right  ever asked")
    for arm in result["arms"]:
        losses = arm["validation_loss"]
        if losses:
            best = min(range(len(losses)), key=losses.__getitem__)
            print(
                f"{arm['refresh']:{width}s} {losses[best]:11.3f} ({best + 1:5d}) {losses[-1]:6.3f} "
                f"{arm['accuracy'][-1]:8.3f} {arm['masked_fraction_seen'][-1]:11.3f}"
            )

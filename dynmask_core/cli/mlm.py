"""`dynmask mlm`: hidden words to be guessed, static and dynamic masks side by side, in this process."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from dynmask_core.cli.train import RUNS_DIR_HELP, left_off
from dynmask_core.config import (
    GUESS_ARMS,
    GUESS_TOKENS,
    GUESS_TRAIN,
    PRESETS,
    DataConfig,
    Device,
    ExperimentConfig,
    GuessSettings,
    Selection,
)
from dynmask_core.errors import InputError
from dynmask_core.runs import Run, default_root

if TYPE_CHECKING:
    from dynmask_core.events import Event


def add(commands: Any) -> None:
    command = commands.add_parser("mlm", help="masked language modelling: static against dynamic masks")
    start = GuessSettings()
    command.add_argument(
        "text", metavar="TEXT", nargs="?", help="a file with a text per line, any data file, or sample:NAME"
    )
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
        help="share of words hidden: 0.15, or over the run 0.3..0.15[@cosine|@cyclic4]",
    )
    for name, becomes in (("mask_share", "[MASK]"), ("random_share", "another word")):
        command.add_argument(
            f"--{name.replace('_', '-')}", type=float, default=getattr(start, name), metavar="V",
            help=f"of the words to be guessed, how many become {becomes} (default %(default)g)",
        )  # fmt: skip
    command.add_argument("--epochs", type=int, default=GUESS_TRAIN.epochs, help="(default %(default)s)")
    command.add_argument(
        "--batch-size", type=int, default=GUESS_TRAIN.batch_size, metavar="N", help="(default %(default)s)"
    )
    command.add_argument("--seed", type=int, default=GUESS_TRAIN.seed, help="(default %(default)s)")
    command.add_argument("--device", choices=get_args(Device), default=GUESS_TRAIN.device)
    command.add_argument("--model", choices=tuple(PRESETS), default="small", help="preset (default %(default)s)")
    command.add_argument("--text-column", metavar="NAME", help="default: guessed")
    command.add_argument("--encoding", help="default: guessed (UTF-8, UTF-16, GB18030, …)")
    command.add_argument("--delimiter", help="of a CSV file; default: guessed")
    command.add_argument("--tokenizer", choices=("auto", "words", "characters"), default="auto")
    command.add_argument("--max-rows", type=int, metavar="N", help="take a sample of N texts")
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    command.add_argument("--resume", metavar="RUN", help="go on with an interrupted or stopped run")
    command.set_defaults(run=run, show=show)


def experiment_config(arguments: argparse.Namespace) -> ExperimentConfig:
    """Raises InputError for what it cannot be."""
    from dynmask_core.mlm import Refresh
    from dynmask_core.tasks.hidden_words import corruption

    if arguments.text is None:
        raise InputError("no_data")
    try:
        rate: float | str = float(arguments.rate)
    except ValueError:
        rate = arguments.rate
    task = GuessSettings(arguments.corruption, rate, arguments.mask_share, arguments.random_share, arguments.eval)
    arms = tuple(str(Refresh.read(one)) for one in arguments.refresh.split(",") if one.strip())
    for arm in arms:
        corruption(task, arm)
    train = replace(
        GUESS_TRAIN,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        seed=arguments.seed,
        device=arguments.device,
    )
    data = DataConfig(
        arguments.text,
        text_column=arguments.text_column,
        tokenizer=arguments.tokenizer,
        max_rows=arguments.max_rows,
        max_tokens=GUESS_TOKENS,
    )
    return ExperimentConfig(data, PRESETS[arguments.model].without_dropout(), train=train, arms=arms, task=task)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.jobs.execute import execute

    root = arguments.runs_dir or default_root()
    corpus: dict[str, Any] = {}
    if arguments.resume:
        current = left_off(root, arguments.resume, GuessSettings)
    else:
        from dynmask_core.data.load import load_corpus
        from dynmask_core.training.fit import choose_device

        config = experiment_config(arguments)
        choose_device(config.train.device)
        encoded = {"encoding": arguments.encoding, "delimiter": arguments.delimiter}
        dataset, report = load_corpus(config.data, arguments.eval, config.train.seed, **encoded)
        corpus = report.to_json()
        if report.shared:
            print(f"! {report.shared} validation texts are training texts as well.", file=sys.stderr)
        current = Run.create(root, config, dataset)
    print(f"run {current.name}", file=sys.stderr)
    execute(current.path, _progress)
    return summary(current, corpus)


def summary(run: Run, corpus: dict[str, Any]) -> dict[str, Any]:
    """What `dynmask mlm --json` prints. Lists have one number per epoch, from epoch 1."""
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


def _progress(event: Event) -> None:
    from dynmask_core.events import ArmEpoch

    if isinstance(event, ArmEpoch):
        print(
            f"epoch {event.epoch:3d}  {event.arm:10s} loss {event.train['loss']:.3f}  "
            f"validation {event.validation['loss']:.3f}  right {event.validation['accuracy']:.3f}  "
            f"ever asked {event.train['ever_asked']:.3f}  {event.tokens_per_second:,.0f} tokens/s",
            file=sys.stderr,
            flush=True,
        )


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

"""`dynmask continue`: models that go on with a sequence: translate, answer, generate. In this process."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from dynmask_core.cli.data import add_data_options, data_config, read_options
from dynmask_core.cli.experiment import Loaded, add_run_options, add_training_options, train
from dynmask_core.config import (
    GUESS_TOKENS,
    PRESETS,
    ContinueSettings,
    ExperimentConfig,
    GateMode,
    MaskConfig,
    Sight,
    TrainConfig,
    Way,
)
from dynmask_core.data.load import load_sequences
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.events import ArmEpoch
    from dynmask_core.tasks.generate import Sampling

PRESET = "small"
INPUT = "pairs"


METRICS = ("loss", "accuracy", "perplexity", "exact", "character_f")


def add(commands: Any) -> None:
    command = commands.add_parser("continue", help="learn to translate, answer or generate, with one encoder")
    add_data_options(command, labelled=False)
    command.add_argument("--target-column", metavar="NAME", help="what texts become; default: guessed")
    command.add_argument("--split-column", metavar="NAME", help="train/validation/test; default: guessed")
    command.add_argument(
        "--arms", default=None, help="masks that come on top of the task's own (default none,dropout:0.1)"
    )
    start = ContinueSettings()
    told = "what a unit sees; full shows each place its own answer (default %(default)s)"
    command.add_argument("--mask", choices=get_args(Sight), default=start.mask, help=told)
    told = "how a target is written: from left to right, or the surest place first (default %(default)s)"
    command.add_argument("--way", choices=get_args(Way), default=start.way, help=told)
    command.add_argument(
        "--gate", choices=get_args(GateMode), default=MaskConfig().gate_mode, help="how soft masks act"
    )
    add_training_options(command, 16, 32, PRESET)
    command.add_argument("--learning-rate", type=float, metavar="V", help="at its peak (default 0.004)")
    command.add_argument("--generate", metavar="SOURCE", nargs="+", default=(), help="write on from these afterwards")
    add_sampling(command)
    add_run_options(command)
    command.set_defaults(run=run, show=show)


def add_sampling(command: argparse.ArgumentParser) -> None:
    """Adds how words are chosen, for `sampling`."""
    command.add_argument("--greedy", action="store_true", help="always the likeliest word (the default)")
    command.add_argument("--top-k", type=int, default=0, metavar="K", help="draw from the K likeliest words")
    command.add_argument(
        "--temperature", type=float, default=None, metavar="V", help="draw; below 1 surer, above 1 wilder"
    )


def sampling(arguments: argparse.Namespace, seed: int = 0) -> Sampling:
    """Raises InputError for numbers out of range."""
    from dynmask_core.tasks.generate import Sampling

    drawn = not arguments.greedy and (arguments.temperature is not None or arguments.top_k > 0)
    temperature = 1.0 if arguments.temperature is None else arguments.temperature
    return Sampling(temperature if drawn else 0.0, arguments.top_k if drawn else 0, seed)


def experiment_config(arguments: argparse.Namespace) -> ExperimentConfig:
    """Raises InputError for invalid settings."""
    from dynmask_core.masks import canonical, separate

    wanted = separate(arguments.arms or "none", ",")
    given = {name: getattr(arguments, name) for name in ("epochs", "batch_size", "seed", "device")}
    return ExperimentConfig(
        data_config(arguments, target_column=arguments.target_column),
        PRESETS[arguments.model or PRESET],
        MaskConfig(gate_mode=arguments.gate),
        train=replace(TrainConfig(), **{name: value for name, value in given.items() if value is not None}),
        arms=tuple(canonical(arm) for arm in wanted if arm.strip()),
        task=ContinueSettings(arguments.mask, arguments.way),
        input=INPUT,
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    chosen = sampling(arguments, arguments.seed)
    trained, corpus = train(arguments, ContinueSettings, experiment_config, _load, _columns)
    found = summary(trained, corpus)
    return found | {"generated": generated(trained, arguments.generate, chosen)} if arguments.generate else found


def _load(config: ExperimentConfig, arguments: argparse.Namespace) -> Loaded:
    from dynmask_core.inputs import fit_to

    dataset, report = load_sequences(config.data, arguments.seed, **read_options(arguments))
    if dataset.targets is None:
        config = replace(config, data=replace(config.data, max_tokens=GUESS_TOKENS))
        dataset, report = load_sequences(config.data, arguments.seed, **read_options(arguments))
    names = ("arms", "epochs", "batch_size")
    given = {name for name in names if getattr(arguments, name) is not None}
    if dataset.targets is None:
        given.add("arms")  # prose has no source, so that a mask of sources would change nothing
    config = fit_to(config, dataset, given=given)
    if arguments.learning_rate is not None:
        config = replace(config, train=replace(config.train, learning_rate=arguments.learning_rate))
    return config, dataset, report.to_json(), [warning.text() for warning in report.warnings]


def _columns(event: ArmEpoch) -> str:
    seen = event.validation
    exact = f"  exact {seen['exact']:.3f}" if "exact" in seen else f"  perplexity {seen['perplexity']:.1f}"
    return f"validation {seen['loss']:.3f}  right {seen['accuracy']:.3f}{exact}"


def generated(trained: Run, sources: list[str], chosen: Sampling) -> list[dict[str, Any]]:
    """What every arm writes after each source."""
    from dynmask_core.analysis.continued import write_all
    from dynmask_core.analysis.subject import Subject

    arms = trained.config().arms
    written = {arm: write_all(trained, Subject.open(trained, arm), sources, chosen) for arm in arms}
    return [
        {
            "source": source,
            "arms": [{"name": arm, "text": written[arm][i][0], "probability": written[arm][i][1]} for arm in arms],
        }
        for i, source in enumerate(sources)
    ]


def summary(trained: Run, corpus: dict[str, Any]) -> dict[str, Any]:
    """What `dynmask continue --json` prints. history: one number per epoch, starting at epoch 1."""
    said = [event for event in trained.events() if event["type"] == "arm_epoch"]
    result = trained.result() or {"arms": []}
    found = {arm["name"]: arm for arm in result["arms"]}
    arms = []
    for name in trained.config().arms:
        epochs = [event for event in said if event["arm"] == name]
        history = {
            "training_loss": [event["train"]["loss"] for event in epochs],
            **{
                key: [event["validation"][key] for event in epochs]
                for key in METRICS
                if epochs and key in epochs[0]["validation"]
            },
        }
        arms.append({"name": name, "history": history, **found.get(name, {})})
    return {
        "run": trained.name,
        "state": trained.status().state,
        "corpus": corpus,
        "arms": arms,
        "reference": result.get("reference", []),
    }


def show(result: dict[str, Any]) -> None:
    print(f"run {result['run']}: {result['state']}")
    width = max((len(arm["name"]) for arm in result["arms"]), default=0)
    for arm in result["arms"]:
        part = "test" if "test" in arm else "validation"
        if part in arm:
            numbers = (f"{name} {arm[part][name]:.4g}" for name in METRICS if name in arm[part])
            print(f"{arm['name']:{width}s}", part, *numbers, f"best epoch {arm['best_epoch']}", sep="  ")
    for one in result["reference"]:
        numbers = (f"{name} {one['test'][name]:.4g}" for name in METRICS if name in one["test"])
        print(one["name"].replace("_", " "), "test", *numbers, sep="  ")
    for one in result.get("generated", ()):
        for arm in one["arms"]:
            print(f"{arm['name']:{width}s}  {one['source']} ⇒ {arm['text']}  ({arm['probability']:.2f})")

"""The command that repeats a study."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from dynmask_core.config import PRESETS, DataConfig, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.recipes import Recipe
from dynmask_core.studies.config import StudyConfig
from dynmask_core.studies.kinds import KINDS
from dynmask_core.studies.settings import Value, listed, written

SAID = {
    "data": ("source", "text_column", "label_column", "split_column", "tokenizer", "max_rows", "train_rows"),
    "train": ("epochs", "batch_size", "seed", "device"),
}
"""The settings of these two sections that have an option. The model has one for its preset; all others have one."""


def command_of(config: StudyConfig) -> str:
    """What to type in a shell: `dynmask compare DATA …`, with only what differs from the command's defaults.

    Settings without an option stand above it as comments. Uploaded text has no path: its name takes that place.
    """
    kind = KINDS[config.kind]
    base, source = config.base, config.base.data.source
    words = ["dynmask", config.kind]
    if not source.startswith("-"):
        words.append(source)
    words += _options(_general(base, kind.start))
    words += _options([("seeds", config.seeds)] if config.seeds != kind.seeds else [])
    words += _options(kind.options(config))
    words += _options([("test_on", config.test_on)] if config.test_on and "test_on" in kind.asks else [])
    if source.startswith("-"):
        words += ["--", source]
    return "\n".join([*(f"# no option says this: {line}" for line in unsaid(config)), shlex.join(words)])


def unsaid(config: StudyConfig) -> list[str]:
    """`section.name = value` for each setting that differs from its default and has no command line option."""
    base, kind = config.base, KINDS[config.kind]
    parts: list[tuple[str, Any, Any]] = [("data", base.data, DataConfig()), ("train", base.train, TrainConfig())]
    if base.model not in PRESETS.values():
        parts.insert(1, ("model", base.model, ModelConfig()))
    lines = [f"axes.{name} = {listed(values)}" for name, values in config.axes if not kind.axes_by]
    lines += [f"test_on = {config.test_on}"] if config.test_on and "test_on" not in kind.asks else []
    return lines + [
        f"{section}.{field.name} = {getattr(own, field.name)}"
        for section, own, usual in parts
        for field in dataclasses.fields(own)
        if field.name not in SAID.get(section, ()) and getattr(own, field.name) != getattr(usual, field.name)
    ]


def _general(config: ExperimentConfig, start: Recipe) -> Iterator[tuple[str, Value]]:
    usual = DataConfig()
    for name in SAID["data"][1:]:
        if (value := getattr(config.data, name)) != getattr(usual, name):
            yield name, value
    if config.arms != start.arms:
        yield "arms", ",".join(config.arms)
    if config.encoder:
        yield "encoder", config.encoder
    preset = next((name for name, model in PRESETS.items() if model == config.model), start.model)
    if preset != start.model:
        yield "model", preset
    training = dataclasses.replace(TrainConfig(), epochs=start.epochs, batch_size=start.batch_size)
    for name in SAID["train"]:
        if (value := getattr(config.train, name)) != getattr(training, name):
            yield name, value
    for name in ("initial", "initial_value", "step_rule", "gate_mode"):
        if (value := getattr(config.mask, name)) != getattr(MaskConfig(), name):
            yield name.removesuffix("_mode"), value


def _options(given: Iterator[tuple[str, Value]] | Sequence[tuple[str, Value]]) -> Iterator[str]:
    for name, value in given:
        option, word = f"--{name.replace('_', '-')}", written(value)
        # A value that begins with a dash would be read as an option.
        yield from [f"{option}={word}"] if word.startswith("-") else [option, word]

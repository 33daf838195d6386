"""Any setting of an experiment by its name: what a sweep varies."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dynmask_core.config import PRESETS, ExperimentConfig
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY, parse
from dynmask_core.masks import written as written_arm
from dynmask_core.masks.compose import read as read_value
from dynmask_core.messages import Words, say, several

Value = float | int | str
SECTIONS = ("controls", "mask", "train", "model")
LETTERS = {"step_size": "alpha", "evidence_threshold": "tau", "keep_threshold": "theta"}
LEFT_OUT = ("seed", "device")
"""Settings that the study sets itself or that change no result."""


def names(config: ExperimentConfig) -> list[str]:
    """All names that `with_setting` takes: `step_size`, `preset`, for the arms' masks `topk.keep` …"""
    found = [f.name for section in SECTIONS for f in dataclasses.fields(getattr(config, section))]
    parts = (name for arm in config.arms for name, _ in parse(arm))
    own = [f"{name}.{parameter.name}" for name in dict.fromkeys(parts) for parameter in REGISTRY[name].parameters]
    return [*(name for name in found if name not in LEFT_OUT), "preset", *own]


def with_setting(config: ExperimentConfig, name: str, value: Value) -> ExperimentConfig:
    """`config` with one setting changed. `preset` sets the whole model, by a name in PRESETS.

    Raises InputError: `unknown_setting`, or the setting's own error for a value out of range.
    """
    if name == "preset":
        if value not in PRESETS:
            raise InputError("bad_setting", name=name, value=value, expected=", ".join(PRESETS))
        return replace(config, model=PRESETS[str(value)])
    if name not in names(config):
        raise InputError("unknown_setting", name=name, value=value, known=", ".join(names(config)))
    if "." in name:
        strategy, parameter = name.split(".")
        return replace(config, arms=tuple(_told(arm, strategy, parameter, value) for arm in config.arms))
    section = next(s for s in SECTIONS if hasattr(getattr(config, s), name))
    return replace(config, **{section: replace(getattr(config, section), **{name: value})})


def read(config: ExperimentConfig, name: str, texts: Sequence[str]) -> tuple[Value, ...]:
    """The typed values, converted to the setting's type, without repetitions. Raises InputError."""
    values = tuple(dict.fromkeys(_of_kind(config, name, text.strip()) for text in texts if text.strip()))
    for value in values:
        with_setting(config, name, value)
    if not values:
        raise InputError("no_values", name=name)
    return values


def setting_words(name: str) -> Words:
    """A setting in the reader's words if there are any, else its name."""
    return say(f"setting.{LETTERS[name]}") if name in LETTERS else name


def shown(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def cell_words(cell: Iterable[tuple[str, Value]]) -> Words:
    """The settings of a cell with their values."""
    return several(*(several(setting_words(name), shown(value), between=" ") for name, value in cell), between=", ")


def written(value: Value) -> str:
    """The value as a user types it: 0.1, 1, cosine."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def listed(values: Sequence[Value]) -> str:
    """The values as `V1,V2 …`, to be split at the commas and given to `read`."""
    return ",".join(map(written, values))


def _told(arm: str, strategy: str, parameter: str, value: Value) -> str:
    told = read_value(strategy, REGISTRY[strategy].parameter(parameter), value)
    return written_arm(
        (name, {**values, parameter: told} if name == strategy else values) for name, values in parse(arm)
    )


def _of_kind(config: ExperimentConfig, name: str, text: str) -> Value:
    start = next((getattr(getattr(config, s), name) for s in SECTIONS if hasattr(getattr(config, s), name)), "")
    try:
        if "." in name:
            strategy, _, parameter = name.partition(".")
            known = {p.name: p for p in REGISTRY[strategy].parameters} if strategy in REGISTRY else {}
            return known[parameter].read(text) if parameter in known else text
        return text if isinstance(start, str) else type(start)(text)
    except InputError:
        raise
    except ValueError:
        raise InputError("bad_setting", name=name, value=text, expected=_expected(name, start)) from None


def _expected(name: str, start: Value) -> str:
    if "." in name:
        strategy, parameter = name.split(".")
        return REGISTRY[strategy].parameter(parameter).expected
    return "1, 2, 3 …" if isinstance(start, int) else "0.1, 0.2 …"

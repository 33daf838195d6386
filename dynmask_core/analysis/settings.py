"""In which settings two runs differ, in the reader's words, and what that allows to conclude."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dynmask_core.analysis.changes import Change, changes
from dynmask_core.config import PRESETS, ExperimentConfig
from dynmask_core.data.samples import PREFIX
from dynmask_core.messages import Sentence, Words, say
from dynmask_core.runs import Run

SEED, LIVE, ARMS = "train.seed", "live", "arms"
_NAMED = {
    "controls.step_size": "alpha",
    "controls.evidence_threshold": "tau",
    "controls.keep_threshold": "theta",
    "mask.initial": "initial",
    "mask.step_rule": "rule",
    "mask.gate_mode": "gate",
    "model": "model",
    "data.tokenizer": "tokenizer",
    "train.epochs": "epochs",
    "train.batch_size": "batch",
    "train.device": "device",
    SEED: "seed",
}
"""Settings that the page has a control for, as `setting.NAME`."""
_OTHERS = {
    ARMS: "arms",
    "data.source": "source",
    "data.max_rows": "max_rows",
    "data.train_rows": "train_rows",
    "train.learning_rate": "learning_rate",
    LIVE: "live",
}
"""Others that have words, as `overlay.setting.NAME`."""
_SPOKEN = ("initial", "rule", "gate", "model", "tokenizer", "device")
"""Settings whose values have words as well."""


@dataclass(frozen=True)
class Apart:
    """One setting with its values in two runs. name: as in the JSON of ExperimentConfig, its parts joined by dots."""

    name: str
    own: Any
    other: Any

    @property
    def title(self) -> Words:
        if self.name in _NAMED:
            return say(f"setting.{_NAMED[self.name]}")
        return say(f"overlay.setting.{_OTHERS[self.name]}") if self.name in _OTHERS else self.name

    def shown(self, value: Any) -> Words:
        """A value in words."""
        spoken = _NAMED.get(self.name, "")
        if self.name == LIVE:
            epochs: dict[int, list[str]] = {}
            for one in value:
                epochs.setdefault(one.epoch, []).append(one.short)
            return "; ".join(f"{epoch}: {', '.join(short)}" for epoch, short in epochs.items()) or say("overlay.never")
        if spoken in _SPOKEN and isinstance(value, str):
            return say(f"setting.{spoken}.{value}")
        if self.name == "data.source" and str(value).startswith(PREFIX):
            return say(f"sample.{str(value).removeprefix(PREFIX)}")
        if value is None:
            return say("overlay.default")
        if isinstance(value, list):
            return " · ".join(map(str, value))
        return f"{value:g}" if isinstance(value, float) else str(value)

    def told(self) -> Sentence:
        return say("overlay.differs", setting=self.title, own=self.shown(self.own), other=self.shown(self.other))

    def to_json(self) -> dict[str, Any]:
        def plain(value: Any) -> Any:
            return [one.to_json() if isinstance(one, Change) else one for one in value] if self.name == LIVE else value

        return {"name": self.name, "own": plain(self.own), "other": plain(self.other)}


def settings_apart(run: Run, other: Run) -> list[Apart]:
    """The settings in which two runs differ; what was changed while they trained comes last."""
    one, two = run.config(), other.config()
    named = all(_preset(config) for config in (one, two))
    own, others = _flat(one, named=named), _flat(two, named=named)
    found = [
        Apart(name, own.get(name), others.get(name))
        for name in dict.fromkeys([*own, *others])
        if own.get(name) != others.get(name)
    ]
    live, theirs = (tuple(changes(each.events(), each.config().controls)) for each in (run, other))
    return found if live == theirs else [*found, Apart(LIVE, live, theirs)]


def _preset(config: ExperimentConfig) -> str | None:
    return next((name for name, model in PRESETS.items() if model == config.model), None)


def _flat(config: ExperimentConfig, *, named: bool) -> dict[str, Any]:
    """All settings by dotted name. named: the model is its name in PRESETS, not its numbers."""
    values = config.to_json()
    if named:
        values["model"] = _preset(config)
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{field}": one for field, one in value.items()}
        else:
            flat[name] = value
    return flat


def told_settings(apart: list[Apart]) -> list[Sentence]:
    """What differs, and whether differences between the runs can be blamed on it.

    Arms do not act on each other: that another arm was trained as well changes nothing for those of both runs.
    """
    names = {one.name for one in apart}
    causes = [one for one in apart if one.name != ARMS]
    others = [say("overlay.arms_too")] if ARMS in names else []
    if not causes:
        return others or [say("overlay.same_settings")]
    if SEED in names:
        more = len(causes) - 1
        return [say("overlay.seed_too", settings=more) if more else say("overlay.only_seed"), *others]
    if len(causes) == 1:
        return [causes[0].told(), say("overlay.one_setting"), *others]
    return [say("overlay.several_settings", settings=len(causes)), *others]

"""One experiment: JSON round trip, stable hash."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from dynmask_core.config.checks import check, one_of, plain_dict
from dynmask_core.config.parts import Controls, DataConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.config.tasks import TASK_SETTINGS, ClassifySettings, GuessSettings, TaskSettings

YOUNGER = {
    "data": (
        *("merge_labels", "drop_markers", "side", "channels", "patch"),
        *("target_column", "sentences", "longest", "rate", "joined"),
    ),
    "model": ("norm", "ff_dim", "activation", "norm_epsilon", "embedding_norm"),
    "train": ("keep_epochs", "trained_blocks", "rate_decay"),
}
"""Settings that earlier versions did not have."""


@dataclass(frozen=True)
class ExperimentConfig:
    """One paired experiment: the same data, model, order and dropout for every arm; only the mask differs.

    arms: the baseline first; written as in masks.compose, e.g. `none` or `repaired+window:8`, or as the task defines
    them. task: what is learned. input: what it is learned from, a name in `inputs.INPUTS`. encoder: the folder of a
    pre-trained encoder that all arms start from (see data.encoder_folder); "" for weights drawn at random.
    """

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    mask: MaskConfig = field(default_factory=MaskConfig)
    controls: Controls = field(default_factory=Controls)
    train: TrainConfig = field(default_factory=TrainConfig)
    arms: tuple[str, ...] = ("static", "repaired")
    task: TaskSettings = field(default_factory=ClassifySettings)
    input: str = "text"
    encoder: str = ""

    def __post_init__(self) -> None:
        check(1 <= len(self.arms) <= 4, "arms", ",".join(self.arms), "1–4")
        check(len(set(self.arms)) == len(self.arms), "arms", ",".join(self.arms), "different names")
        for name in ("input", "encoder"):
            check(isinstance(getattr(self, name), str), name, getattr(self, name), "a name")

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists, for json.dump; `from_json` reads them back. Younger settings are left
        out at their defaults, so that runs from before they existed keep their digest."""
        values = {**dataclasses.asdict(self, dict_factory=plain_dict), "arms": list(self.arms)}
        values["task"] = {"name": self.task.name, **values["task"]}
        for name in ("task", "input", "encoder"):
            if getattr(self, name) == getattr(ExperimentConfig(), name):
                del values[name]
        for part, kind in (("data", DataConfig), ("model", ModelConfig), ("train", TrainConfig)):
            for name in YOUNGER[part]:
                if getattr(getattr(self, part), name) == kind.__dataclass_fields__[name].default:
                    del values[part][name]
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuilds and validates; an unknown field is an InputError that names it."""
        values = dict(values)
        mlm = values.pop("mlm", None)  # the task's settings in runs of the first versions
        for name in values:
            check(name in cls.__dataclass_fields__, name, values[name], ", ".join(cls.__dataclass_fields__))
        kinds = {"data": DataConfig, "model": ModelConfig, "mask": MaskConfig}
        kinds |= {"controls": Controls, "train": TrainConfig}
        parts: dict[str, Any] = {name: _build(kind, values.get(name, {})) for name, kind in kinds.items()}
        arms = values.get("arms", cls.arms)
        check(isinstance(arms, (list, tuple)), "arms", arms, '["static", "repaired"]')
        task = _task(values.get("task", {})) if mlm is None else _build(GuessSettings, mlm)
        kept = {name: values.get(name, getattr(cls, name)) for name in ("input", "encoder")}
        return cls(**parts, arms=tuple(arms), task=task, **kept)

    def digest(self) -> str:
        """A short hash of the settings alone: equal settings give equal digests on any machine."""
        return stable_hash(self.to_json())


def stable_hash(values: Any) -> str:
    """A hash (12 hex digits) of plain dicts, lists, numbers and texts; 1 and 1.0 are the same number."""
    plain = json.loads(json.dumps(values), parse_int=float)
    canonical = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(canonical.encode(), digest_size=6).hexdigest()


def _task(values: Any) -> TaskSettings:
    check(isinstance(values, Mapping), "task", values, '{"name": "classify"}')
    settings = dict(values)
    name = settings.pop("name", ClassifySettings.name)
    one_of("task", name, TASK_SETTINGS)
    built: TaskSettings = _build(TASK_SETTINGS[name], settings)
    return built


def _build(kind: Any, values: Mapping[str, Any]) -> Any:
    known = {f.name for f in dataclasses.fields(kind)}
    check(isinstance(values, Mapping), kind.__name__, values, ", ".join(sorted(known)))
    for name in values:
        check(name in known, name, values[name], ", ".join(sorted(known)))
    return kind(**values)

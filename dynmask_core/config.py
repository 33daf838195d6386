"""What a run is: frozen settings, validated on creation, JSON round trip, stable hash."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, get_args

from dynmask_core.errors import InputError

Device = Literal["auto", "cpu", "cuda", "mps"]
GateMode = Literal["interpolate", "multiply", "attention"]
InitialMask = Literal["default", "uniform", "normal", "constant"]
StepRule = Literal["fixed", "per_example"]
Pooling = Literal["mean", "cls"]
Selection = Literal["exact", "bernoulli", "whole-word", "span", "pmi"]
"""How the words to be guessed are chosen: see mlm.Corruption."""


def _check(condition: bool, name: str, value: object, expected: str) -> None:
    if not condition:
        raise InputError("bad_setting", name=name, value=value, expected=expected)


def _choice(name: str, value: str, kind: Any) -> None:
    _check(value in get_args(kind), name, value, ", ".join(get_args(kind)))


def _number(name: str, value: float, low: float, high: float, *, whole: bool = False) -> None:
    number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    expected = f"{low:g}–{high:g}"
    _check(number and math.isfinite(value) and low <= value <= high, name, value, expected)


@dataclass(frozen=True)
class DataConfig:
    """Where the text comes from and how it is read.

    source: a file, "sample:NAME", or a name for uploaded text. None as a column name means: guess.
    tokenizer: "auto" | "words" | "characters" (Chinese characters instead of segmented words). max_rows: rows taken in
    all; train_rows: texts whose labels are learned, the rest of the training part is read by pre-training alone; None
    for all.
    """

    source: str = "sample:english_sentiment"
    text_column: str | None = None
    label_column: str | None = None
    split_column: str | None = None
    tokenizer: str = "auto"
    max_rows: int | None = None
    train_rows: int | None = None
    max_tokens: int = 512
    max_vocabulary: int = 30_000

    def __post_init__(self) -> None:
        _check(
            self.tokenizer in ("auto", "words", "characters"), "tokenizer", self.tokenizer, "auto, words, characters"
        )
        _number("max_tokens", self.max_tokens, 1, 512, whole=True)
        _number("max_vocabulary", self.max_vocabulary, 10, 200_000, whole=True)
        if self.max_rows is not None:
            _number("max_rows", self.max_rows, 1, 100_000, whole=True)
        if self.train_rows is not None:
            _number("train_rows", self.train_rows, 4, 100_000, whole=True)


@dataclass(frozen=True)
class ModelConfig:
    """A compact pre-norm encoder. dim must be a multiple of heads; dropouts in [0, 1).

    token_dropout: share of training tokens replaced by [UNK], so that [UNK] means something at test time.
    """

    dim: int = 64
    heads: int = 4
    layers: int = 2
    ff_multiple: int = 2
    dropout: float = 0.3
    embedding_dropout: float = 0.4
    token_dropout: float = 0.05
    pooling: Pooling = "mean"

    def __post_init__(self) -> None:
        for name, high in (("dim", 1024), ("heads", 32), ("layers", 24), ("ff_multiple", 16)):
            _number(name, getattr(self, name), 1, high, whole=True)
        _check(self.dim % self.heads == 0, "dim", self.dim, f"a multiple of heads ({self.heads})")
        for name in ("dropout", "embedding_dropout", "token_dropout"):
            _number(name, getattr(self, name), 0, 0.95)
        _choice("pooling", self.pooling, Pooling)

    def without_dropout(self) -> ModelConfig:
        """The same size for a task that itself hides words: small models have nothing more to spare."""
        return dataclasses.replace(self, dropout=0.0, embedding_dropout=0.0, token_dropout=0.0)


PRESETS: dict[str, ModelConfig] = {
    "tiny": ModelConfig(dim=32, heads=2, layers=1),
    "small": ModelConfig(dim=64, heads=4, layers=2),
    "medium": ModelConfig(dim=128, heads=4, layers=4),
}


@dataclass(frozen=True)
class Controls:
    """What may change while a run trains; a change takes effect at the next epoch.

    step_size α in [0, 1]: how far one update moves a mask value. evidence_threshold τ ≥ 0: evidence this
    weak moves nothing. keep_threshold θ in [0, 1]: tokens with a mask below it are removed (0: none).
    """

    step_size: float = 0.1
    evidence_threshold: float = 1.5
    keep_threshold: float = 0.1

    def __post_init__(self) -> None:
        _number("step_size", self.step_size, 0, 1)
        _number("evidence_threshold", self.evidence_threshold, 0, 100)
        _number("keep_threshold", self.keep_threshold, 0, 1)


@dataclass(frozen=True)
class MaskConfig:
    """How masks start and act.

    initial: "default" leaves the choice to each strategy; initial_value: the constant, in [0, 1].
    step_rule: the article's code moves by α ("fixed"), its formula by α/|D| ("per_example").
    gate_mode: a token gate m acts on the embedding x as m·x+(1−m)·b with learned b ("interpolate"), as m·x
    ("multiply"), or as log m on the attention scores of the token ("attention").
    """

    initial: InitialMask = "default"
    initial_value: float = 0.5
    step_rule: StepRule = "fixed"
    gate_mode: GateMode = "interpolate"

    def __post_init__(self) -> None:
        _choice("initial", self.initial, InitialMask)
        _number("initial_value", self.initial_value, 0, 1)
        _choice("step_rule", self.step_rule, StepRule)
        _choice("gate_mode", self.gate_mode, GateMode)


@dataclass(frozen=True)
class TrainConfig:
    """epochs ≥ 1; batch_size in texts; learning_rate is the peak, after warm-up over the first tenth of the steps.

    weight_decay: decoupled (AdamW): one step shrinks a matrix by rate × decay; little text wants much of it.
    average: decay per step of the running average of the weights that is evaluated and kept (0: the raw weights).
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 1.0
    average: float = 0.98
    seed: int = 0
    device: Device = "auto"

    def __post_init__(self) -> None:
        _number("epochs", self.epochs, 1, 1000, whole=True)
        _number("batch_size", self.batch_size, 1, 4096, whole=True)
        _number("learning_rate", self.learning_rate, 1e-7, 1)
        _number("weight_decay", self.weight_decay, 0, 10)
        _number("average", self.average, 0, 0.99999)
        _number("seed", self.seed, 0, 2**32 - 1, whole=True)
        _choice("device", self.device, Device)


TASK_SETTINGS: dict[str, type[TaskSettings]] = {}
"""The settings of every task there is, by the task's name."""


@dataclass(frozen=True)
class TaskSettings:
    """What is learned, and all of it that commands and pages need to know without loading the task itself (`tasks/`).

    A subclass that sets `name` is one of the kinds that ExperimentConfig.task can be.
    """

    name: ClassVar[str] = ""
    command: ClassVar[str] = "train"
    """The subcommand of `dynmask` that trains it, and the page that shows it."""
    tested: ClassVar[bool] = True
    """Whether some texts are kept back until the run is finished, to be tested on."""
    keeps_models: ClassVar[bool] = False
    """Whether a run keeps the models of several epochs, to be asked without their masks what they would answer. Of
    other runs the finished models are opened, and show any sample under their masks."""

    def __init_subclass__(cls) -> None:
        if "name" in cls.__dict__:
            TASK_SETTINGS[cls.name] = cls


@dataclass(frozen=True)
class ClassifySettings(TaskSettings):
    """Telling the classes of labelled texts apart."""

    name: ClassVar[str] = "classify"


@dataclass(frozen=True)
class GuessSettings(TaskSettings):
    """Guessing hidden words (masked language modelling); the arms are then refreshes, as mlm.Refresh writes them.

    selection: how the words to be guessed are chosen. rate: their share, in [0, 1], or a schedule over the run.
    mask_share, random_share: how many of them become [MASK] or another word. See mlm.Corruption, which checks the rate.
    evaluation: the source of the texts that it is evaluated on, as DataConfig.source has it; "" for a tenth of the
    run's own, which are read as plain text, one per line or row.
    """

    name: ClassVar[str] = "guess"
    command: ClassVar[str] = "mlm"
    tested: ClassVar[bool] = False
    keeps_models: ClassVar[bool] = True

    selection: str = "exact"
    rate: float | str = 0.15
    mask_share: float = 0.8
    random_share: float = 0.1
    evaluation: str = ""

    def __post_init__(self) -> None:
        _choice("selection", self.selection, Selection)


GUESS_ARMS = ("static", "static:10", "dynamic")
"""The refreshes that are compared where nobody chooses."""
GUESS_TOKENS = 128
"""Longer lines are cut into pieces."""
GUESS_TRAIN = TrainConfig(epochs=20, learning_rate=2e-3, weight_decay=0.3)


@dataclass(frozen=True)
class ExperimentConfig:
    """One paired experiment: the same data, model, order and dropout for every arm; only the mask differs.

    arms: as masks.compose writes them, `none` or `repaired+window:8` for instance (or as the task has them); the
    baseline first. task: what is learned. input: what it is learned from, a name in `inputs.INPUTS`.
    """

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    mask: MaskConfig = field(default_factory=MaskConfig)
    controls: Controls = field(default_factory=Controls)
    train: TrainConfig = field(default_factory=TrainConfig)
    arms: tuple[str, ...] = ("static", "repaired")
    task: TaskSettings = field(default_factory=ClassifySettings)
    input: str = "text"

    def __post_init__(self) -> None:
        _check(1 <= len(self.arms) <= 4, "arms", ",".join(self.arms), "1–4")
        _check(len(set(self.arms)) == len(self.arms), "arms", ",".join(self.arms), "different names")
        _check(isinstance(self.input, str), "input", self.input, "a name")

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists, for json.dump; `from_json` reads them back. Task and input are left out where they are
        the default, so that runs made before there were others keep their digest."""
        values = {**dataclasses.asdict(self), "arms": list(self.arms)}
        values["task"] = {"name": self.task.name, **values["task"]}
        for name in ("task", "input"):
            if getattr(self, name) == getattr(ExperimentConfig(), name):
                del values[name]
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuilds and validates; an unknown field is an InputError that names it."""
        values = dict(values)
        mlm = values.pop("mlm", None)  # as runs of the first versions have it
        for name in values:
            _check(name in cls.__dataclass_fields__, name, values[name], ", ".join(cls.__dataclass_fields__))
        kinds = {"data": DataConfig, "model": ModelConfig, "mask": MaskConfig}
        kinds |= {"controls": Controls, "train": TrainConfig}
        parts: dict[str, Any] = {name: _build(kind, values.get(name, {})) for name, kind in kinds.items()}
        arms = values.get("arms", cls.arms)
        _check(isinstance(arms, (list, tuple)), "arms", arms, '["static", "repaired"]')
        task = _task(values.get("task", {})) if mlm is None else _build(GuessSettings, mlm)
        return cls(**parts, arms=tuple(arms), task=task, input=values.get("input", cls.input))

    def digest(self) -> str:
        """A short hash that depends on the settings alone: equal settings, equal digest, on any machine."""
        return stable_hash(self.to_json())


def stable_hash(values: Any) -> str:
    """12 hex digits of plain dicts, lists, numbers and texts; 1 and 1.0 are the same number."""
    plain = json.loads(json.dumps(values), parse_int=float)
    canonical = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(canonical.encode(), digest_size=6).hexdigest()


def _task(values: Any) -> TaskSettings:
    _check(isinstance(values, Mapping), "task", values, '{"name": "classify"}')
    settings = dict(values)
    name = settings.pop("name", ClassifySettings.name)
    _check(name in list(TASK_SETTINGS), "task", name, ", ".join(TASK_SETTINGS))
    built: TaskSettings = _build(TASK_SETTINGS[name], settings)
    return built


def _build(kind: Any, values: Mapping[str, Any]) -> Any:
    known = {f.name for f in dataclasses.fields(kind)}
    _check(isinstance(values, Mapping), kind.__name__, values, ", ".join(sorted(known)))
    for name in values:
        _check(name in known, name, values[name], ", ".join(sorted(known)))
    return kind(**values)

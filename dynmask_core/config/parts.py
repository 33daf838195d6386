"""The parts of an experiment's settings: data, model, mask, live controls, training."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from dynmask_core.config.checks import check, choice, number

Device = Literal["auto", "cpu", "cuda", "mps"]
GateMode = Literal["interpolate", "multiply", "attention"]
InitialMask = Literal["default", "uniform", "normal", "constant"]
StepRule = Literal["fixed", "per_example"]
Pooling = Literal["mean", "cls"]
Norm = Literal["pre", "post"]
Activation = Literal["gelu", "gelu_tanh", "relu"]


MAX_SIDE = 64
"""Pixels: larger pictures are made smaller."""


@dataclass(frozen=True)
class DataConfig:
    """Where the text comes from and how it is read.

    source: a file, "sample:NAME", or a name for uploaded text. A column name of None means: guess it.
    tokenizer: "auto" | "words" | "characters" (Chinese characters instead of segmented words). max_rows: number of
    rows to read. train_rows: number of training texts whose labels are learned; only pre-training reads the others.
    None means all. merge_labels: labels that differ only in writing count as one. drop_markers: texts and labels that
    only say "missing" (nan, NULL, N/A, …) count as empty.

    Of pictures: side, channels: all are brought to side × side pixels of 1 (grey) or 3 (colour) numbers; patch: a unit
    is patch × patch of them. 0 for samples that are no pictures.

    Of pairs: target_column: what each text becomes. sentences: a unit of a source is a sentence, not a word. longest:
    so many units has the longest target, its end included; 0 if that is not known.

    Of sounds: rate: all are brought to so many values a second; joined: a unit is so many frames of 10 ms. 0 for
    samples that are no sounds.
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
    merge_labels: bool = False
    drop_markers: bool = False
    side: int = 0
    channels: int = 0
    patch: int = 0
    target_column: str | None = None
    sentences: bool = False
    longest: int = 0
    rate: int = 0
    joined: int = 0

    def __post_init__(self) -> None:
        check(self.tokenizer in ("auto", "words", "characters"), "tokenizer", self.tokenizer, "auto, words, characters")
        number("max_tokens", self.max_tokens, 1, 512, whole=True)
        limits = {"side": MAX_SIDE, "channels": 3, "patch": MAX_SIDE, "longest": 512, "rate": 48_000, "joined": 100}
        for name, high in limits.items():
            number(name, getattr(self, name), 0, high, whole=True)
        number("max_vocabulary", self.max_vocabulary, 10, 200_000, whole=True)
        if self.max_rows is not None:
            number("max_rows", self.max_rows, 1, 100_000, whole=True)
        if self.train_rows is not None:
            number("train_rows", self.train_rows, 4, 100_000, whole=True)


@dataclass(frozen=True)
class ModelConfig:
    """A compact encoder. dim must be a multiple of heads; dropouts in [0, 0.95].

    token_dropout: share of training tokens replaced by [UNK], so that the model knows [UNK] at test time.

    What differs in encoders that others have pre-trained: norm: where each block has its LayerNorms, before attention
    and feed-forward or after them (then none follows the last block). ff_dim: the width of the feed-forward layers, if
    it is not ff_multiple × dim (0). embedding_norm: a LayerNorm on the embedding.
    """

    dim: int = 64
    heads: int = 4
    layers: int = 2
    ff_multiple: int = 2
    dropout: float = 0.3
    embedding_dropout: float = 0.4
    token_dropout: float = 0.05
    pooling: Pooling = "mean"
    norm: Norm = "pre"
    ff_dim: int = 0
    activation: Activation = "gelu"
    norm_epsilon: float = 1e-5
    embedding_norm: bool = False

    def __post_init__(self) -> None:
        for name, high in (("dim", 1024), ("heads", 32), ("layers", 24), ("ff_multiple", 16)):
            number(name, getattr(self, name), 1, high, whole=True)
        number("ff_dim", self.ff_dim, 0, 16 * 1024, whole=True)
        number("norm_epsilon", self.norm_epsilon, 0, 1)
        check(self.dim % self.heads == 0, "dim", self.dim, f"a multiple of heads ({self.heads})")
        for name in ("dropout", "embedding_dropout", "token_dropout"):
            number(name, getattr(self, name), 0, 0.95)
        for name, kind in (("pooling", Pooling), ("norm", Norm), ("activation", Activation)):
            choice(name, getattr(self, name), kind)

    @property
    def inner(self) -> int:
        """The width of the feed-forward layers."""
        return self.ff_dim or self.ff_multiple * self.dim

    def without_dropout(self) -> ModelConfig:
        """The same size, for a task that itself hides words: small models cannot afford dropout on top."""
        return dataclasses.replace(self, dropout=0.0, embedding_dropout=0.0, token_dropout=0.0)


PRESETS: dict[str, ModelConfig] = {
    "tiny": ModelConfig(dim=32, heads=2, layers=1),
    "small": ModelConfig(dim=64, heads=4, layers=2),
    "medium": ModelConfig(dim=128, heads=4, layers=4),
}


@dataclass(frozen=True)
class Controls:
    """What may change while a run trains; a change takes effect at the next epoch.

    step_size α in [0, 1]: how far one update moves a mask value. evidence_threshold τ ≥ 0: evidence
    up to τ moves nothing. keep_threshold θ in [0, 1]: tokens with a mask below it are removed (0: none).
    """

    step_size: float = 0.1
    evidence_threshold: float = 1.5
    keep_threshold: float = 0.1

    def __post_init__(self) -> None:
        number("step_size", self.step_size, 0, 1)
        number("evidence_threshold", self.evidence_threshold, 0, 100)
        number("keep_threshold", self.keep_threshold, 0, 1)


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
        choice("initial", self.initial, InitialMask)
        number("initial_value", self.initial_value, 0, 1)
        choice("step_rule", self.step_rule, StepRule)
        choice("gate_mode", self.gate_mode, GateMode)


@dataclass(frozen=True)
class TrainConfig:
    """epochs ≥ 1; batch_size in texts; learning_rate is the peak, after warm-up over the first tenth of the steps.

    weight_decay: decoupled (AdamW): one step shrinks a matrix by rate × decay; small data needs much of it.
    average: decay per step of the running average of the weights that is evaluated and kept (0: the raw weights).
    keep_epochs: of how many epochs the models are kept, so that they can be asked as they were; None: of 20, and of
    none if the run is one of a study, which can have hundreds.
    trained_blocks: how many of the last blocks learn; those before them and the embedding keep their weights. None: all
    of it learns. rate_decay: the learning rate of a block is that of the next block times this.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 1.0
    average: float = 0.98
    seed: int = 0
    device: Device = "auto"
    keep_epochs: int | None = None
    trained_blocks: int | None = None
    rate_decay: float = 1.0

    def __post_init__(self) -> None:
        number("epochs", self.epochs, 1, 1000, whole=True)
        number("batch_size", self.batch_size, 1, 4096, whole=True)
        number("learning_rate", self.learning_rate, 1e-7, 1)
        number("weight_decay", self.weight_decay, 0, 10)
        number("average", self.average, 0, 0.99999)
        number("seed", self.seed, 0, 2**32 - 1, whole=True)
        choice("device", self.device, Device)
        number("rate_decay", self.rate_decay, 0.1, 1)
        for name, high in (("keep_epochs", 1000), ("trained_blocks", 24)):
            if getattr(self, name) is not None:
                number(name, getattr(self, name), 0, high, whole=True)

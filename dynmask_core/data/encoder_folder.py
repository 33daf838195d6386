"""Pre-trained encoders on disk: folders in Hugging Face's layout, checked before anything in them is used.

Only config.json, tokenizer.json and model.safetensors are read. None of them can hold code; pickles (pytorch_model.bin)
can, and are never opened.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dynmask_core.config import ModelConfig
from dynmask_core.errors import InputError

CONFIG, WEIGHTS, TOKENIZER, PICKLE = "config.json", "model.safetensors", "tokenizer.json", "pytorch_model.bin"
MOST_BYTES = {CONFIG: 2**20, TOKENIZER: 64 * 2**20, WEIGHTS: 2 * 2**30}
MOST_WORDS = 500_000
SHELF = "DYNMASK_ENCODERS"
"""The environment variable that names the folder whose encoders the app offers."""


@dataclass(frozen=True)
class Family:
    """How the settings of an architecture are called. after_padding: its table of positions begins with places that no
    unit uses, up to that of the padding's number."""

    dim: str = "hidden_size"
    heads: str = "num_attention_heads"
    layers: str = "num_hidden_layers"
    inner: str = "intermediate_size"
    activation: str = "hidden_act"
    after_padding: bool = False


BERT, ROBERTA = Family(), Family(after_padding=True)
DISTILBERT = Family("dim", "n_heads", "n_layers", "hidden_dim", "activation")
FAMILIES = {"bert": BERT, "roberta": ROBERTA, "xlm-roberta": ROBERTA, "camembert": ROBERTA, "distilbert": DISTILBERT}
"""By `model_type`. MiniLM, TinyBERT and most sentence encoders call themselves one of these."""
ACTIVATIONS = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu"}
EPSILON = 1e-12
"""Of LayerNorm, in an architecture whose settings do not say it."""


@dataclass(frozen=True)
class Architecture:
    """What config.json says. positions: units of the longest text. first: where their table begins. words: size of the
    vocabulary."""

    kind: str
    model: ModelConfig
    positions: int
    first: int
    words: int


def folder_of(encoder: str) -> Path:
    """Where an encoder lies: a bare name on the shelf ($DYNMASK_ENCODERS), if it is there, else a path."""
    shelf = os.environ.get(SHELF)
    if shelf and encoder == Path(encoder).name and (Path(shelf) / encoder).is_dir():
        return Path(shelf) / encoder
    return Path(encoder)


def settled(written: str) -> str:
    """The encoder as settings keep it: its name if it lies on the shelf, else its whole path, which another process
    finds from elsewhere. Raises InputError if it cannot be read."""
    architecture(written)
    path = folder_of(written).resolve()
    shelf = os.environ.get(SHELF)
    return path.name if shelf and path.parent == Path(shelf).resolve() else str(path)


def on_shelf() -> list[str]:
    """The names of the encoders that the app may offer, sorted; [] without a shelf."""
    shelf = os.environ.get(SHELF)
    if not shelf or not Path(shelf).is_dir():
        return []
    whole = (path for path in Path(shelf).iterdir() if all((path / name).is_file() for name in MOST_BYTES))
    return sorted(path.name for path in whole if not path.name.startswith("."))


def check_files(encoder: str) -> Path:
    """The folder. Raises InputError if one of its files is missing or too large."""
    folder = folder_of(encoder)
    if not encoder or not folder.is_dir():
        raise InputError("encoder_missing", folder=encoder)
    for name in MOST_BYTES:
        _file(folder, encoder, name)
    return folder


def _file(folder: Path, encoder: str, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        pickled = name == WEIGHTS and (folder / PICKLE).exists()
        raise InputError("encoder_pickled" if pickled else "encoder_lacks", folder=encoder, file=name)
    if path.stat().st_size > MOST_BYTES[name]:
        raise InputError("encoder_large", folder=encoder, file=name, limit=MOST_BYTES[name] // 2**20)
    return path


def mark(encoder: str) -> str:
    """Changes when the files of the folder do."""
    stats = [(check_files(encoder) / name).stat() for name in MOST_BYTES]
    return " ".join(f"{one.st_size} {one.st_mtime_ns}" for one in stats)


def tokenizer_text(encoder: str) -> str:
    """The content of tokenizer.json. Raises InputError."""
    path = _file(folder_of(encoder), encoder, TOKENIZER)
    try:
        return path.read_text(encoding="utf-8")
    except ValueError:
        raise InputError("encoder_broken", folder=encoder, file=TOKENIZER) from None


def architecture(encoder: str) -> Architecture:
    """Raises InputError for a folder that cannot be read: files missing or broken, another family, other settings."""
    folder = check_files(encoder)
    try:
        values = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise InputError("encoder_broken", folder=encoder, file=CONFIG) from None
    if not isinstance(values, dict):
        raise InputError("encoder_broken", folder=encoder, file=CONFIG)
    kind = values.get("model_type")
    family = FAMILIES.get(kind) if isinstance(kind, str) else None
    if family is None:
        raise InputError("encoder_family", folder=encoder, kind=str(kind)[:40], known=", ".join(FAMILIES))
    return _Reader(encoder, values).architecture(str(kind), family)


class _Reader:
    """Reads settings; each that is wrong is named."""

    def __init__(self, encoder: str, values: Mapping[str, Any]) -> None:
        self.encoder, self.values = encoder, values

    def require(self, condition: bool, name: str, expected: str) -> None:
        if not condition:
            value = str(self.values.get(name))[:40]
            raise InputError("encoder_setting", folder=self.encoder, name=name, value=value, expected=expected)

    def whole(self, name: str, most: int, default: int | None = None) -> int:
        value = self.values.get(name, default)
        fits = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
        self.require(fits, name, f"1–{most:,}")
        return int(value)

    def architecture(self, kind: str, family: Family) -> Architecture:
        self.require(
            self.values.get("position_embedding_type", "absolute") == "absolute", "position_embedding_type", "absolute"
        )
        self.require(not self.values.get("is_decoder"), "is_decoder", "false")
        activation = self.values.get(family.activation, "gelu")
        known = isinstance(activation, str) and activation in ACTIVATIONS
        self.require(known, family.activation, ", ".join(ACTIVATIONS))
        epsilon = self.values.get("layer_norm_eps", EPSILON)
        self.require(isinstance(epsilon, float) and 0 < epsilon < 1, "layer_norm_eps", "0–1")
        dim, heads = self.whole(family.dim, 1024), self.whole(family.heads, 32)
        self.require(dim % heads == 0, family.heads, f"a divisor of {dim}")
        model = ModelConfig(
            dim=dim,
            heads=heads,
            layers=self.whole(family.layers, 24),
            ff_dim=self.whole(family.inner, 16 * 1024),
            token_dropout=0.0,
            norm="post",
            activation=ACTIVATIONS[activation],  # type: ignore[arg-type]
            norm_epsilon=epsilon,
            embedding_norm=True,
        )
        places, first = self.whole("max_position_embeddings", 8192), 0
        if family.after_padding:
            padding = self.values.get("pad_token_id", 1)
            self.require(isinstance(padding, int) and 0 <= padding < places - 3, "pad_token_id", f"0–{places - 4}")
            first = padding + 1
        self.require(places - first >= 4, "max_position_embeddings", "≥ 4")
        return Architecture(kind, model, places - first, first, self.whole("vocab_size", MOST_WORDS))

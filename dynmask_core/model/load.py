"""The weights of a pre-trained encoder, under the names that they have in ours.

BERT and its relatives are post-norm encoders (Devlin et al. 2019; Liu et al. 2019, RoBERTa; Sanh et al. 2019,
DistilBERT). Ours computes the same from the same numbers. While they are read, three things are changed: queries, keys
and values become one matrix; the vector of the first token type, which every unit of a single text has, is added to the
positions; and RoBERTa's positions are counted from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from dynmask_core.data.encoder_folder import WEIGHTS, Architecture, architecture, check_files
from dynmask_core.data.tokenize import MASK
from dynmask_core.errors import InputError

BERT = {
    "layer": "encoder.layer.{}.",
    "attention.qkv": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "attention.out": ("attention.output.dense",),
    "norm1": ("attention.output.LayerNorm",),
    "up": ("intermediate.dense",),
    "down": ("output.dense",),
    "norm2": ("output.LayerNorm",),
}
DISTILBERT = {
    "layer": "transformer.layer.{}.",
    "attention.qkv": ("attention.q_lin", "attention.k_lin", "attention.v_lin"),
    "attention.out": ("attention.out_lin",),
    "norm1": ("sa_layer_norm",),
    "up": ("ffn.lin1",),
    "down": ("ffn.lin2",),
    "norm2": ("output_layer_norm",),
}
OLD = {"weight": "gamma", "bias": "beta"}
"""What LayerNorms call their numbers in files converted from the first BERT."""


def pretrained(encoder: str, rows: np.ndarray, places: int) -> dict[str, Tensor]:
    """float32 weights of `embedding` and `encoder`, by their names in a Backbone.

    rows: int64 [V], for each unit of our vocabulary its number in the folder's. places: how many positions the model
    has. A unit whose gate is closed starts as the folder's [MASK], which is how the encoder knows a word it cannot see.
    Raises InputError for a folder that cannot be read.
    """
    told, path = architecture(encoder), check_files(encoder) / WEIGHTS
    if rows.max() >= told.words:
        raise InputError("encoder_words", folder=encoder, words=told.words)
    try:
        with safe_open(path, "pt") as stored:
            return _Weights(stored, told).renamed(rows, places)
    except (SafetensorError, OSError, KeyError, ValueError, IndexError):
        raise InputError("encoder_broken", folder=encoder, file=WEIGHTS) from None


class _Weights:
    def __init__(self, stored: Any, told: Architecture) -> None:
        """stored: an open safetensors file."""
        self.stored, self.told = stored, told
        self.names = set(stored.keys())
        # Whole models keep their encoder under its family's name, bare encoders do not.
        ends = "embeddings.word_embeddings.weight"
        found = [name for name in sorted(self.names) if name.endswith(ends)]
        self.prefix = found[0].removesuffix(ends) if found else ""

    def read(self, name: str, *shape: int) -> Tensor:
        """Raises KeyError for a missing name, ValueError for another shape or for numbers that are none."""
        name, whole = self.prefix + name, self.prefix + name
        for ending, old in OLD.items():
            if name not in self.names and name.endswith(f"LayerNorm.{ending}"):
                whole = name.removesuffix(ending) + old
        if whole not in self.names:
            raise KeyError(whole)
        if tuple(self.stored.get_slice(whole).get_shape()) != shape:
            raise ValueError(whole)
        tensor: Tensor = self.stored.get_tensor(whole)
        if not tensor.is_floating_point() or not bool(tensor.isfinite().all()):
            raise ValueError(whole)
        return tensor.float()

    def linear(self, ours: str, theirs: tuple[str, ...], *shape: int) -> Mapping[str, Tensor]:
        """Several layers become one, one below the other. shape: of each one's weight."""
        return {
            f"{ours}.weight": torch.cat([self.read(f"{name}.weight", *shape) for name in theirs]),
            f"{ours}.bias": torch.cat([self.read(f"{name}.bias", shape[0]) for name in theirs]),
        }

    def renamed(self, rows: np.ndarray, places: int) -> dict[str, Tensor]:
        told, model = self.told, self.told.model
        dim, inner = model.dim, model.inner
        word = self.read("embeddings.word_embeddings.weight", told.words, dim)[torch.from_numpy(rows)]
        position = self.read("embeddings.position_embeddings.weight", told.first + told.positions, dim)
        position = position[told.first : told.first + places]
        types = f"{self.prefix}embeddings.token_type_embeddings.weight"
        if types in self.names:
            kinds = self.stored.get_slice(types).get_shape()[0]
            position = position + self.read(types.removeprefix(self.prefix), kinds, dim)[0]
        found = {
            "embedding.token.weight": word,
            "embedding.position": position,
            "embedding.baseline": word[MASK].clone(),
            **self.linear("embedding.norm", ("embeddings.LayerNorm",), dim),
        }
        names = DISTILBERT if told.kind == "distilbert" else BERT
        shapes = {"attention.qkv": (dim, dim), "attention.out": (dim, dim), "up": (inner, dim), "down": (dim, inner)}
        for layer in range(model.layers):
            theirs = str(names["layer"]).format(layer)
            for ours in ("attention.qkv", "attention.out", "norm1", "up", "down", "norm2"):
                parts = tuple(theirs + name for name in names[ours])
                found |= self.linear(f"encoder.blocks.{layer}.{ours}", parts, *shapes.get(ours, (dim,)))
        return found

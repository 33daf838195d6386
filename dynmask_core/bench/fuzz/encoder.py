"""Folders of pre-trained encoders, as small as they can be, and damaged."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from dynmask_core.bench.fuzz.corpus import zipped
from dynmask_core.bench.fuzz.damage import damaged
from dynmask_core.bench.fuzz.tried import Input

_WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "a", "##s", ",", ".")
_DIM, _INNER, _PLACES = 8, 16, 16
_ODD: tuple[Any, ...] = (-1, 0, 1, 10**9, 10**30, 2.5, True, None, "8", [8], {"a": 8}, float("nan"), "x" * 3000)


def make(random: Random) -> Input:
    """The three files of a folder, as a zip."""
    config: dict[str, Any] = {
        "model_type": "bert",
        "hidden_size": _DIM,
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
    }
    config |= {"intermediate_size": _INNER, "max_position_embeddings": _PLACES, "vocab_size": len(_WORDS)}
    tokenizer = _tokenizer()
    if random.random() < 0.4:
        config[random.choice([*config, "pad_token_id", "layer_norm_eps", "hidden_act"])] = random.choice(_ODD)
    if random.random() < 0.3:
        vocabulary = tokenizer["model"]["vocab"]
        vocabulary[random.choice(list(vocabulary))] = random.choice((0, 1, 10**6, 2**31, 2**32 - 1))
    if random.random() < 0.2:
        tokenizer["model"]["max_input_chars_per_word"] = random.choice((0, 10**9))
    parts = {
        "config.json": json.dumps(config).encode(),
        "tokenizer.json": json.dumps(tokenizer).encode(),
        "model.safetensors": _weights(random),
    }
    for name in parts:
        if random.random() < 0.2:
            parts[name] = damaged(parts[name], tuple(parts.values()), random)
    if random.random() < 0.05:
        del parts[random.choice(list(parts))]
    return zipped(parts), "encoder"


def answer(content: bytes, name: str) -> object:
    """Reads settings, tokenizer and weights, as a run does when it starts."""
    import io
    import zipfile

    from dynmask_core.data.encoder_folder import architecture, tokenizer_text
    from dynmask_core.inputs.wordpieces import Pieces
    from dynmask_core.model.load import pretrained

    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.namelist():
            (Path(folder) / part).write_bytes(archive.read(part))
        told = architecture(folder)
        pieces = Pieces(tokenizer_text(folder))
        pieces.cut("a good film, isn't it? 很好看 " * 20, 64)
        return pretrained(folder, pieces.rows, min(8, told.positions))


def _tokenizer() -> dict[str, Any]:
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "post_processor": None,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": None,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {word: i for i, word in enumerate(_WORDS)}},
    }  # fmt: skip


def _weights(random: Random) -> bytes:
    from safetensors.numpy import save

    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(_WORDS), _DIM),
        "embeddings.position_embeddings.weight": (_PLACES, _DIM),
        "embeddings.token_type_embeddings.weight": (2, _DIM),
    }
    layer = "encoder.layer.0."
    for part, out, inner in (
        ("attention.self.query", _DIM, _DIM), ("attention.self.key", _DIM, _DIM), ("attention.self.value", _DIM, _DIM),
        ("attention.output.dense", _DIM, _DIM), ("intermediate.dense", _INNER, _DIM), ("output.dense", _DIM, _INNER),
    ):  # fmt: skip
        shapes |= {f"{layer}{part}.weight": (out, inner), f"{layer}{part}.bias": (out,)}
    for norm in ("embeddings.LayerNorm", f"{layer}attention.output.LayerNorm", f"{layer}output.LayerNorm"):
        shapes |= {f"{norm}.weight": (_DIM,), f"{norm}.bias": (_DIM,)}
    tensors: dict[str, np.ndarray] = {name: np.full(shape, 0.1, dtype=np.float32) for name, shape in shapes.items()}
    if random.random() < 0.2:
        name = random.choice(list(tensors))
        odd: list[np.ndarray] = [tensors[name][:0], tensors[name].astype(np.int32), tensors[name] * np.nan]
        tensors[name] = random.choice(odd)
    return bytes(save(tensors))

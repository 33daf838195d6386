"""Small pre-trained encoders for tests, made as Hugging Face's libraries save them: random weights, real files."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

WORDS = (
    "ba",
    "bo",
    "bu",
    "la",
    "good",
    "bad",
    "film",
    "mo",
    "vie",
    "不",
    "好",
    "看",
    ",",
    ".",
    "!",
    "[",
    "]",
    "a",
    "b",
    "s",
    "e",
    "p",
)
SPECIAL = ("[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
DIM, HEADS, LAYERS, INNER, PLACES = 16, 2, 2, 40, 64


def word_piece(more: tuple[str, ...] = ()) -> Tokenizer:
    """Lower-cases and cuts into the pieces of WORDS; its special units are not in our order."""
    known = [*SPECIAL, *WORDS, *(f"##{word}" for word in WORDS if word.isalpha()), *more]
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(known)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens([name for name in SPECIAL if name != "[unused0]"])
    return tokenizer


def byte_level() -> Tokenizer:
    """As RoBERTa's: pieces are bytes, and those that begin a word have a mark."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    known = ["<s>", "<pad>", "</s>", "<unk>", *letters, "go", "od", "good", "Ġgood", "<mask>"]
    merges = [("g", "o"), ("o", "d"), ("go", "od"), ("Ġ", "good")]
    tokenizer = Tokenizer(models.BPE({word: i for i, word in enumerate(known)}, merges, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return tokenizer


def settings(words: int, **more: Any) -> dict[str, Any]:
    """config.json of a BERT."""
    sizes = {"hidden_size": DIM, "num_attention_heads": HEADS, "num_hidden_layers": LAYERS, "intermediate_size": INNER}
    told = {"model_type": "bert", "vocab_size": words, "max_position_embeddings": PLACES, "layer_norm_eps": 1e-12}
    return told | sizes | more


def weights(words: int) -> dict[str, torch.Tensor]:
    """Of a bare BERT, drawn at random."""
    torch.manual_seed(5)
    found = {}

    def layer(name: str, rows: int, columns: int) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = torch.randn(rows, columns) * 0.1, torch.randn(rows) * 0.1

    def norm(name: str) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = 1 + torch.randn(DIM) * 0.1, torch.randn(DIM) * 0.1

    for table, rows in (("word", words), ("position", PLACES), ("token_type", 2)):
        found[f"embeddings.{table}_embeddings.weight"] = torch.randn(rows, DIM)
    norm("embeddings.LayerNorm")
    for block in range(LAYERS):
        name = f"encoder.layer.{block}"
        for part in ("query", "key", "value"):
            layer(f"{name}.attention.self.{part}", DIM, DIM)
        layer(f"{name}.attention.output.dense", DIM, DIM)
        norm(f"{name}.attention.output.LayerNorm")
        layer(f"{name}.intermediate.dense", INNER, DIM)
        layer(f"{name}.output.dense", DIM, INNER)
        norm(f"{name}.output.LayerNorm")
    return found


def save(folder: Path, tokenizer: Tokenizer, config: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps(config))
    save_file(tensors, folder / "model.safetensors")
    return folder


def bert(folder: Path, **more: Any) -> Path:
    """A whole folder."""
    tokenizer = word_piece()
    words = tokenizer.get_vocab_size()
    return save(folder, tokenizer, settings(words, **more), weights(words))


@cache
def small_bert() -> Path:
    """The same folder for all tests of a process, to read."""
    return bert(Path(tempfile.mkdtemp(prefix="small-bert-")))

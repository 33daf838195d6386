"""Masking a batch for masked language modelling: our collator against Hugging Face's, from Python lists to tensors."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from dynmask_core.bench.timing import Row, speed_up, take_turns
from dynmask_core.keys import generator
from dynmask_core.mlm import DataCollatorForDynamicMasking

TEXTS, TOKENS, VOCABULARY = 64, 128, 30_000
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
BATCHES = 10
PEER = "Hugging Face"


def tokenizer(vocabulary: int = VOCABULARY) -> Any:
    """A fast tokenizer of `transformers`, made in memory: special tokens, whole words, and as many ## pieces."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from transformers import PreTrainedTokenizerFast

    left = vocabulary - len(SPECIALS)
    pieces = [f"w{i}" for i in range(left - left // 2)] + [f"##p{i}" for i in range(left // 2)]
    model = WordPiece({piece: i for i, piece in enumerate([*SPECIALS, *pieces])}, unk_token="[UNK]")
    pad, unk, cls, sep, mask = SPECIALS
    made: Any = PreTrainedTokenizerFast  # untyped
    return made(
        tokenizer_object=Tokenizer(model),
        pad_token=pad, unk_token=unk, cls_token=cls, sep_token=sep, mask_token=mask,
    )  # fmt: skip


def examples(texts: int = TEXTS, tokens: int = TOKENS, vocabulary: int = VOCABULARY) -> list[dict[str, Any]]:
    """What a tokenizer returns, as Python lists. Three of ten tokens continue the word before them."""
    rng = generator(0, "bench", "corruption")
    made = []
    for _ in range(texts):
        goes_on = rng.random(tokens - 2) < 0.3
        first = len(SPECIALS) + (vocabulary - len(SPECIALS) + 1) // 2
        ids = np.where(goes_on, rng.integers(first, vocabulary, tokens - 2), rng.integers(5, first, tokens - 2))
        ends = np.cumsum(np.where(goes_on, 4, 5))
        offsets = np.stack([ends - 4, ends], axis=1).tolist()
        made.append(
            {
                "input_ids": [SPECIALS.index("[CLS]"), *ids.tolist(), SPECIALS.index("[SEP]")],
                "attention_mask": [1] * tokens,
                "special_tokens_mask": [1, *[0] * (tokens - 2), 1],
                "offset_mapping": [(0, 0), *[(start, end) for start, end in offsets], (0, 0)],
            }
        )
    return made


def alike(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> None:
    """Raises AssertionError unless both batches have the same keys, shapes and types."""
    shapes = [{key: (value.shape, value.dtype) for key, value in batch.items()} for batch in (ours, theirs)]
    assert shapes[0] == shapes[1], shapes


def _often(collator: Callable[[Any], Any], given: Any) -> Callable[[], None]:
    def turn() -> None:
        for _ in range(BATCHES):
            collator(given)

    return turn


def run(rounds: int = 40) -> list[Row]:
    """64 texts of 128 tokens, 30,000 words, one thread. Both collators get the same lists and return tensors of equal
    shapes and types. A turn is ten batches in a row, as a DataLoader's worker makes them."""
    torch.set_num_threads(1)
    if importlib.util.find_spec("transformers") is None:
        print("transformers is not installed: the peer is left out (pip install 'dynmask[dev]')", file=sys.stderr)
        return []
    from transformers import DataCollatorForLanguageModeling

    made, words = examples(), tokenizer()
    lists = [one["input_ids"] for one in made]
    dicts = [{key: one[key] for key in ("input_ids", "attention_mask")} for one in made]
    told = [{key: one[key] for key in ("input_ids", "attention_mask", "special_tokens_mask")} for one in made]
    theirs = DataCollatorForLanguageModeling(words, seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that whole words are always replaced by [MASK]
        their_words = DataCollatorForLanguageModeling(words, seed=0, whole_word_mask=True)
    all_masked: dict[str, Any] = {"mask_replace_prob": 1.0, "random_replace_prob": 0.0}
    cases: list[tuple[str, Any, Callable[[Any], Any], dict[str, Any]]] = [
        ("ids and attention mask", dicts, theirs, {}),
        ("ids and attention mask, Bernoulli", dicts, theirs, {"selection": "bernoulli"}),
        ("… and special-tokens mask", told, theirs, {}),
        ("bare lists of ids", lists, theirs, {}),
        ("whole words, from offsets", made, their_words, {"selection": "whole-word", **all_masked}),
    ]
    rows = []
    for name, given, peer, settings in cases:
        ours = DataCollatorForDynamicMasking(words, **settings)
        alike(ours(given), dict(peer(given)))
        seconds = take_turns({name: _often(ours, given), PEER: _often(peer, given)}, rounds, warm_up=1)
        row = speed_up(seconds, name, PEER)
        note = " against ".join(f"{1e3 * np.median(seconds[one]) / BATCHES:.2f} ms" for one in (name, PEER))
        rows.append(Row(row.name, row.peer, row.ratio, row.spread, note))
    return rows

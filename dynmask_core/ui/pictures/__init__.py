"""The catalogue's pictures of the samples that come with the app: made once, read here without training anything.

`python -m dynmask_core.ui.pictures` writes them, one file for each sentence. A file is named after its texts and
its sentence, so other texts are not shown by an old picture: they are drawn as a reader's own sentence is. Who changes
masks or training writes them anew; a test draws some again and compares.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

from dynmask_core.analysis.preview import Preview, digest
from dynmask_core.data import Dataset
from dynmask_core.data.media import TEXT
from dynmask_core.masks import REGISTRY
from dynmask_core.ui import shown

FOLDER = Path(__file__).parent
ARRAYS = ("mask", "attention", "keys", "heads", "bands")
HEADER = "header"
_NONE = np.zeros(0, dtype=np.uint8)


def shows_maps(name: str) -> bool:
    """Whether the card of a strategy shows attention, not units."""
    return REGISTRY[name].site in ("attention", "head")


def ready(dataset: Dataset, sentence: str, arms: Iterable[str], tokenizer: str = "auto") -> dict[str, Preview]:
    """The pictures that came with the app, by arm. Attention, keys and heads are empty where the card shows none."""
    known = _read(file_of(dataset, sentence, tokenizer))
    found = {arm: known[arm] for arm in arms if arm in known}
    if found and dataset.medium != TEXT:
        picture = shown.reader_of(dataset).show(sentence).picture
        found = {arm: replace(one, picture=picture) for arm, one in found.items()}
    return found


def file_of(dataset: Dataset, sentence: str, tokenizer: str = "auto") -> Path:
    """Where the pictures of a sentence lie, if there are any."""
    made_of = "\x1f".join((digest(dataset), tokenizer, sentence))
    return FOLDER / f"{hashlib.blake2b(made_of.encode(), digest_size=8).hexdigest()}.gz"


def write(file: Path, pictures: Mapping[str, Preview]) -> None:
    """pictures: by arm, all of one sentence."""
    one = next(iter(pictures.values()))
    header = json.dumps({"arms": list(pictures), "tokens": one.tokens, "unknown": one.unknown}, ensure_ascii=False)
    arrays = {HEADER: np.frombuffer(header.encode(), dtype=np.uint8)}
    for arm, picture in pictures.items():
        for name in ARRAYS if shows_maps(arm) else ("mask", "bands"):
            if (array := getattr(picture, name)) is not None:
                arrays[f"{arm}.{name}"] = np.ascontiguousarray(array)
    file.write_bytes(gzip.compress(save(arrays), mtime=0))


@lru_cache(maxsize=64)
def _read(file: Path) -> dict[str, Preview]:
    if not file.exists():
        return {}
    arrays = load(gzip.decompress(file.read_bytes()))
    header = json.loads(arrays[HEADER].tobytes())
    found = {}
    for arm in header["arms"]:
        mask, attention, keys, heads = (arrays.get(f"{arm}.{name}", _NONE) for name in ARRAYS[:-1])
        tokens, unknown = tuple(header["tokens"]), tuple(header["unknown"])
        found[arm] = Preview(tokens, mask, attention, keys, heads, unknown, bands=arrays.get(f"{arm}.bands"))
    return found

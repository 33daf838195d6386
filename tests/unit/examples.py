"""Small data sets for the laws on inputs and tasks: one for every kind of input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from small_encoders import small_bert
from small_media import few_words

from dynmask_core.data import Dataset, build, load_sample, planted
from dynmask_core.data.media import IMAGE, picture_of, pixels_of
from dynmask_core.events import Probe
from dynmask_core.inputs import INPUTS


def words(max_tokens: int) -> Dataset:
    return build(planted(texts=60, noise_words=40).table, max_tokens=max_tokens)[0]


def pictures(max_tokens: int) -> Dataset:
    return build(load_sample("digits"), max_rows=60, max_tokens=max_tokens)[0]


def marks(dataset: Dataset) -> list[str]:
    """What every unit is marked as: the planted keywords of a text, what is bright in a picture, every second unit."""
    if dataset.medium == IMAGE:
        return [picture_of((pixels_of(sample) > 127).astype(np.uint8)) for sample in dataset.texts]
    if dataset.rationale is None:
        return [" ".join(["O", "SECOND"] * 40)] * len(dataset)
    return [" ".join("B-KEY" if mark else "O" for mark in row) for row in dataset.rationale]


def pairs(max_tokens: int) -> Dataset:
    """Each text is to become its own beginning."""
    texts = words(max_tokens)
    return replace(texts, targets=[" ".join(text.split()[:3]) for text in texts.texts])


def sounds(max_tokens: int) -> Dataset:
    return build(few_words(), max_tokens=max_tokens)[0]


EXAMPLES: dict[str, Callable[[int], Dataset]] = {"image": pictures, "pairs": pairs, "sound": sounds}
"""By input; any other reads `words`."""

ENCODED = {"pieces"}
"""Inputs that need a pre-trained encoder."""

WRITTEN = (Probe("ba bo bu la"), Probe("x"), Probe(""), Probe(" ".join(["ba"] * 200)))


TARGETS: dict[str, Callable[[Dataset], list[str]]] = {"mark": marks}
"""By task; others read no targets."""


def example(kind: str, max_tokens: int = 40, task: str = "") -> Dataset:
    made = EXAMPLES.get(kind, words)(max_tokens)
    return replace(made, targets=TARGETS[task](made)) if task in TARGETS else made


def encoder(kind: str) -> str:
    """The encoder of an experiment on this input."""
    return str(small_bert()) if kind in ENCODED else ""


def watched(kind: str) -> tuple[Probe, ...]:
    """Samples to watch: what readers type, or two of the data if it cannot be typed."""
    data = example(kind)
    return tuple(Probe(INPUTS[kind].sample(data, row)) for row in range(2)) if kind in EXAMPLES else WRITTEN

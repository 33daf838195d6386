"""Small data sets for the laws on inputs and tasks: one for every kind of input."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pandas as pd

from dynmask_core.data import Dataset, build, load_sample, planted
from dynmask_core.data.sound.voice import speaker, spoken
from dynmask_core.data.sound.words import RATE, as_file
from dynmask_core.data.table import Table
from dynmask_core.events import Probe
from dynmask_core.keys import generator


def words(max_tokens: int) -> Dataset:
    return build(planted(texts=60, noise_words=40).table, max_tokens=max_tokens)[0]


def pictures(max_tokens: int) -> Dataset:
    return build(load_sample("digits"), max_rows=60, max_tokens=max_tokens)[0]


def sounds(max_tokens: int) -> Dataset:
    return build(few_words(), max_tokens=max_tokens)[0]


@functools.cache
def few_words() -> Table:
    """Sixty sounds: two words, by the first speakers."""
    rng = generator(0, "few words")
    said = [(word, as_file(spoken(word, speaker(number), rng, RATE))) for number in range(30) for word in ("ai", "ua")]
    return Table(pd.DataFrame(said, columns=["label", "sound"], dtype=object), "wav", name="few_words")


EXAMPLES: dict[str, Callable[[int], Dataset]] = {"image": pictures, "sound": sounds}
"""By input; any other reads `words`."""

WRITTEN = (Probe("ba bo bu la"), Probe("x"), Probe(""), Probe(" ".join(["ba"] * 200)))


def example(kind: str, max_tokens: int = 40) -> Dataset:
    return EXAMPLES.get(kind, words)(max_tokens)


def watched(kind: str) -> tuple[Probe, ...]:
    """Samples to watch: what readers type, or two of the data if it cannot be typed."""
    return tuple(map(Probe, example(kind).texts[:2])) if kind in EXAMPLES else WRITTEN

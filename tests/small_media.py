"""A few pictures and sounds to train on in tests."""

from __future__ import annotations

import functools

import pandas as pd

from dynmask_core.data import Dataset, build, load_sample
from dynmask_core.data.sound.voice import speaker, spoken
from dynmask_core.data.sound.words import RATE, as_file
from dynmask_core.data.table import Table
from dynmask_core.keys import generator


def few_pictures() -> Dataset:
    """Sixty digits."""
    return build(load_sample("digits"), max_rows=60)[0]


@functools.cache
def few_words() -> Table:
    """Sixty sounds: two words, by the first speakers."""
    rng = generator(0, "few words")
    said = [(word, as_file(spoken(word, speaker(number), rng, RATE))) for number in range(30) for word in ("ai", "ua")]
    return Table(pd.DataFrame(said, columns=["label", "sound"], dtype=object), "wav", name="few_words")


def few_sounds() -> Dataset:
    return build(few_words())[0]

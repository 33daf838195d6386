"""The sample of spoken words in noise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dynmask_core.data.media import sound_of
from dynmask_core.data.sound.noise import NOISES, Wave, noise, scaled
from dynmask_core.data.sound.voice import WORDS, speaker, spoken
from dynmask_core.data.table import Table
from dynmask_core.keys import generator

RATE = 8_000
CLEAN = "clean"
LEVELS: tuple[float | None, ...] = (None, 20.0, 10.0, 5.0, 0.0)
"""Decibels that words are louder than their noise; None for no noise."""
SPEAKERS, TAKES = 12, 8
PARTS = ("train",) * 7 + ("validation",) * 2 + ("test",) * 3
"""By speaker: who is heard in one part is heard in no other."""
PEAK = 0.8
"""Of the largest number that a file can hold: louder values would be cut off."""


def spoken_words() -> Table:
    """960 sounds; columns `sound`, `label` (the word), `split`, `speaker`, `snr`, `noise`, `take`. The same in every
    process. `Table.targets` holds the words of the test part as they were before the noise."""
    rows, clean = [], []
    for number in range(SPEAKERS):
        who = speaker(number)
        for index, word in enumerate(WORDS):
            for take in range(TAKES):
                rng = generator(0, "spoken words", number, index, take)
                said = spoken(word, who, rng, RATE)
                # Every word meets every noise and level about equally often, so that none of them tells the word.
                place = (number * TAKES + take) * 3 + index
                level, kind = LEVELS[place % len(LEVELS)], NOISES[place % len(NOISES)]
                heard = said if level is None else said + scaled(said, noise(kind, len(said), RATE, rng), level)
                part = PARTS[number]
                noisy = (CLEAN, "none") if level is None else (f"{level:g}", kind)
                rows.append([as_file(heard), word, part, str(number + 1), *noisy, str(take + 1)])
                clean.append(as_file(said) if part == "test" else "")
    columns = ["sound", "label", "split", "speaker", "snr", "noise", "take"]
    return Table(pd.DataFrame(rows, columns=columns, dtype=object), "wav", name="spoken_words", targets=clean)


def as_file(sound: Wave) -> str:
    """The sample that holds a sound, float64 [N], as loud as a file can be."""
    loudest = max(float(np.abs(sound).max(initial=0)), 1e-12)
    return sound_of(np.rint(sound / loudest * PEAK * (2**15 - 1)).astype(np.int16), RATE)

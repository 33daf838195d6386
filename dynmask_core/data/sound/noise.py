"""Noise at an exact distance to the sound it is added to."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dynmask_core.data.sound.voice import WORDS, speaker, spoken
from dynmask_core.keys import generator

Wave = npt.NDArray[np.float64]

NOISES = ("white", "pink", "hum", "babble")
TALKERS, TALK_SECONDS = 6, 6.0
"""People who talk at once in babble, and the seconds after which they begin again."""
MAINS = 50.0
"""Hz, the lowest of the tones of a hum."""


def noise(kind: str, count: int, rate: int, rng: np.random.Generator) -> Wave:
    """float64 [count] of one of NOISES. white: all frequencies alike. pink: 3 dB less an octave. hum: MAINS and its
    multiples. babble: TALKERS people who say words of the same list at once."""
    if kind == "white":
        return rng.normal(size=count)
    if kind == "pink":
        spectrum = np.fft.rfft(rng.normal(size=count))
        found: Wave = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), count)
        return found
    time = np.arange(count) / rate
    if kind == "hum":
        tones = np.arange(1, int(min(1000, rate / 2 - 1) / MAINS) + 1)
        phases = rng.uniform(0, 2 * np.pi, len(tones))
        hum: Wave = (np.sin(2 * np.pi * MAINS * tones * time[:, None] + phases) / tones).sum(1)
        return hum
    talk = _babble(rate)
    start = int(rng.integers(len(talk)))
    return talk[(start + np.arange(count)) % len(talk)]


def scaled(sound: Wave, other: Wave, snr: float) -> Wave:
    """The noise, as loud as the sound less `snr` decibels, in average power over all N values; both float64 [N].

    Silent, if sound or noise have no power.
    """
    power, against = float((sound**2).sum()), float((other**2).sum())
    return other * (np.sqrt(power / against / 10 ** (snr / 10)) if against else 0.0)


@lru_cache(maxsize=4)
def _babble(rate: int) -> Wave:
    """float64 [N], TALK_SECONDS of people who are none of the speakers of a sample."""
    talk = np.zeros(int(TALK_SECONDS * rate))
    for number in range(TALKERS):
        rng, place = generator(0, "babble", number), 0
        who = speaker(number, seed=1)
        while place < len(talk):
            word = spoken(WORDS[int(rng.integers(len(WORDS)))], who, rng, rate)[: len(talk) - place]
            talk[place : place + len(word)] += word / max(float(np.sqrt((word**2).mean())), 1e-9)
            place += len(word)
    return talk

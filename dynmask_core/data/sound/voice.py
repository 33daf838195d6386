"""Spoken words made by rule: a voice is a row of harmonics, its mouth a few resonances that move.

Source and filter, as Fant (1960) tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dynmask_core.keys import generator

Wave = npt.NDArray[np.float64]

FORMANTS = {
    "i": (270, 2290, 3010), "e": (530, 1840, 2480), "a": (730, 1090, 2440), "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}  # fmt: skip
"""Hz: the three lowest resonances of men's vowels (Peterson & Barney 1952)."""
BANDWIDTHS = (60.0, 90.0, 150.0)
WORDS = ("ai", "ia", "au", "ua", "io", "oe", "eua", "iau", "oia", "uei")
"""Some are others backwards or with a sound before or after: no single moment tells them apart."""
SOUND_SECONDS, MOVE = 0.13, 0.045
"""Seconds of one formant sound, and of the way from one to the next."""
SILENCE = (0.02, 0.07)
"""Least and most seconds before a word and after it."""
GRID = 0.005
"""Seconds between the moments at which the resonances are computed."""


@dataclass(frozen=True)
class Speaker:
    """pitch: Hz. tract: how short it is; resonances lie higher by this factor. tempo: sounds are shorter by it."""

    pitch: float
    tract: float
    tempo: float


def speaker(number: int, seed: int = 0) -> Speaker:
    """Speaker 0, 1, …: higher voices mostly have shorter tracts."""
    rng = generator(seed, "speaker", number)
    size = rng.uniform(0, 1)
    tract = 0.92 + 0.26 * size + rng.normal(0, 0.02)
    return Speaker(95 * 2.4**size * rng.uniform(0.9, 1.1), float(tract), float(rng.uniform(0.85, 1.25)))


def spoken(word: str, who: Speaker, rng: np.random.Generator, rate: int) -> Wave:
    """One word, float64 [N], loudest value 1: every time a little different in tempo, melody and vowels."""
    targets = np.array([FORMANTS[letter] for letter in word]) * who.tract * rng.normal(1, 0.025, (len(word), 3))
    lasting = SOUND_SECONDS / who.tempo * rng.uniform(0.85, 1.15, len(word))
    total = float(lasting.sum())
    grid = np.linspace(0, total, max(int(total / GRID), 2))
    ends = np.cumsum(lasting)[:-1]
    share = 1 / (1 + np.exp(-(grid[:, None] - ends) / (MOVE / 4)))  # [G, sounds − 1]: how far each move has come
    formants = targets[0] + (share[..., None] * np.diff(targets, axis=0)).sum(1)  # [G, 3]
    start, end = who.pitch * rng.uniform(0.95, 1.15), who.pitch * rng.uniform(0.8, 0.95)
    pitch = np.linspace(start, end, len(grid)) * (1 + 0.02 * np.sin(2 * np.pi * (5 * grid + rng.uniform())))
    count = int(rate / 2 / pitch.max())
    order = np.arange(1, count + 1)
    loudness = _tract(order * pitch[:, None], formants) / order  # [G, K]; a source falls by 6 dB an octave
    loudness *= np.minimum(1, np.minimum(grid, total - grid) / 0.03)[:, None]
    time = np.arange(int(total * rate)) / rate
    phase = 2 * np.pi * np.cumsum(np.interp(time, grid, pitch)) / rate
    voice = np.zeros(len(time))
    for harmonic, line in zip(order, loudness.T, strict=True):
        voice += np.interp(time, grid, line) * np.sin(harmonic * phase)
    before, after = (np.zeros(int(rng.uniform(*SILENCE) * rate)) for _ in range(2))
    whole: Wave = np.concatenate([before, voice / np.abs(voice).max(), after])
    return whole


def _tract(hertz: Wave, formants: Wave) -> Wave:
    """How much resonances let through. hertz: [G, K]; formants: [G, 3] → [G, K]."""
    through = np.ones_like(hertz)
    for centre, width in zip(formants.T, BANDWIDTHS, strict=True):
        f, c = hertz, centre[:, None]
        through *= c**2 / np.sqrt((f**2 - c**2) ** 2 + (width * f) ** 2)
    return through

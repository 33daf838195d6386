"""Sounds as log-mel spectrograms (Davis & Mermelstein 1980, without the last cosine transform)."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

BANDS = 24
HOP, WINDOW = 0.010, 0.025
"""Seconds from one frame to the next, and seconds that a frame looks at."""
LOWEST = 60.0
"""Hz, where the first band begins."""
RANGE = 60.0
"""Decibels: what is quieter than the loudest place of a sound by more than this is as good as silent."""
FLOOR = 1e-9
"""Power of digital silence, of which there is no logarithm."""

Wave = npt.NDArray[np.float32]
Frames = npt.NDArray[np.float32]


def resampled(wave: Wave, rate: int, wanted: int) -> Wave:
    """The sound with `wanted` values a second instead of `rate`."""
    if rate == wanted or not len(wave):
        return wave
    # Loaded here: pages know inputs, but need no scipy for that.
    from scipy.signal import resample_poly

    # Exact for all usual rates. For one such as 15,991 an exact step would take seconds; so nobody hears a difference.
    step = Fraction(wanted, rate).limit_denominator(1000)
    found: Wave = resample_poly(wave, step.numerator, step.denominator).astype(np.float32)
    return found


def power_of(wave: npt.NDArray[np.floating], rate: int) -> npt.NDArray[np.float64]:
    """float64 [frames, BANDS]: the power of each band, lowest first; at least one frame."""
    size, step = round(WINDOW * rate), round(HOP * rate)
    wave = np.pad(wave, (0, max(size - len(wave), 0)))
    cut = np.lib.stride_tricks.sliding_window_view(wave, size)[::step]  # [frames, size]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    points = 2 ** math.ceil(math.log2(size))
    power = np.abs(np.fft.rfft(cut * hann, points)) ** 2 / size
    return power @ _filters(rate, points)


def decibels(power: npt.NDArray[np.float64]) -> Frames:
    """float32, of the same shape: a louder sound has the same values plus a constant. What is quieter than the loudest
    place by more than RANGE counts as that quiet."""
    loudest = max(float(power.max()), FLOOR)
    found = 10 * np.log10(np.maximum(power, max(loudest * 10 ** (-RANGE / 10), FLOOR)))
    return found.astype(np.float32)


def ideal_ratio(sound: npt.NDArray[np.float64], noise: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The ideal ratio mask in [0, 1]: the share of a sound in each band's amplitude, √(S / (S + N)), from the powers of
    sound and noise (Wang, Narayanan & Wang 2014). Nobody who hears only both together knows it."""
    whole = sound + noise
    found: npt.NDArray[np.float64] = np.sqrt(np.divide(sound, whole, out=np.ones_like(whole), where=whole > 0))
    return found


def normalised(frames: Frames) -> Frames:
    """The same with mean 0 and deviation 1 over the whole sound: how loud it was recorded plays no part, and 0 is its
    mean. Silence becomes zeros."""
    spread = float(frames.std())
    return (frames - frames.mean()) / spread if spread > 1e-6 else np.zeros_like(frames)


@lru_cache(maxsize=8)
def _filters(rate: int, points: int) -> npt.NDArray[np.float64]:
    """float64 [points // 2 + 1, BANDS]: triangles at equal distances on the mel scale (O'Shaughnessy 1987)."""
    ends = np.linspace(_mel(LOWEST), _mel(rate / 2), BANDS + 2)
    edges = 700 * (10 ** (ends / 2595) - 1)
    # At low pitches a triangle must not fall between two places of the transform.
    edges = np.maximum.accumulate(edges)
    places = np.fft.rfftfreq(points, 1 / rate)[:, None]
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    width = rate / points
    rising = (places - low) / np.maximum(middle - low, width)
    falling = (high - places) / np.maximum(high - middle, width)
    filters = np.maximum(np.minimum(np.minimum(rising, falling), 1), 0)
    for band in np.flatnonzero(filters.sum(0) == 0):
        filters[round(float(middle[band]) / width), band] = 1
    return filters


def _mel(hertz: float) -> float:
    return 2595 * math.log10(1 + hertz / 700)

"""Sounds as log-mel spectrograms (Davis & Mermelstein 1980, without the last cosine transform)."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly
from scipy.signal.windows import hann

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
    common = math.gcd(rate, wanted)
    found: Wave = resample_poly(wave, wanted // common, rate // common).astype(np.float32)
    return found


def log_mel(wave: Wave, rate: int) -> Frames:
    """float32 [frames, BANDS] in decibels, lowest band first; at least one frame. Louder sounds give the same numbers
    plus a constant, until RANGE ends."""
    size, step = round(WINDOW * rate), round(HOP * rate)
    wave = np.pad(wave, (0, max(size - len(wave), 0)))
    cut = np.lib.stride_tricks.sliding_window_view(wave, size)[::step]  # [frames, size]
    points = 2 ** math.ceil(math.log2(size))
    power = np.abs(np.fft.rfft(cut * hann(size, sym=False), points)) ** 2 / size
    bands = power @ _filters(rate, points)
    loudest = max(float(bands.max()), FLOOR)
    decibels = 10 * np.log10(np.maximum(bands, max(loudest * 10 ** (-RANGE / 10), FLOOR)))
    return decibels.astype(np.float32)


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

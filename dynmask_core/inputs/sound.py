"""Sounds: frames of a log-mel spectrogram, some of them joined to one unit (Berg, O'Connor & Cruz 2021, Keyword
Transformer)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.config import DataConfig
from dynmask_core.data.decoded import Decoded
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.data.media import SOUND, picture_of, wave_of
from dynmask_core.data.sound.features import BANDS, HOP, WINDOW, Wave, decibels, normalised, power_of, resampled
from dynmask_core.data.tokenize import Vocabulary
from dynmask_core.inputs.base import MAX_UNITS, Picture, Shown, Tuned, register
from dynmask_core.inputs.numeric import Numeric, parts
from dynmask_core.messages import Words, say

if TYPE_CHECKING:
    from dynmask_core.data.dataset import Dataset

RATES = (4_000, 16_000)
"""Least and most values a second to which all sounds are brought."""
JOINED = (3, 12)
"""Least and most frames in a unit."""
TYPICAL_UNITS = 40
"""Long sounds get units of more frames, so that nearly all have about so many units or fewer."""
LOOKED_AT = 200
"""So many sounds decide on rate and units."""
PIXELS = 4
"""Along each side of a frame's band in the picture."""


@register
class Sound(Numeric):
    """Units are DataConfig.joined frames of 10 ms; F = joined × BANDS numbers: the loudness of each band, frame after
    frame, with mean 0 and deviation 1 over the whole sound."""

    name = SOUND
    provides = frozenset({"order", "bands", "numbers"})
    bands = BANDS
    tuned = Tuned(arms=("none", "dropout"), epochs=25)

    def __init__(self, config: DataConfig, vocabulary: Vocabulary | None = None) -> None:
        config = replace(config, rate=config.rate or 8_000, joined=config.joined or JOINED[0])
        super().__init__(replace(config, max_tokens=min(config.max_tokens, MAX_UNITS)), vocabulary)

    @classmethod
    def measured(cls, samples: Sequence[str]) -> dict[str, Any]:
        """The lowest rate, so that every sound has every band; and units by the length of nearly the longest."""
        some = [(len(wave), rate) for wave, rate in map(wave_of, samples[:LOOKED_AT])]  # one wave at a time
        if not some:
            return {}
        seconds = float(np.quantile([count / rate for count, rate in some], 0.95))
        joined = math.ceil(seconds / HOP / TYPICAL_UNITS)
        rate = min(rate for _, rate in some)
        return {"rate": int(np.clip(rate, *RATES)), "joined": int(np.clip(joined, *JOINED))}

    @property
    def seconds(self) -> float:
        """How long a unit is."""
        return self.config.joined * HOP

    @property
    def longest(self) -> float:
        """Seconds: what comes later in a sound is not read."""
        return self.config.max_tokens * self.seconds

    def shortened(self, samples: Sequence[str]) -> Words:
        waves = map(wave_of, samples)
        longer = sum(len(wave) / rate > self.longest for wave, rate in waves)
        return say("sound.cut", longer=longer, seconds=f"{self.longest:g}") if longer else ""

    def encode(self, dataset: Dataset, *, min_count: int = 1) -> EncodedCorpus:
        loudness = [_loudness(sample, self.config.rate, self.longest) for sample in dataset.texts]
        units = [self.units_of(self._whole(normalised(frames))) for frames in loudness]
        known = [float(loudness[row].std()) for row in dataset.rows("train")]
        return EncodedCorpus(
            units,
            dataset.labels,
            dataset.split,
            self.vocabulary,
            dataset.classes,
            bands=BANDS,
            rate=self.config.rate,
            decibels=float(np.mean(known)) if known else 0.0,
        )

    def frames(self, sample: str) -> np.ndarray:
        """float32 [units · joined, BANDS]: a sound that ends within a unit goes on with its quietest loudness."""
        return self._whole(normalised(_loudness(sample, self.config.rate, self.longest)))

    def read(self, sample: str, limit: int | None = None) -> np.ndarray:
        units = self.units_of(self.frames(sample))
        return units if limit is None else units[: limit + 1]

    def units_of(self, frames: np.ndarray) -> np.ndarray:
        """float32 [T, F], the special unit first, of the `frames` of a sound."""
        units = frames.reshape(-1, self.features)
        return np.concatenate([np.zeros_like(units[:1]), units])

    def heard(self, wave: Wave, rate: int) -> Wave:
        """float32 [N]: the part of a sound that is read, with DataConfig.rate values a second."""
        return beginning(wave, rate, self.longest, self.config.rate)

    def read_power(self, power: np.ndarray) -> np.ndarray:
        """The units of a sound with this power, float [frames, BANDS]."""
        return self.units_of(self._whole(normalised(decibels(power))))

    @classmethod
    def described(cls, config: DataConfig, samples: Sequence[str]) -> dict[str, Any]:
        """What people ask about sounds, as JSON: their lengths, and what of them is read."""
        seconds = [len(wave) / rate for wave, rate in map(wave_of, samples)]
        reader = cls(config)
        return {
            "rate": reader.config.rate,
            "seconds": {"least": min(seconds), "median": float(np.median(seconds)), "most": max(seconds)},
            "unit_seconds": reader.seconds,
            "longest_read": reader.longest,
            "cut": sum(one > reader.longest for one in seconds),
        }

    def _whole(self, frames: np.ndarray) -> np.ndarray:
        joined = self.config.joined
        frames = frames[: self.config.max_tokens * joined]
        return np.pad(frames, ((0, -len(frames) % joined), (0, 0)), constant_values=frames.min())

    def show(self, sample: str, limit: int | None = None) -> Shown:
        frames = self.frames(sample)
        if limit is not None:
            frames = frames[: limit * self.config.joined]
        count = len(frames) // self.config.joined
        names = [f"{number * self.seconds:.2f} s" for number in range(count)]
        return parts(names, Picture(spectrogram(frames), 1, count, sample))

    def pictured(self, units: np.ndarray) -> Picture:
        return Picture(spectrogram(units[1:].reshape(-1, BANDS)), 1, len(units) - 1)

    @property
    def features(self) -> int:
        return self.config.joined * BANDS


def spectrogram(frames: np.ndarray) -> str:
    """The picture of a sound as a data URL: time from left to right, low bands at the bottom, the louder the brighter.

    frames: float [frames, BANDS].
    """
    low, high = float(frames.min()), float(frames.max())
    grey = (frames - low) / (high - low) if high > low else np.zeros_like(frames)
    pixels = np.rint(255 * grey.T[::-1]).astype(np.uint8)
    return picture_of(pixels.repeat(PIXELS, 0).repeat(PIXELS, 1))


def beginning(wave: Wave, rate: int, seconds: float, wanted: int) -> Wave:
    """float32 [N]: the first seconds of a sound, with `wanted` values a second, and as much more as the last frame
    needs."""
    return resampled(wave[: math.ceil((seconds + WINDOW) * rate)], rate, wanted)


_KEPT = Decoded()


def _loudness(sample: str, rate: int, seconds: float) -> np.ndarray:
    """float32 [frames, BANDS]: decibels."""

    def make() -> np.ndarray:
        return decibels(power_of(beginning(*wave_of(sample), seconds, rate), rate))

    return _KEPT.get(sample, (rate, seconds), make)

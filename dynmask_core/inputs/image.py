"""Pictures: square patches, row by row (Dosovitskiy et al. 2021)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from dynmask_core.config import MAX_SIDE, DataConfig
from dynmask_core.data.decoded import Decoded
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.data.media import IMAGE, content_of, is_grey, open_picture, picture_of
from dynmask_core.data.tokenize import Vocabulary
from dynmask_core.inputs.base import Batch, Picture, Shown, Tuned, register
from dynmask_core.inputs.numeric import Numeric, parts
from dynmask_core.lazy import torch

if TYPE_CHECKING:
    from dynmask_core.data.dataset import Dataset
    from dynmask_core.model.embedding import Embedding

MOST_ROWS = 8
"""Patches along a side, unless DataConfig says how large a patch is: attention costs their number to the power of 4."""
MOST_NUMBERS = 50_000_000
"""Of all pictures together, 200 MB; of many pictures each is made smaller."""
LOOKED_AT = 200
"""So many pictures decide to which size all are brought."""


@register
class Image(Numeric):
    """Units are patches of a picture that is brought to DataConfig.side; F = patch² × channels numbers in [-1, 1]."""

    name = IMAGE
    provides = frozenset({"grid", "numbers"})
    tuned = Tuned(arms=("none", "dropout"), epochs=20)

    def __init__(self, config: DataConfig, vocabulary: Vocabulary | None = None) -> None:
        config = config if config.side else replace(config, side=32, channels=1)
        patch = config.patch or max(2, math.ceil(config.side / MOST_ROWS))
        super().__init__(replace(config, patch=patch), vocabulary)

    @classmethod
    def measured(cls, samples: Sequence[str]) -> dict[str, Any]:
        some = [open_picture(content_of(sample)) for sample in samples[:LOOKED_AT]]
        side = max((max(picture.size) for picture in some), default=MAX_SIDE)
        colours = 1 if all(map(is_grey, some)) else 3
        most = math.isqrt(MOST_NUMBERS // (colours * max(len(samples), 1)))
        return {"side": min(side, MAX_SIDE, max(most, 8)), "channels": colours}

    @classmethod
    def described(cls, config: DataConfig, samples: Sequence[str]) -> dict[str, Any]:
        reader = cls(config)
        sizes = sorted((open_picture(content_of(sample)).size for sample in samples[:LOOKED_AT]), key=math.prod)
        return {
            "smallest": list(sizes[0]),
            "largest": list(sizes[-1]),
            "read_at": [reader.config.side, reader.config.side],
            "channels": reader.config.channels,
            "patch": [reader.config.patch, reader.config.patch],
            "patches": reader.max_positions - 1,
        }

    @property
    def rows(self) -> int:
        """Patches along a side; the last one may reach beyond the picture."""
        return math.ceil(self.config.side / self.config.patch)

    def encode(self, dataset: Dataset, *, min_count: int = 1) -> EncodedCorpus:
        units = [self.read(sample) for sample in dataset.texts]
        return EncodedCorpus(units, dataset.labels, dataset.split, self.vocabulary, dataset.classes)

    def pixels(self, sample: str) -> np.ndarray:
        """uint8 [rows · patch, rows · patch, channels]: the picture at the size that the model reads."""
        side, channels = self.config.side, self.config.channels
        square = _KEPT.get(sample, (side, channels), lambda: _square(sample, side, channels))
        beyond = self.rows * self.config.patch - self.config.side
        return np.pad(square, ((0, beyond), (0, beyond), (0, 0)), mode="edge")

    def read(self, sample: str, limit: int | None = None) -> np.ndarray:
        rows, patch, channels = self.rows, self.config.patch, self.config.channels
        values = self.pixels(sample).astype(np.float32) / 127.5 - 1
        cut = values.reshape(rows, patch, rows, patch, channels)
        cut = cut.swapaxes(1, 2)  # [rows, columns, patch, patch, channels]
        patches = cut.reshape(rows * rows, -1)[: self.config.max_tokens if limit is None else limit]
        return np.concatenate([np.zeros_like(patches[:1]), patches])

    def show(self, sample: str, limit: int | None = None) -> Shown:
        names = [f"{row + 1}:{column + 1}" for row in range(self.rows) for column in range(self.rows)]
        names = names[: self.config.max_tokens if limit is None else limit]
        pixels = self.pixels(sample)
        url = picture_of(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        return parts(names, Picture(url, self.rows, self.rows))

    def pictured(self, units: np.ndarray) -> Picture:
        rows, patch, channels = self.rows, self.config.patch, self.config.channels
        patches = np.full((rows * rows, self.features), -1.0)  # black beyond what is read
        patches[: len(units) - 1] = units[1:]
        cut = patches.reshape(rows, rows, patch, patch, channels)
        values = cut.swapaxes(1, 2).reshape(rows * patch, rows * patch, channels)
        pixels = np.rint((values.clip(-1, 1) + 1) * 127.5).astype(np.uint8)
        return Picture(picture_of(pixels[..., 0] if channels == 1 else pixels), rows, rows)

    def batch(self, units: Sequence[np.ndarray], embedding: Embedding, device: torch.device) -> Batch:
        made = super().batch(units, embedding, device)
        there = made.attention_mask
        patch = (torch.arange(there.shape[1], device=device) - 1).clamp_min(0).expand(there.shape)
        return replace(made, coordinates=torch.stack([patch // self.rows, patch % self.rows], -1))

    @property
    def features(self) -> int:
        return self.config.patch**2 * self.config.channels

    @property
    def max_positions(self) -> int:
        return min(self.rows**2, self.config.max_tokens) + 1


_KEPT = Decoded()


def _square(sample: str, side: int, channels: int) -> np.ndarray:
    """uint8 [side, side, channels]: the picture, at its own proportions, in the middle of a square of its darkest
    corner's colour."""
    opened = open_picture(content_of(sample)).convert("L" if channels == 1 else "RGB")
    if opened.size != (side, side):
        scale = side / max(opened.size)
        width, height = (max(round(length * scale), 1) for length in opened.size)
        opened = opened.resize((width, height))
        corner = min(opened.getpixel((x, y)) for x in (0, width - 1) for y in (0, height - 1))  # type: ignore[type-var]
        square = PIL.Image.new(opened.mode, (side, side), corner)
        square.paste(opened, ((side - width) // 2, (side - height) // 2))
        opened = square
    return np.asarray(opened, dtype=np.uint8).reshape(side, side, channels)

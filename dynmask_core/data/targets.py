"""The targets of a data set (see Dataset) whose units are marked, as numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from dynmask_core.data.media import labels_of


def objects_of(target: str, side: int) -> npt.NDArray[np.uint8]:
    """uint8 [side, side]: a picture of objects, 0 where nothing is, the objects numbered from 1 in the order of their
    numbers in the picture; brought to the middle of a square as the input `image` brings the picture itself."""
    found = labels_of(target)
    numbers = np.unique(found[found > 0])
    # More objects than a byte can count, as in a photograph taken for one: all are one.
    small = np.searchsorted(numbers, found) + 1 if len(numbers) < 255 else np.ones_like(found)
    opened = Image.fromarray(np.where(found > 0, small, 0).astype(np.uint8))
    scale = side / max(opened.size)
    width, height = (max(round(length * scale), 1) for length in opened.size)
    small = np.asarray(opened.resize((width, height), Image.Resampling.NEAREST))
    square = np.zeros((side, side), dtype=np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = small
    return square

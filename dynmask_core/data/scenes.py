"""Scenes: handwritten digits among scraps of other digits, on a noisy canvas, with every pixel of them known.

Made from the digits that come with scikit-learn (see `data.digits`). The digits of a part are in no other part, neither
whole nor as scraps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from dynmask_core.data.media import picture_of
from dynmask_core.data.table import Table
from dynmask_core.keys import generator

DIGIT, PATCH = 12, 3
"""Pixels of a side. Digits stand on the grid of patches that the input `image` cuts a canvas of 24 pixels into: at any
other place they are much harder to learn."""
SCRAP, SCRAPS = 5, 4
NOISE = 0.1
"""Standard deviation of the noise; ink is 1."""
INK = 0.35
"""Brighter pixels of an enlarged digit belong to it."""
PARTS = (("train", 0.7), ("validation", 0.1), ("test", 0.2))

Pixels = npt.NDArray[np.float32]


def scenes() -> Table:
    """1,797 pictures of 24 × 24 pixels with one digit: columns `image`, `label` (the digit), `target` and `split`.

    `target` is a picture of the same size: 0 where nothing is, n at the pixels of the n-th digit.
    """
    return _table("scenes", side=24, patch=PATCH, objects=1)


def two_objects() -> Table:
    """The same with two digits on 32 × 32 pixels, at least 4 pixels apart; `label` names both, the smaller first."""
    return _table("two_objects", side=32, patch=4, objects=2)


def _table(name: str, side: int, patch: int, objects: int) -> Table:
    # Loaded here: it takes a second, and few need it.
    from sklearn.datasets import load_digits

    found = load_digits()
    large = [_enlarged(one) for one in found.images]
    order = generator(0, "scenes").permutation(len(large))
    ends = np.rint(np.cumsum([share for _, share in PARTS]) * len(order)).astype(int)
    rows: dict[str, list[str]] = {"image": [], "label": [], "target": [], "split": []}
    for (part, _), own in zip(PARTS, np.split(order, ends[:-1]), strict=True):
        for digit in own.tolist():
            rng = generator(0, name, digit)
            shown = [digit, *rng.choice(own, objects - 1).tolist()]
            scraps = [large[one] for one in rng.choice(own, SCRAPS).tolist()]
            canvas, target = _scene([large[one] for one in shown], scraps, side, patch, rng)
            rows["image"].append(picture_of(np.rint(canvas * 255).astype(np.uint8)))
            rows["label"].append(" ".join(map(str, sorted(found.target[shown].tolist()))))
            rows["target"].append(picture_of(target))
            rows["split"].append(part)
    return Table(pd.DataFrame(rows, dtype=object), "png", name=name)


def _enlarged(digit: npt.NDArray[np.float64]) -> Pixels:
    """float32 [DIGIT, DIGIT] in [0, 1]."""
    grey = Image.fromarray(np.rint(digit * 255 / 16).astype(np.uint8))
    enlarged = grey.resize((DIGIT, DIGIT), Image.Resampling.BICUBIC)
    return (np.asarray(enlarged) / 255).astype(np.float32)


def _scene(
    digits: list[Pixels], scraps: list[Pixels], side: int, patch: int, rng: np.random.Generator
) -> tuple[Pixels, npt.NDArray[np.uint8]]:
    """float32 [side, side] in [0, 1], and uint8 [side, side], see `scenes`."""
    canvas = np.zeros((side, side), dtype=np.float32)
    target = np.zeros((side, side), dtype=np.uint8)
    for scrap in scraps:
        y, x = rng.integers(0, DIGIT - SCRAP + 1, 2)
        at_y, at_x = rng.integers(0, side - SCRAP + 1, 2)
        here = canvas[at_y : at_y + SCRAP, at_x : at_x + SCRAP]
        np.maximum(here, scrap[y : y + SCRAP, x : x + SCRAP], out=here)
    for number, (digit, (top, left)) in enumerate(zip(digits, _places(len(digits), side, patch, rng), strict=True), 1):
        window = slice(top, top + DIGIT), slice(left, left + DIGIT)
        # A digit hides the scraps behind its ink alone.
        canvas[window] = np.maximum(canvas[window], digit)
        target[window][digit > INK] = number
    noisy = canvas + rng.normal(0, NOISE, canvas.shape)
    return np.clip(noisy, 0, 1).astype(np.float32), target


def _places(count: int, side: int, patch: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Top and left of each digit, on the grid; two digits leave at least one patch free between them."""
    steps = (side - DIGIT) // patch + 1
    while True:
        corners = rng.integers(0, steps, (count, 2)) * patch
        apart = np.abs(corners[:, None] - corners[None]).max(-1)[np.triu_indices(count, 1)]
        if (apart >= DIGIT + patch).all():
            return [(int(top), int(left)) for top, left in corners]

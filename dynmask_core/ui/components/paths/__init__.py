"""Paths of mask values over epochs, with the threshold that they cross."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import language_of, seal

STRING_KEYS = tuple(f"paths.{name}" for name in ("alt", "density", "epoch", "keys", "removed", "start", "value"))
"""Texts that the browser fills in."""

_mount = component("paths")


@dataclass(frozen=True)
class Path:
    """One line. words: the first of the `count` words that share it; points: a value in [0, 1] per epoch; bold: drawn
    above the others, and labelled first."""

    words: list[str]
    count: int
    points: list[float]
    bold: bool = False


@dataclass(frozen=True, eq=False)
class PathsData:
    """E epochs, ascending.

    color: "#rrggbb". thresholds: θ of each epoch, None if it does not remove words. density: int [E, n + 1], how many
    of all `words` words are at 0, 1/n … 1. marks: (epoch, short text). last: the epoch at which the axis ends.
    """

    epochs: list[int]
    paths: list[Path]
    color: str
    thresholds: list[float] | None
    density: np.ndarray
    words: int
    marks: list[tuple[int, str]]
    last: int


def paths(data: PathsData, *, strings: dict[str, str], key: str) -> None:
    """Draws the lines. strings: those of STRING_KEYS. Data that is already drawn changes nothing in the browser."""
    header: dict[str, Any] = {
        "epochs": data.epochs,
        "paths": [asdict(path) | {"lang": language_of("".join(path.words))} for path in data.paths],
        "color": data.color,
        "thresholds": data.thresholds,
        "density": data.density.tolist(),
        "words": data.words,
        "marks": data.marks,
        "last": data.last,
        "strings": strings,
    }
    _mount(data=seal(header, b""), key=key)

"""Pictures side by side over epochs: what is hidden of a sample, and what models make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import digest_of

_WORDS = "epoch epoch_of epoch_zero first keys last next pause play previous"
STRING_KEYS = tuple(f"player.{name}" for name in _WORDS.split())
"""Catalogue keys of the texts that the browser needs, shared with the player."""

_mount = component("restored")


@dataclass(frozen=True)
class Cell:
    """One of the pictures. color: of its arm, "" for none. urls: a data URL for each epoch, or one for all. hidden: of
    each epoch, or once for all, the parts that are hatched, counted from 0 row by row; [] for no hatching. notes: what
    stands below it, likewise. rows, columns: its parts. aspect: width over height."""

    title: str
    color: str
    urls: Sequence[str]
    rows: int
    columns: int
    aspect: float
    hidden: Sequence[Sequence[int]] = ()
    notes: Sequence[str] = ()


def restored(
    cells: Sequence[Cell], epochs: Sequence[int], across: int, *, lang: str, strings: dict[str, str], key: str
) -> None:
    """Draws the pictures under one scrubber. across: how many stand side by side."""
    _mount(data=pack(cells, epochs, across, lang=lang, strings=strings), key=key)


def pack(
    cells: Sequence[Cell], epochs: Sequence[int], across: int, *, lang: str, strings: dict[str, str]
) -> dict[str, Any]:
    """The data for the browser. Raises ValueError for a picture that has something else than one value for each epoch,
    or one for all."""
    for cell in cells:
        if any(len(one) not in (0, 1, len(epochs)) for one in (cell.urls, cell.hidden, cell.notes)):
            raise ValueError(f"{cell.title}: one value for each of {len(epochs)} epochs, or one for all")
    told = [
        {**vars(cell), **{name: list(getattr(cell, name)) for name in ("urls", "hidden", "notes")}} for cell in cells
    ]
    return {
        "lang": lang, "strings": {name: strings[name] for name in STRING_KEYS}, "cells": told,
        "epochs": list(epochs), "across": across,
        "of": digest_of([(cell.title, cell.rows, cell.columns) for cell in cells]),
    }  # fmt: skip

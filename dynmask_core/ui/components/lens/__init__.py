"""The mask lens in the browser: how one word's attention comes about in every arm, with a switch on every edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.masks import brief
from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import language_of, seal

if TYPE_CHECKING:
    # Not loaded otherwise: it needs torch, and the page draws before somebody asks.
    from dynmask_core.analysis.lens import LensRow

# Catalogue keys of the texts that the browser needs; it fills in the `{names}` inside them.
_WORDS = """
    allowed arm changed col_dot col_dot_title col_mask col_mask_title col_part col_part_title col_scaled
    col_scaled_title col_share col_share_title col_word even forbidden head_gate looks_at of_epoch region removed reset
    sum switch value
"""
STRING_KEYS = tuple("lens." + name for name in _WORDS.split())
DIGITS = 5
"""Of the numbers that are sent; shares that the browser computes anew are as exact as this."""

_mount = component("lens")


@dataclass(frozen=True, eq=False)
class LensData:
    """rows: one per arm, of the same block, head and query. colors: "#rrggbb" of each. key: of the edge that the reader
    has picked, or None."""

    rows: list[LensRow]
    colors: list[str]
    key: int | None = None


def mask_lens(data: LensData, *, lang: str, strings: dict[str, str], key: str) -> None:
    """Draws `data`. strings: the texts of STRING_KEYS. The switches that a reader has moved stay while the same row of
    the same arms is drawn again."""
    _mount(data=pack(data, lang=lang, strings=strings), key=key)


def pack(data: LensData, *, lang: str, strings: dict[str, str]) -> bytes:
    """One buffer, see `seal`. What is −∞ is null."""
    first = data.rows[0]
    header = {
        "lang": lang, "strings": {name: strings[name] for name in STRING_KEYS}, "words": list(first.words),
        "textLang": language_of("".join(first.words)), "query": first.query, "key": data.key,
        "at": [first.layer, first.head], "arms": [_arm(*pair) for pair in zip(data.rows, data.colors, strict=True)],
    }  # fmt: skip
    return seal(header, b"")


def _arm(row: LensRow, color: str) -> dict[str, Any]:
    numbers = {name: _numbers(getattr(row, name)) for name in ("mask", "dot", "scaled", "bias", "weight", "value")}
    told = {"name": brief(row.arm), "color": color, "epoch": row.epoch, "alpha": row.alpha, "gate": row.gate}
    return told | numbers | {"removed": row.removed.tolist()}


def _numbers(values: np.ndarray) -> Any:
    if values.ndim > 1:
        return [_numbers(one) for one in values]
    return [round(value, DIGITS) if np.isfinite(value) else None for value in values.tolist()]

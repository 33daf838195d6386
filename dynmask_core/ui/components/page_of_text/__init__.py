"""A page of a corpus and what each arm masks in it, epoch by epoch: drawn and scrubbed entirely in the browser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import cut, language_of, seal

# Catalogue keys of the texts that the browser needs; it fills in the `{names}` inside them.
_WORDS = """
    before cut empty epoch epoch_of first heat intro kept keys last line line_label live live_title masked never
    next now page pause play previous random sample share share_help tip tip_kept tip_masked tip_random tip_seen
    visible which
"""
STRING_KEYS = tuple("page." + name for name in _WORDS.split())
MASKED, RANDOM, KEPT = 1, 2, 3
"""What replaces a token to guess: [MASK], another word, or the token itself. 0 is a token that is not to guess."""


_mount = component("page_of_text")


@dataclass(frozen=True, eq=False)
class TextPage:
    """The data to draw. A arms, E epochs (1…E), N lines, T tokens in the longest line."""

    lines: list[str]  # N, as written
    spans: list[list[tuple[int, int]]]  # character spans of each line's tokens
    arms: list[dict[str, str]]  # A of {"name", "color": "#rrggbb"}
    masks: npt.NDArray[np.uint8]  # [A, E, N, T] 0 visible, 1 [MASK], 2 a random word, 3 to guess but unchanged
    written: list[tuple[int, int, int, int, str]]  # (arm, epoch index, line, token, word) for every 2 in `masks`
    ever: npt.NDArray[np.float64]  # [A, E] in [0, 1]: share of the corpus's positions asked for up to this epoch
    epoch: int  # 1…E: the epoch shown first; while `running` the current one
    running: bool  # training goes on: the page follows it until the reader moves the scrubber
    first: int = 1  # the number of the first line


def page_of_text(data: TextPage, *, lang: str, strings: dict[str, str], key: str) -> None:
    """Draws `data`. strings: the texts of STRING_KEYS. key: the same one keeps the reader's place over reruns."""
    _mount(data=pack(data, lang=lang, strings=strings), key=key, height="content")


def pack(data: TextPage, *, lang: str, strings: dict[str, str]) -> bytes:
    """One buffer: header, then the masks.

    Raises ValueError if an array does not have the shape that the other fields imply, or a value is out of range.
    """
    arms, epochs = len(data.arms), np.shape(data.ever)[1] if np.ndim(data.ever) == 2 else 0
    shape = (arms, epochs, len(data.lines), max(map(len, data.spans), default=0))
    for name, given, expected in (
        ("ever", np.shape(data.ever), (arms, epochs)),
        ("spans", (len(data.spans),), (len(data.lines),)),
        ("masks", np.shape(data.masks), shape),
    ):
        if given != expected:
            raise ValueError(f"{name} has shape {given}, expected {expected}")
    if not 1 <= data.epoch <= max(epochs, 1):
        raise ValueError(f"epoch {data.epoch} is not in 1…{epochs}")
    masks = np.ascontiguousarray(data.masks, dtype=np.uint8)
    if masks.size and masks.max() > KEPT:
        raise ValueError(f"masks has the value {masks.max()}, expected 0…{KEPT}")
    if sorted(place[:4] for place in data.written) != [tuple(place) for place in np.argwhere(masks == RANDOM).tolist()]:
        raise ValueError("written does not name the places where masks is 2")
    pieces = [cut(line, spans) for line, spans in zip(data.lines, data.spans, strict=True)]
    header = {
        "lang": lang, "strings": {name: strings[name] for name in STRING_KEYS}, "arms": data.arms, "shape": shape,
        "words": [words for words, _ in pieces], "gaps": [gaps for _, gaps in pieces],
        "textLangs": [language_of(line) for line in data.lines], "written": data.written,
        "ever": np.nan_to_num(data.ever).round(6).tolist(), "epoch": data.epoch, "running": data.running,
        "first": data.first,
    }  # fmt: skip
    return seal(header, masks.tobytes())

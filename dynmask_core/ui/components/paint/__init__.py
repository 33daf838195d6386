"""A matrix of edges that the reader paints, with the words of a sentence along its sides."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from dynmask_core.masks.painted import MOST
from dynmask_core.ui.web import component

_OWN = "all cell drag invert keys label mirror none open open_edge own own_edge shut shut_edge tools turn undo"
STRING_KEYS = tuple("paint." + name for name in _OWN.split())

_mount = component("paint")


def paint(
    edges: np.ndarray,
    words: Sequence[str],
    *,
    can_undo: bool,
    strings: dict[str, str],
    key: str,
    on_paint: Callable[[np.ndarray], None],
    on_undo: Callable[[], None],
) -> None:
    """Draws `edges`, bool [n, n], n ≤ 64, rows are queries; words: of its first places, [CLS] first.

    on_paint is called with the whole matrix after each stroke, before the page is drawn again.
    """
    seen = f"{key}_stroke"

    def painted() -> None:
        found = read(st.session_state.get(key, {}).get("painted"))
        if found is not None:
            st.session_state[seen], matrix = found
            on_paint(matrix)

    data = {
        "size": len(edges),
        "bits": "".join("01"[int(value)] for value in edges.flat),
        "words": list(words[: len(edges)]),
        # The last stroke that Python has seen, so that its answer does not undo a later one.
        "stroke": st.session_state.get(seen, 0),
        "undo": can_undo,
        "strings": {name: strings[name] for name in STRING_KEYS},
    }
    _mount(data=data, key=key, on_painted_change=painted, on_undo_change=on_undo)


def read(sent: Any) -> tuple[int, np.ndarray] | None:
    """What the browser sent: the number of its stroke, and bool [n, n]. None if it is not that."""
    if not isinstance(sent, dict):
        return None
    stroke, size, bits = (sent.get(name) for name in ("stroke", "size", "bits"))
    if type(stroke) is not int or type(size) is not int or not 1 <= size <= MOST:
        return None
    if not isinstance(bits, str) or not re.fullmatch(f"[01]{{{size * size}}}", bits):
        return None
    return stroke, (np.frombuffer(bits.encode(), dtype=np.uint8) == ord("1")).reshape(size, size)

"""A confusion matrix whose cells are buttons: readable in both themes, reached by keyboard, heard by screen readers.

A Plotly heat map has none of these, its cells cannot be clicked, and it costs a visitor 4.7 MB.
"""

from __future__ import annotations

from collections.abc import Sequence

from dynmask_core.ui.web import component

_mount = component("confusion")


def confusion(
    counts: Sequence[Sequence[int]],
    classes: Sequence[str],
    *,
    title: str,
    color: str,
    strings: dict[str, str],
    key: str,
) -> tuple[int, int] | None:
    """Draws the matrix. Returns the cell (true class, predicted class) that the reader has just clicked, once.

    counts: [C, C] numbers of texts, rows true, columns predicted. color: "#rrggbb" of full cells. strings: `true`,
    `predicted`, and `cell` with the places {true}, {predicted}, {texts}.
    """
    data = {"counts": counts, "classes": classes, "title": title, "color": color, "strings": strings}
    picked = _mount(data=data, key=key, on_cell_change=lambda: None).get("cell")
    return None if picked is None else (int(picked[0]), int(picked[1]))

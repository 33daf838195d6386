"""Live curves that keep the reader's zoom.

Our own, because Streamlit 1.67 replaces ECharts options as a whole, clears Vega's selections whenever data comes in,
and remounts Plotly: with each of them a zoom is lost at every epoch.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from dynmask_core.ui.web import component

HEIGHT = 240

_mount = component("curves")


@dataclass(frozen=True)
class Line:
    """name as shown; points: (epoch, value) with ascending epochs; color "#rrggbb"."""

    name: str
    color: str
    dashed: bool
    points: list[tuple[int, float]]


def curves(lines: list[Line], *, run: str, epochs: int, strings: dict[str, str], key: str) -> None:
    """Draws the lines over epochs 1…`epochs`.

    run: a new name lets go of the reader's zoom. strings: title, epoch (the axis), reset (the button), alt.
    """
    data = {"series": [asdict(line) for line in lines], "run": run, "epochs": epochs, "strings": strings}
    _mount(data=data | {"height": HEIGHT}, key=key)

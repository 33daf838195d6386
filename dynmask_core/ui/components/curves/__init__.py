"""Live curves that keep the reader's zoom.

A component of our own, because in Streamlit 1.67 new data replaces all ECharts options, clears Vega's selections and
remounts Plotly: each would lose the zoom at every epoch.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from dynmask_core.ui.web import component

HEIGHT, SMALL = 240, 130

_mount = component("curves")


@dataclass(frozen=True)
class Line:
    """name: as shown; color: "#rrggbb"; points: (epoch, value), epochs ascending."""

    name: str
    color: str
    dashed: bool
    points: list[tuple[int, float]]


def curves(
    lines: list[Line],
    *,
    run: str,
    epochs: int,
    strings: dict[str, str],
    key: str,
    small: bool = False,
    percent: bool = False,
) -> None:
    """Draws the lines over epochs 1…`epochs`.

    run: a new name resets the zoom. strings: title, epoch (the axis), reset (the button), alt, note (in place of the
    legend of a small one). small: for a narrow column, without names of lines. percent: values are shares of 1, written
    in percent.
    """
    data = {"series": [asdict(line) for line in lines], "run": run, "epochs": epochs, "strings": strings}
    _mount(data=data | {"height": SMALL if small else HEIGHT, "small": small, "percent": percent}, key=key)

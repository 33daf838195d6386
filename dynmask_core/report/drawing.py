"""What all figures share: transparent, legible on a phone, and a user's own words are never read as HTML tags."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dynmask_core.evaluate.statistics import Paired
from dynmask_core.messages import text

GREY = "#808a9a"
"""Legible on a light and a dark page."""
GRID = "rgba(128, 138, 154, 0.25)"
LONGEST = 24
"""Most characters of a name in a figure."""


def short(name: str, longest: int = LONGEST) -> str:
    """The name; if too long, cut in the middle, because arms can differ at both ends."""
    if len(name) <= longest:
        return name
    tail = (longest - 1) // 2
    return f"{name[: longest - 1 - tail]}…{name[-tail:]}"


def label(name: str, longest: int = LONGEST) -> str:
    """`short`, escaped so that Plotly reads it as text and not as tags."""
    return html.escape(short(name, longest), quote=False)


def folded(name: str, width: int = 11) -> str:
    """`label`, on two lines if longer than `width`, for the ticks of a narrow axis."""
    if len(name) <= width:
        return label(name)
    at = max((i + 1 for i, letter in enumerate(name[:width]) if letter in "+:|" and i > 2), default=width - 1)
    return f"{label(name[:at])}<br>{label(name[at:], width)}"


def wrapped(words: str, lang: str) -> str:
    """The words in small letters and up to three short lines, for the ticks of a narrow axis."""
    lines = textwrap.wrap(words, 8 if lang == "zh" else 14, max_lines=3, placeholder="…")
    return f"<span style='font-size:0.85em'>{'<br>'.join(label(line) for line in lines)}</span>"


def framed(height: int, x: str = "", y: str = "", *, alt: str) -> go.Figure:
    """An empty figure with titled axes. height: in pixels. alt: one sentence for screen readers."""
    figure = go.Figure()
    below = -(60 if x else 34) / (height - 100)
    axis = {"gridcolor": GRID, "zeroline": False, "linecolor": GRID, "automargin": True}
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": below, "yanchor": "top"},
        xaxis={**axis, "title": {"text": x, "font": {"size": 12}, "standoff": 8}},
        yaxis={**axis, "title": {"text": y, "font": {"size": 12}, "standoff": 8}},
        meta={"alt": alt},
    )
    return figure


def alt(figure: go.Figure) -> str:
    """One sentence of plain text that says what a figure shows, for screen readers."""
    return str(figure.layout.meta["alt"])


def empty(lang: str) -> go.Figure:
    """Stands in for a figure while there is nothing to draw."""
    said = text("figure.empty", lang)
    figure = framed(160, alt=said)
    figure.update_layout(xaxis_visible=False, yaxis_visible=False)
    figure.add_annotation(text=said, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure


def jitter(count: int, width: float) -> np.ndarray:
    """float [count] in ±width/2: always the same, neighbours far apart, so that equal values can be counted."""
    return (np.arange(1, count + 1) * 0.618034 % 1 - 0.5) * width


def rows_named(figure: go.Figure, names: Sequence[str], above: float) -> None:
    """Row r is at y = −r; its name (see `label`) is `above` rows higher, because a phone has no room beside it. No grid
    runs through the names."""
    for row, name in enumerate(names):
        figure.add_annotation(
            text=name, x=0, xref="paper", y=-row + above, xanchor="left", showarrow=False, font={"size": 13}
        )
    figure.update_xaxes(showgrid=False, ticks="outside", tickcolor=GRID)
    figure.update_yaxes(
        visible=False, range=[-len(names) + 0.45, above + 0.2], fixedrange=True, title=None, automargin=False
    )


def zero(figure: go.Figure, rows: int, name: str) -> None:
    """A line at x = 0 through the marks of every row, but not through its name; see `rows_named`. name: what 0 is."""
    for row in range(rows):
        figure.add_shape(
            type="line", x0=0, x1=0, y0=-row - 0.36, y1=-row + 0.28, line={"color": GREY, "width": 1.5}, layer="below"
        )
    figure.add_annotation(text=name, x=0, y=1, yref="paper", yanchor="bottom", showarrow=False, font={"size": 11})


def marks(figure: go.Figure, x: Any, y: Any, hover: str | Sequence[str], look: dict[str, Any], **more: Any) -> None:
    """Points without a legend entry. look: options of the markers; more: of the Scatter."""
    figure.add_scatter(
        **{"x": x, "y": y, "mode": "markers", "marker": look, "showlegend": False, "hoverinfo": "text"} | more,
        hovertext=hover,
    )


def pairs_row(
    figure: go.Figure,
    row: int,
    name: str,
    points: Sequence[float] | np.ndarray,
    hover: Sequence[str],
    measured: Paired,
    color: str,
    lang: str,
) -> None:
    """One comparison over seeds: a dot per seed, in points, and the mean with its interval. name: see `label`."""
    dots = {"color": color, "size": 8, "opacity": 0.6}
    marks(figure, points, -row - 0.15 + jitter(len(points), 0.3), hover, dots)
    mean, (low, high) = 100 * measured.mean, (100 * measured.ci95[0], 100 * measured.ci95[1])
    said = f"{name}: {mean:+.2f}<br>{text('figure.interval', lang)}: {low:+.2f} … {high:+.2f}"
    look = {"color": color, "size": 12, "symbol": "diamond"}
    marks(figure, [mean], [-row + 0.15], said, look, error_x=bars([mean], [(low, high)]))


def key(figure: go.Figure, name: str, **look: Any) -> None:
    """A legend entry that explains a shape and belongs to no arm. look: options of the Scatter."""
    figure.add_trace(go.Scatter(x=[None], y=[None], name=name, hoverinfo="skip", **look))


def keys(figure: go.Figure, lang: str, mean: str = "", *, bar: bool = False, pairs: bool = False) -> None:
    """Legend entries for the shapes: a seed, the mean (`mean` is its symbol), its interval bar, the line of a pair."""
    key(figure, text("figure.one_seed", lang), mode="markers", marker={"color": GREY, "size": 8, "opacity": 0.6})
    if mean:
        look = {"color": GREY, "size": 12, "symbol": mean, "line": {"color": GREY, "width": 3 if pairs else 0}}
        key(figure, text("figure.mean_interval" if bar else "figure.mean", lang), mode="markers", marker=look)
    if pairs:
        key(figure, text("figure.pairs", lang), mode="lines", line={"color": GREY, "width": 1})


def bars(means: Sequence[float], intervals: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Error bars from the mean to both ends of an interval, which may be asymmetric."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - mean for mean, (_, high) in zip(means, intervals, strict=True)],
        "arrayminus": [mean - low for mean, (low, _) in zip(means, intervals, strict=True)],
        "thickness": 2,
        "width": 5,
    }

"""A sweep as a map: two settings are the axes, the values are in the cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dynmask_core.messages import text, told
from dynmask_core.report.drawing import GREY, empty, framed, label, short
from dynmask_core.studies.kinds.sweep import QUANTITIES, CellResult, Sweep
from dynmask_core.studies.settings import Value, cell_words, setting_words, shown

LIGHT, DARK = (232, 238, 252), (30, 58, 138)
"""Opaque, so that the numbers keep their contrast on any page."""
LEAST = 5.0
"""The colour scale spans at least this many points, so that noise does not look like a large difference."""
CHOSEN = "#d55e00"

Axes = Sequence[tuple[str, Sequence[Value]]]


def heatmap(sweep: Sweep, quantity: str, lang: str, axes: Axes, fixed: Mapping[str, Value] | None = None) -> go.Figure:
    """The first axis runs down, the second across; `fixed` gives the values of further axes.

    quantity: one of QUANTITIES, shares in percent. A further axis missing in `fixed` has the chosen cell's value. A
    single axis makes one row. The chosen cell is outlined if it is in this slice. A cell without a run says so.
    Points can be selected; their customdata is the names of the cell's runs, by seed.
    """
    if not sweep.cells:
        return empty(lang)
    down, across = axes[0] if len(axes) > 1 else ("", ("",)), axes[1] if len(axes) > 1 else axes[0]
    grid = cut(sweep, axes, fixed)
    found = [cell for row in grid for cell in row if cell is not None]
    values = [worth(cell, quantity) for cell in found]
    low, high = min(values, default=0.0), max(values, default=0.0)
    high = max(high, 1.1 * low if quantity == "seconds" else low + LEAST)
    name = text(f"figure.heatmap.{quantity}", lang)
    best = max(found, key=lambda cell: worth(cell, quantity), default=None)
    most = "–" if best is None else f"{worth(best, quantity):.1f} ({told(cell_words(best.cell), lang)})"
    figure = framed(
        118 + 46 * len(down[1]),
        label(told(setting_words(across[0]), lang), 40),
        label(told(setting_words(down[0]), lang), 40) if len(axes) > 1 else "",
        alt=text("figure.heatmap.alt", lang, quantity=name, told=most, arm=short(sweep.arm)),
    )
    figure.add_heatmap(
        z=[[None if cell is None else worth(cell, quantity) for cell in row] for row in grid],
        x=list(range(len(across[1]))),
        y=list(range(len(down[1]))),
        zmin=low,
        zmax=high,
        colorscale=[[0, f"rgb{LIGHT}"], [1, f"rgb{DARK}"]],
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )
    size = 13 if len(across[1]) <= 6 else 10
    for y, row in enumerate(grid):
        for x, cell in enumerate(row):
            if cell is None:
                figure.add_annotation(
                    x=x, y=y, text=text("figure.missing", lang), font={"size": 10, "color": GREY}, showarrow=False
                )
                continue
            value = worth(cell, quantity)
            dark = high > low and (value - low) / (high - low) > 0.62
            font = {"size": size, "color": "#ffffff" if dark else "#111827"}
            figure.add_annotation(x=x, y=y, text=f"{value:.1f}", font=font, showarrow=False)
    places = [(x, y, cell) for y, row in enumerate(grid) for x, cell in enumerate(row) if cell is not None]
    # Cells of a Plotly heat map cannot be selected; invisible points on top of them can.
    see_through = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[x for x, _, _ in places],
        y=[y for _, y, _ in places],
        mode="markers",
        marker={"symbol": "square", "size": 34, "opacity": 0},
        selected=see_through,
        unselected=see_through,
        customdata=[list(cell.runs) for _, _, cell in places],
        hoverinfo="text",
        hovertext=[_hover(cell, lang) for _, _, cell in places],
        showlegend=False,
    )
    for x, y, cell in places:
        if sweep.choice is not None and cell.cell == sweep.choice.cell.cell:
            box = {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5}
            figure.add_shape(type="rect", **box, line={"color": CHOSEN, "width": 3}, layer="above")
    ticks = {"tickmode": "array", "showgrid": False, "ticks": ""}
    figure.update_layout(
        title={"text": f"{name} · {label(sweep.arm)}", "font": {"size": 13}, "x": 0, "xref": "paper", "y": 0.98},
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        hoverdistance=-1,
        clickmode="event+select",
        xaxis={
            **ticks,
            "tickvals": list(range(len(across[1]))),
            "ticktext": [label(shown(value), 12) for value in across[1]],
            "range": [-0.53, len(across[1]) - 0.47],
        },
        yaxis={
            **ticks,
            "tickvals": list(range(len(down[1]))),
            "ticktext": [label(shown(value), 12) for value in down[1]],
            "range": [len(down[1]) - 0.45, -0.55],
        },
    )
    return figure


def cut(sweep: Sweep, axes: Axes, fixed: Mapping[str, Value] | None = None) -> list[list[CellResult | None]]:
    """The cells of one slice by row and column (see `heatmap`); None where no run is done."""
    known = {frozenset(cell.cell): cell for cell in sweep.cells}
    start = dict((sweep.choice.cell if sweep.choice else sweep.cells[0]).cell) if sweep.cells else {}
    rest = {name: (fixed or {}).get(name, start.get(name, values[0])) for name, values in axes[2:]}
    down: Axes = [axes[0]] if len(axes) > 1 else []
    across = axes[1] if len(axes) > 1 else axes[0]

    def at(*sides: tuple[str, Value]) -> CellResult | None:
        return known.get(frozenset({**dict(sides), **rest}.items()))

    if not down:
        return [[at((across[0], value)) for value in across[1]]]
    return [[at((down[0][0], one), (across[0], other)) for other in across[1]] for one in down[0][1]]


def worth(cell: CellResult, quantity: str) -> float:
    """Shares in percent, seconds as they are."""
    value = float(getattr(cell, quantity))
    return value if quantity == "seconds" else 100 * value


def _hover(cell: CellResult, lang: str) -> str:
    lines = [label(told(cell_words(cell.cell), lang), 60)]
    lines += [f"{text(f'figure.heatmap.{quantity}', lang)}: {worth(cell, quantity):.2f}" for quantity in QUANTITIES]
    return "<br>".join([*lines, text("figure.runs", lang, runs=len(cell.runs))])

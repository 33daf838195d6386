"""Charts: live curves, and Plotly for finished runs."""

from __future__ import annotations

import html
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dynmask_core.colors import arm_color
from dynmask_core.ui.components.curves import Line, curves
from dynmask_core.ui.i18n import t
from dynmask_core.ui.watch.run_view import RunView

SHADES = [[0, "rgba(52, 81, 178, 0.06)"], [1, "rgba(52, 81, 178, 0.9)"]]
"""Transparent at the low end, to suit a light and a dark page."""


def live_curve(view: RunView, metric: str, key: str, *, small: bool = False) -> None:
    """Loss or accuracy of every arm over epochs: validation solid, training dashed.

    metric: "loss" (nats) or "accuracy" (0–1). small: for a narrow column.
    """
    said = view.arm_epochs()
    lines = [
        Line(
            name=f"{arm} · {t(f'chart.{part}')}",
            color=arm_color(index),
            dashed=part == "train",
            points=[(event["epoch"], event[part][metric]) for event in said if event["arm"] == arm],
        )
        for index, arm in enumerate(view.arms)
        for part in ("validation", "train")
    ]
    strings = {name: t(f"chart.{name}") for name in ("epoch", "reset", "note")}
    strings |= {"title": t(f"chart.{metric}"), "alt": t(f"chart.{metric}.alt")}
    curves(lines, run=view.run.name, epochs=view.config.train.epochs, strings=strings, key=key, small=small)


def confusion(counts: list[list[int]], classes: list[str], title: str, key: str) -> Any:
    """A confusion matrix, rows true and columns predicted. Returns what the reader has clicked: points whose y and x
    are the indices of the true and the predicted class."""
    # Plotly reads tags in labels, but class names are the user's text.
    names = [html.escape(name if len(name) <= 14 else name[:13] + "…") for name in classes]
    places = list(range(len(classes)))
    axis = {"tickmode": "array", "tickvals": places, "ticktext": names, "constrain": "domain", "showgrid": False}
    axis |= {"zeroline": False}
    hover = f"{t('score.true')}: %{{y}}<br>{t('score.predicted')}: %{{x}}<br>%{{customdata}}<extra></extra>"
    heatmap = go.Heatmap(
        z=[[value / max(sum(row), 1) for value in row] for row in counts],
        zmin=0,
        zmax=1,
        x=places,
        y=places,
        hoverinfo="skip",
        text=counts if len(classes) <= 12 else None,
        texttemplate="%{text}" if len(classes) <= 12 else None,
        colorscale=SHADES,
        showscale=False,
        xgap=1,
        ygap=1,
    )
    figure = go.Figure(heatmap)
    # Cells of a Plotly heat map cannot be selected; invisible points on top of them can.
    see_through = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=places * len(places),
        y=[place for place in places for _ in places],
        mode="markers",
        marker={"symbol": "square", "size": 30, "opacity": 0},
        selected=see_through,
        unselected=see_through,
        customdata=[count for row in counts for count in row],
        hovertemplate=hover,
        showlegend=False,
    )
    edge = len(classes) - 0.5
    figure.update_layout(
        title={"text": html.escape(title), "font": {"size": 14}},
        height=90 + 34 * max(4, min(len(classes), 14)),
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        dragmode=False,
        clickmode="event+select",
        hoverdistance=-1,
        hovermode="closest",
        xaxis=axis | {"title": t("score.predicted"), "range": [-0.5, edge]},
        yaxis=axis | {"title": t("score.true"), "range": [edge, -0.5]},
    )
    config = {"displaylogo": False}
    return st.plotly_chart(figure, key=key, config=config, on_select="rerun", selection_mode="points")

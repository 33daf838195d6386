"""Charts. Live ones keep their DOM node while data comes in, so that a reader's zoom survives; the rest are Plotly."""

from __future__ import annotations

import html
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dynmask_core.ui.colors import arm_color
from dynmask_core.ui.i18n import t
from dynmask_core.ui.run_view import RunView

CHART_HEIGHT = 240


def live_curve(view: RunView, metric: str, key: str) -> None:
    """Loss or accuracy of every arm over epochs: validation solid, training dashed.

    metric: "loss" (nats) or "accuracy" (0–1).
    """
    series: list[dict[str, Any]] = []
    for index, arm in enumerate(view.arms):
        history = view.arm_epochs(arm)
        for part, dash in (("validation", "solid"), ("train", "dashed")):
            series.append(
                {
                    "name": f"{arm} · {t(f'chart.{part}')}",
                    "type": "line",
                    "data": [[event["epoch"], round(event[part][metric], 4)] for event in history],
                    "color": arm_color(index),
                    "lineStyle": {"type": dash, "width": 2 if part == "validation" else 1.2},
                    "symbol": "circle" if part == "validation" else "none",
                    "symbolSize": 5,
                    "animation": False,
                }
            )
    # No start or end in dataZoom: setOption then leaves the reader's zoom as it is.
    spec = {
        "grid": {"left": 44, "right": 12, "top": 56, "bottom": 34},
        "legend": {"top": 0, "left": 0, "itemHeight": 8, "itemGap": 8, "textStyle": {"fontSize": 11}},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "value",
            "min": 1,
            "max": max(view.config.train.epochs, 2),
            "minInterval": 1,
            "name": t("chart.epoch"),
            "nameLocation": "middle",
            "nameGap": 22,
            "splitLine": {"show": False},
        },
        "yAxis": {"type": "value", "scale": True, "name": "", "splitNumber": 4},
        "dataZoom": [{"type": "inside", "xAxisIndex": 0}, {"type": "inside", "yAxisIndex": 0}],
        "series": series,
    }
    st.markdown(f"**{t(f'chart.{metric}')}**")
    st.echarts_chart(spec, height=CHART_HEIGHT, key=key, alt=t(f"chart.{metric}.alt"))


def confusion(counts: list[list[int]], classes: list[str], title: str, key: str) -> None:
    """A confusion matrix, rows true and columns predicted. For finished runs."""
    # Plotly reads tags in labels; a class name is the reader's text.
    names = [html.escape(name if len(name) <= 14 else name[:13] + "…") for name in classes]
    places = list(range(len(classes)))
    axis = {"tickmode": "array", "tickvals": places, "ticktext": names, "constrain": "domain"}
    hover = f"{t('score.true')}: %{{y}}<br>{t('score.predicted')}: %{{x}}<br>%{{customdata}}<extra></extra>"
    heatmap = go.Heatmap(
        z=[[value / max(sum(row), 1) for value in row] for row in counts],
        zmin=0,
        zmax=1,
        x=places,
        y=places,
        customdata=counts,
        hovertemplate=hover,
        text=counts if len(classes) <= 12 else None,
        texttemplate="%{text}" if len(classes) <= 12 else None,
        colorscale="Blues",
        showscale=False,
        xgap=1,
        ygap=1,
    )
    figure = go.Figure(heatmap)
    figure.update_layout(
        title={"text": title, "font": {"size": 14}},
        height=90 + 34 * max(4, min(len(classes), 14)),
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        dragmode=False,
        xaxis=axis | {"title": t("score.predicted")},
        yaxis=axis | {"title": t("score.true"), "autorange": "reversed"},
    )
    st.plotly_chart(figure, key=key, config={"displaylogo": False})

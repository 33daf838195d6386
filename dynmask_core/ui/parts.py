"""Small shared parts of views."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dynmask_core.colors import BASELINE, OTHERS, on_dark
from dynmask_core.ui.frame import go_to

INK = ("#4a5162", "#c3c8d4")
"""Of what is written in figures, on a light and on a dark page."""


def plot(figure: go.Figure, key: str, **options: Any) -> Any:
    """Draws the figure, in the arms' colours of the reader's theme; options and return value are those of
    st.plotly_chart."""
    camera = {"format": "png", "scale": 2, "filename": f"dynmask-{key}"}
    config = {"displaylogo": False, "toImageButtonOptions": camera}
    return st.plotly_chart(in_theme(figure, dark=st.context.theme.type == "dark"), key=key, config=config, **options)


def in_theme(figure: go.Figure, *, dark: bool) -> go.Figure:
    """The figure as it is drawn on a light or a dark page. Figures are made for a white one."""
    written = figure.to_json()
    for color in (BASELINE, *OTHERS) if dark else ():
        written = written.replace(f'"{color}"', f'"{on_dark(color)}"')
    drawn, ink = go.Figure(json.loads(written)), INK[dark]
    # Streamlit's own grey of figures is too pale to read.
    drawn.update_layout(font_color=ink, legend_font_color=ink)
    drawn.update_xaxes(tickfont_color=ink, title_font_color=ink)
    drawn.update_yaxes(tickfont_color=ink, title_font_color=ink)
    for said in drawn.layout.annotations:
        said.font.color = said.font.color or ink
    return drawn


def choose_known(
    place: Any, label: str, key: str, options: list[Any], say: Callable[[Any], str], help: str | None = None
) -> Any:
    """A select box; the first option if what was chosen before is none of these, for example of another run."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    return place.selectbox(label, options, format_func=say, key=key, help=help)


def number(label: str, form: str = "%.3f", **more: Any) -> Any:
    """A column of numbers."""
    return st.column_config.NumberColumn(label, format=form, **more)


def table(rows: list[dict[str, Any]], config: dict[str, Any], key: str) -> None:
    """config: the column settings, in the order of the rows' keys."""
    with st.container(key=key):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config, placeholder="—")


def open_run(name: str) -> None:
    """Goes to the page that shows one run, epoch by epoch."""
    st.session_state["train_run"] = name
    go_to("train")

"""Small shared parts of views."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dynmask_core.ui.frame import go_to


def plot(figure: go.Figure, key: str, **options: Any) -> Any:
    """Draws the figure; options and return value are those of st.plotly_chart."""
    return st.plotly_chart(figure, key=key, config={"displaylogo": False}, **options)


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

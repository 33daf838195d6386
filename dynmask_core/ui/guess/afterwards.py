"""Whether a model that has guessed words is better for it afterwards: what others measured, and the way to try it."""

from __future__ import annotations

import streamlit as st

from dynmask_core.mlm.published import MEASURED, PUBLISHED
from dynmask_core.recipes import RECIPES
from dynmask_core.ui import arms
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import t
from dynmask_core.ui.parts import number, table

LABELS = 200
"""Of the comparison offered: with many labels, pre-training has little to add."""


def afterwards() -> None:
    """The section: a comparison on labelled text, and the tables."""
    st.subheader(t("mlm.downstream"), anchor=False)
    st.markdown(t("mlm.downstream.what"))
    if st.button(t("mlm.downstream.go"), icon=":material/balance:", key="go_downstream"):
        arms.take(RECIPES["pretraining"].arms)
        st.session_state["kind"], st.session_state["train_rows"] = "compare", LABELS
        go_to("compare")
    _published()


def _published() -> None:
    """What papers and this project measured, so that nobody draws the wrong conclusion from one run."""
    rows = [
        {
            "source": one.source,
            "task": one.task,
            "plain": one.plain,
            "changed": one.changed,
            "what": t(f"published.{one.key}"),
        }
        for one in PUBLISHED
    ]
    config = {
        "source": st.column_config.TextColumn(t("published.source")),
        "task": st.column_config.TextColumn(t("published.task")),
        "plain": number(t("published.plain"), "%.1f"),
        "changed": number(t("published.changed"), "%.1f"),
        "what": st.column_config.TextColumn(t("published.what")),
    }
    st.subheader(t("published.title"), anchor=False)
    table(rows, config, "published")
    ours = [
        {
            "arm": one.refresh or t("measured.nothing"),
            "best": "–" if one.lowest is None else f"{one.lowest:.2f}",
            "last": "–" if one.last is None else f"{one.last:.2f}",
            "accuracy": one.accuracy,
        }
        for one in MEASURED
    ]
    columns = {
        "arm": st.column_config.TextColumn(t("mlm.refresh")),
        "best": st.column_config.TextColumn(t("mlm.best")),
        "last": st.column_config.TextColumn(t("mlm.last")),
        "accuracy": number(t("measured.accuracy"), "%.1f"),
    }
    st.subheader(t("measured.title"), anchor=False)
    table(ours, columns, "measured")
    st.caption(t("measured.caption"))

"""The words whose masks changed most."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dynmask_core.runs import Status
from dynmask_core.ui.i18n import plain, t
from dynmask_core.ui.watch.run_view import MovedWord, RunView

MOVED = 12


def moved_words(view: RunView, status: Status) -> None:
    """For each arm with changing word masks: the words whose mask rose most and fell most."""
    shown = [(arm, view.moved_words(arm, MOVED)) for arm in view.arms if view.has_word_masks(arm)]
    shown = [(arm, words) for arm, words in shown if words]
    st.subheader(t("moved.title"), anchor=False)
    if not shown:
        st.caption(t("moved.none"))
    for arm, words in shown:
        st.caption(plain(t("moved.caption", arm=arm)))
        half = len([word for word in words if word.values[-1] > word.values[0]])
        for column, part, name in zip(st.columns(2), (words[:half], words[half:]), ("rose", "fell"), strict=True):
            with column:
                _word_table(part, name, arm)


def _word_table(words: list[MovedWord], name: str, arm: str) -> None:
    table = pd.DataFrame(
        {
            "word": [word.word for word in words],
            "path": [word.values for word in words],
            "now": [word.values[-1] for word in words],
            "count": [word.count for word in words],
        }
    )
    config = {
        "word": st.column_config.TextColumn(t(f"moved.{name}")),
        "path": st.column_config.LineChartColumn(t("moved.path"), y_min=0, y_max=1),
        "now": st.column_config.NumberColumn(t("moved.now"), format="%.2f", width="small"),
        "count": st.column_config.NumberColumn(t("moved.count"), width="small"),
    }
    with st.container(key=f"moved_{arm}_{name}"):
        st.dataframe(table, hide_index=True, column_config=config, height=250)

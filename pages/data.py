"""Data: choose a sample, or upload or paste labelled text; see what was read and what it can show."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Table
from dynmask_core.data.columns import choose_columns
from dynmask_core.errors import InputError
from dynmask_core.ui import choose, report
from dynmask_core.ui.frame import go_to, require_frame
from dynmask_core.ui.i18n import lang, plain, t

require_frame(__file__)

st.title(t("data.title"))
st.markdown(t("data.what"))
choose.bring_labelled()
name = choose.LABELLED.box()


def read_as(table: Table, config: DataConfig) -> None:
    """Shows which columns of the user's text were chosen; every guess can be changed."""
    columns = table.columns
    now = choose_columns(table, config.text_column, config.label_column, config.split_column).to_json()
    picked: dict[str, str | None] = {}
    for place, role in zip(st.columns(3), ("text", "label", "split"), strict=True):
        options = [None, *columns] if role == "split" or now[role] is None else columns
        with place:
            picked[role] = st.selectbox(
                t(f"data.column.{role}"), options, options.index(now[role]),
                format_func=lambda column: t("data.column.none") if column is None else column,
                key=f"column_{role}_{id(table)}",
            )  # fmt: skip
    if picked != now:
        # An empty name means that there is no split column; None would mean: guess.
        roles = {"text_column": picked["text"], "label_column": picked["label"], "split_column": picked["split"] or ""}
        choose.LABELLED.keep(table, replace(config, **roles))


own = choose.LABELLED.own()
try:
    if name == choose.OWN and own:
        report.how_it_was_read(own.table)
        read_as(own.table, own.config)
    config, dataset, checked = choose.LABELLED.load(name, st.session_state.get("tokenizer", "auto"))
except InputError as error:
    st.error(plain(error.sentence(lang())), icon=":material/error:")
    if own:
        st.dataframe(own.table.frame.head(20))
    st.stop()

if st.button(t("data.train"), type="primary", icon=":material/model_training:", key="go_train"):
    go_to("train")
with st.container(key="report"):
    report.preview(dataset)
    report.account(checked)

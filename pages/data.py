"""Data: choose a sample, or bring labelled text; see what was understood, left out, suspicious, and what is used."""

from __future__ import annotations

import streamlit as st

from dynmask_core.data import Dataset, Report, Table, guess
from dynmask_core.errors import InputError
from dynmask_core.messages import speaking_of
from dynmask_core.ui import choose, report, shown
from dynmask_core.ui.frame import go_to, require_frame
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn import making

require_frame(__file__)

st.title(t("data.title"))
st.markdown(t("data.what"))
choose.ways_in()
with st.container(horizontal=True, vertical_alignment="bottom", key="in_use"):
    name = choose.LABELLED.box()
    go_on = st.empty()
own = choose.LABELLED.own() if name == choose.OWN else None


def train(key: str, *, ready: bool = True) -> None:
    icon = ":material/model_training:"
    if st.button(t("data.train"), type="primary", icon=icon, key=key, disabled=not ready):
        go_to("train")


def unusable(table: Table | None, error: InputError) -> None:
    """The story of a text that cannot be trained on as it is."""
    with go_on:
        train("go_train", ready=False)
    if own is None:  # it came with a lesson, whose author can mend it
        st.error(plain(error.sentence(lang())), icon=":material/error:")
        return
    choose.refused(choose.LABELLED, own, error, table)
    if table is None:
        return
    config = own.reading.config
    taken = guess(table, config.text_column, config.label_column, config.split_column)
    choose.understood(choose.LABELLED, own, table, taken)
    shown.frame(table.frame.head(20))


def usable(table: Table | None, dataset: Dataset, found: Report) -> None:
    """From the file to the rows that will be used."""
    with go_on:
        train("go_train")
    with st.container(key="report"):
        if own is not None and table is not None:
            choose.understood(choose.LABELLED, own, table, found.guess)
            report.left_out(found, table)
        report.doubts(found.warnings, lambda offered, key: choose.remedies(choose.LABELLED, own, offered, key))
        report.rows_used(dataset, found)
        train("go_train_below")


table = None
try:
    with st.spinner(t("data.reading")):
        table = own.table() if own else None
        _, dataset, found = choose.LABELLED.load(name, st.session_state.get("tokenizer", "auto"))
except InputError as error:
    unusable(table, error)
else:
    with speaking_of(dataset.medium):
        usable(table, dataset, found)
making.offer("data")

"""Data: choose a sample, upload or paste labelled text; see what was read and what it can show."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Table, guess_columns, template_csv
from dynmask_core.errors import InputError
from dynmask_core.ui import chosen, report
from dynmask_core.ui.frame import go_to, require_frame
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.intake import read_uploaded, read_written

require_frame(__file__)

st.title(t("data.title"))
st.markdown(t("data.what"))

upload, paste = st.tabs([t("data.upload"), t("data.paste")], key="intake")
with upload:
    file = st.file_uploader(
        t("data.upload.label"), type=["csv", "tsv", "txt", "jsonl", "json", "ndjson", "xlsx"], key="upload",
        max_upload_size=20, help=t("data.upload.help"),
    )  # fmt: skip
    st.download_button(
        t("data.template"), template_csv, "dynmask-template.csv", "text/csv", icon=":material/download:", key="template"
    )
with paste:
    written = st.text_area(t("data.paste.label"), height=140, key="pasted", placeholder=t("data.paste.placeholder"))
    read_it = st.button(t("data.paste.read"), icon=":material/content_paste:", key="read_pasted")

try:
    if file is not None and read_uploaded(file):
        st.rerun()
    if read_it:
        read_written(written)
        st.rerun()
except InputError as error:
    # What was loaded before stays chosen, and is shown below.
    st.error(plain(error.sentence(lang())), icon=":material/error:")

name = chosen.choose()


def read_as(table: Table, config: DataConfig) -> None:
    """How own text was read; every guess can be changed."""
    columns = list(table.frame.columns)
    guess = guess_columns(table)
    now = {"text": config.text_column or guess.text, "label": config.label_column or guess.label}
    now["split"] = guess.split if config.split_column is None else config.split_column or None
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
        # An empty name says that there is no split column; None would ask for a guess.
        roles = {"text_column": picked["text"], "label_column": picked["label"], "split_column": picked["split"] or ""}
        chosen.keep_own_text(table, replace(config, **roles))


own = chosen.own_text()
try:
    if name == chosen.OWN and own:
        report.how_it_was_read(own.table)
        read_as(own.table, own.config)
    config, dataset, checked = chosen.chosen_data(name, st.session_state.get("tokenizer", "auto"))
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

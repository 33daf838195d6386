"""Use the trained models: paste a list or upload a file, see the answers, take them home."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dynmask_core.analysis.marked import Marked, mark
from dynmask_core.analysis.predict import Predictions, lines_of, predict, text_column_of, texts_of
from dynmask_core.analysis.standing import Standing
from dynmask_core.data import Table, read_bytes
from dynmask_core.data.limits import MAX_BYTES
from dynmask_core.data.load import read_lines
from dynmask_core.data.media import TEXT
from dynmask_core.data.readers.class_folders import FILE
from dynmask_core.errors import InputError
from dynmask_core.tasks import task_of
from dynmask_core.ui import shown
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.question.subjects import best
from dynmask_core.ui.watch import columns
from dynmask_core.ui.watch.run_view import RunView

MOST = 200
"""Rows of the table on the page; the file has all."""


def use(view: RunView, stands: Standing) -> None:
    """Draws the section for a run that has a result, which may be early."""
    st.subheader(t("use.title"), anchor=False)
    st.caption(t("use.early", epoch=stands.epoch) if stands.early else t("use.read"))
    try:
        brought = _texts(view)
        if brought is not None:
            texts, files = brought
            with st.spinner(t("use.computing", texts=len(texts))):
                found = _answered(view, texts, files)
                st.session_state["used"] = (view.run.name, found, texts, files)
    except InputError as error:
        st.error(plain(error.sentence(lang())), icon=":material/error:")
        return
    name, found, texts, files = st.session_state.get("used", ("", None, [], []))
    if found is not None and (name, found.epoch, found.early) == (view.run.name, stands.epoch, stands.early):
        _show(view, found, texts, files)


def _answered(view: RunView, texts: list[str], files: list[str]) -> Predictions | Marked:
    if "marks" in task_of(view.config).provides:
        return mark(view.run, texts, opened=best(view.run))
    return predict(view.run, texts, opened=best(view.run), names=files)


def _texts(view: RunView) -> tuple[list[str], list[str]] | None:
    """The samples to answer, and the names of their files or [], just after the reader has asked for it; else None."""
    if view.medium != TEXT:
        return _uploaded(view)  # nobody types a picture
    paste, upload = st.tabs([t("use.paste"), t("use.upload")], key="use_intake")
    with paste:
        pasted = st.text_area(t("use.paste.label"), height=120, key="use_pasted")
        if st.button(t("use.go"), icon=":material/play_arrow:", key="use_paste"):
            return lines_of(pasted), []
    with upload:
        return _uploaded(view)


def _uploaded(view: RunView) -> tuple[list[str], list[str]] | None:
    file = st.file_uploader(t("use.upload.label"), max_upload_size=MAX_BYTES // 2**20, key="use_file")
    if file is not None:
        table = _read(file.getvalue(), file.name)
        names = table.columns
        guess = names.index(text_column_of(view.run, table)[0])
        column = st.selectbox(t("use.column"), names, index=guess, key=f"use_column_{file.file_id}")
        for doubt in table.warnings:
            st.caption(plain(doubt.text(lang())))
        if st.button(t("use.go"), icon=":material/play_arrow:", key="use_upload"):
            return texts_of(table, column), table.cells(FILE) if FILE in names else []
    return None


@st.cache_resource(show_spinner=False, max_entries=4, scope="session")
def _read(data: bytes, name: str) -> Table:
    return read_lines(partial(read_bytes, data, name), name)


def _show(view: RunView, found: Predictions | Marked, samples: list[str], files: list[str]) -> None:
    st.text(t("use.done", rows=len(samples), empty=found.empty))
    arms = list(found.predicted)
    table: dict[str, Any] = {"text": shown.cells(view.reader, samples[:MOST])}
    if files:
        table["file"] = files[:MOST]
    for a, arm in enumerate(arms):
        if isinstance(found, Marked):
            table[f"predicted_{a}"] = found.told(arm)[:MOST]
            continue
        table[f"predicted_{a}"] = found.predicted[arm][:MOST]
        table[f"probability_{a}"] = found.probability[arm][:MOST]
    if view.medium == TEXT:
        table["unknown"] = [", ".join(view.reader.unknown_units(text)) for text in samples[:MOST]]
    with st.container(key="predictions"):
        st.dataframe(
            pd.DataFrame(table), hide_index=True, column_config=columns.of_answers(arms, view.medium),
            height=columns.height(len(table["text"]), 300),
        )  # fmt: skip
    if len(samples) > MOST:
        st.caption(t("use.first", shown=MOST))
    st.download_button(
        t("use.download"), found.csv, "predictions.csv", "text/csv", icon=":material/download:", key="use_download",
        on_click="ignore",
    )  # fmt: skip

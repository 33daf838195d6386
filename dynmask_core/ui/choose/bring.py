"""The user's own text: uploaded or pasted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.data import template_csv
from dynmask_core.data.load import plain_format
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.errors import InputError
from dynmask_core.ui.choose.chooser import CORPUS, LABELLED, Chooser
from dynmask_core.ui.i18n import lang, plain, t

ENCODINGS = ("utf-8", "utf-16", "gb18030", "latin-1")
DELIMITERS = (",", ";", "\t", "|")
MEGABYTES = 20


def bring_labelled() -> None:
    """Takes a file or pasted text with labels; the user can set how a file is read."""
    upload, paste = st.tabs([t("data.upload"), t("data.paste")], key="intake")
    with upload:
        file = st.file_uploader(
            t("data.upload.label"), type=["csv", "tsv", "txt", "jsonl", "json", "ndjson", "xlsx"], key="upload",
            max_upload_size=MEGABYTES, help=t("data.upload.help"),
        )  # fmt: skip
        st.download_button(
            t("data.template"), template_csv, "dynmask-template.csv", "text/csv", icon=":material/download:",
            key="template",
        )  # fmt: skip
    with paste:
        written = st.text_area(t("data.paste.label"), height=140, key="pasted", placeholder=t("data.paste.placeholder"))
        read = st.button(t("data.paste.read"), icon=":material/content_paste:", key="read_pasted")
    _take(LABELLED, file, _how_to_read() if file is not None else {}, written if read else None, {})


def bring_corpus() -> None:
    """A small button to upload or paste text without labels, one text per line."""
    with st.popover(t("mlm.own"), icon=":material/upload_file:", help=t("mlm.own.help"), key="own_corpus_box"):
        types = ["txt", "csv", "tsv", "jsonl", "xlsx"]
        file = st.file_uploader(t("mlm.own.upload"), type=types, max_upload_size=MEGABYTES)
        written = st.text_area(t("mlm.own.paste"), height=140, key="pasted_corpus")
        read = st.button(t("data.paste.read"), icon=":material/content_paste:", key="read_corpus")
        uploaded: ReadOptions = {"format": plain_format(file.name)} if file is not None else {}
        _take(CORPUS, file, uploaded, written if read else None, {"format": "text"})


def _take(chooser: Chooser[Any], file: Any, uploaded: ReadOptions, written: str | None, pasted: ReadOptions) -> None:
    """Keeps new text and redraws the page. If the text cannot be read, shows the error and keeps the old choice.

    uploaded, pasted: options for reading the file and the pasted text.
    """
    try:
        if file is not None and chooser.take_upload(file, **uploaded):
            st.rerun()
        if written is not None:
            chooser.take_paste(written, **pasted)
            st.rerun()
    except InputError as error:
        st.error(plain(error.sentence(lang())), icon=":material/error:")


def _how_to_read() -> ReadOptions:
    left, middle, right = st.columns(3)
    with left:
        encoding = _guess_or("encoding", ENCODINGS)
    with middle:
        delimiter = _guess_or("delimiter", DELIMITERS)
    with right:
        header = _guess_or("header", ("yes", "no"))
    return {"encoding": encoding, "delimiter": delimiter, "has_header": None if header is None else header == "yes"}


def _guess_or(name: str, values: tuple[str, ...]) -> str | None:
    """A select box; left empty it returns None, which means: guess."""
    shown = {"\t": t("data.tab"), "yes": t("data.header.yes"), "no": t("data.header.no")}
    return st.selectbox(
        t(f"data.{name}"), values, index=None, key=name, placeholder=t("data.guess"),
        format_func=lambda value: shown.get(value, value),
    )  # fmt: skip

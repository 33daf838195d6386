"""Text that readers bring: uploads and pastes, read once, kept in the session."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import read_bytes
from dynmask_core.ui import chosen
from dynmask_core.ui.i18n import t

ENCODINGS = ("utf-8", "utf-16", "gb18030", "latin-1")
DELIMITERS = (",", ";", "\t", "|")


def read_uploaded(file: Any) -> bool:
    """Reads an upload and makes it the chosen data; False if it has been read this way before.

    Raises InputError, again at every rerun while the unreadable file lies there, so that the message stays.
    """
    left, middle, right = st.columns(3)
    with left:
        encoding = _guess_or("encoding", ENCODINGS)
    with middle:
        delimiter = _guess_or("delimiter", DELIMITERS)
    with right:
        header = _guess_or("header", ("yes", "no"))
    data = file.getvalue()
    seen = (hashlib.blake2b(data, digest_size=16).hexdigest(), file.name, encoding, delimiter, header)
    if st.session_state.get("upload_seen") == seen:
        return False
    has_header = None if header is None else header == "yes"
    table = read_bytes(data, file.name, encoding=encoding, delimiter=delimiter, has_header=has_header)
    st.session_state["upload_seen"] = seen
    chosen.keep_own_text(table, DataConfig(file.name))
    return True


def read_written(text: str) -> None:
    """The same for pasted text: with a header or not, as in a file. Raises InputError."""
    chosen.keep_own_text(read_bytes(text.encode(), ""), DataConfig(t("data.pasted")))


def _guess_or(name: str, values: tuple[str, ...]) -> str | None:
    """A select box that may be left empty, None, which is to guess."""
    shown = {"\t": t("data.tab"), "yes": t("data.header.yes"), "no": t("data.header.no")}
    return st.selectbox(
        t(f"data.{name}"), values, index=None, key=name, placeholder=t("data.guess"),
        format_func=lambda value: shown.get(value, value),
    )  # fmt: skip

"""Text that readers bring: uploads and pastes, read once, kept in the session."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import read_bytes
from dynmask_core.ui import chosen
from dynmask_core.ui.i18n import t


def read_uploaded(file: Any) -> bool:
    """Reads a new upload and makes it the chosen data. False if it was read before. Raises InputError."""
    encoding = st.selectbox(
        t("data.encoding"), ("auto", "utf-8", "utf-16", "gb18030", "latin-1"), key="encoding",
        format_func=lambda name: t("data.guess") if name == "auto" else name,
    )  # fmt: skip
    delimiter = st.selectbox(
        t("data.delimiter"), ("auto", ",", ";", "\t", "|"), key="delimiter",
        format_func=lambda mark: t("data.guess") if mark == "auto" else {"\t": t("data.tab")}.get(mark, mark),
    )  # fmt: skip
    given = {name: value for name, value in (("encoding", encoding), ("delimiter", delimiter)) if value != "auto"}
    return _read(file.getvalue(), file.name, **given)


def read_written(text: str) -> bool:
    """The same for pasted text: with a header or not, as in a file."""
    return _read(text.encode(), "")


def _read(data: bytes, name: str, encoding: str | None = None, delimiter: str | None = None) -> bool:
    seen = (hashlib.blake2b(data, digest_size=16).hexdigest(), name, encoding, delimiter)
    if st.session_state.get("intake_seen") == seen:
        return False
    # Remembered before reading: a file that cannot be read is not tried again at every rerun of the page.
    table = read_bytes(data, name, encoding=encoding, delimiter=delimiter)
    st.session_state["intake_seen"] = seen
    chosen.keep_own_text(table, DataConfig(name or t("data.pasted")))
    return True

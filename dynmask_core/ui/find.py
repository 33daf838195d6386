"""Finding a mask: the field, what was found, and what to try where nothing was."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dynmask_core.masks.search import LONGEST, search
from dynmask_core.ui import address
from dynmask_core.ui.i18n import helped, plain, t

QUERY = "find"
"""The setting, in session and address."""


def field() -> str:
    """Draws the field; returns what is searched, "" for nothing."""
    address.text(QUERY, "", _read)
    typed = st.text_input(
        t("masks.search"), key=QUERY, placeholder=t("masks.search.placeholder"),
        help=helped("masks.search.help", "picture"),
        max_chars=LONGEST, icon=":material/search:", persist_state="session",
    )  # fmt: skip
    return (typed or "").strip()


def said(query: str, found: Sequence[str], everything: Sequence[str]) -> None:
    """How many were found; if none, what to do. everything: the names to search without family and site."""
    if found:
        st.caption(plain(t("masks.found", query=query, count=len(found))))
        return
    if count := len(search(query, everything)):
        st.info(t("masks.nothing.here", count=count), icon=":material/search_off:")
        st.button(t("masks.search.everywhere"), key="find_everywhere", on_click=_everywhere)
        return
    st.info(t("masks.nothing"), icon=":material/search_off:")
    with st.container(horizontal=True, key="find_instead"):
        for place, words in enumerate(t("masks.suggest").replace("；", ";").split(";")):
            st.button(words.strip(), key=f"find_{place}", on_click=_search, args=(words.strip(),))


def _read(written: str) -> str:
    if len(written) > LONGEST:
        raise ValueError(written)
    return written


def _search(query: str) -> None:
    st.session_state[QUERY] = query
    _everywhere()


def _everywhere() -> None:
    st.session_state["family"] = st.session_state["site"] = ""

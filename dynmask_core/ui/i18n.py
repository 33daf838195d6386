"""The reader's language."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.messages import LANGUAGES, text


def lang() -> str:
    """A key of LANGUAGES: the one chosen, else the browser's, else English."""
    chosen = st.session_state.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    guess = (st.context.locale or "en").split("-")[0].lower()
    return guess if guess in LANGUAGES else "en"


def t(key: str, /, **params: Any) -> str:
    """The catalogue's text in the reader's language."""
    return text(key, lang(), **params)


def language_switch() -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key="language"):
        st.segmented_control(
            "Language / 语言",
            list(LANGUAGES),
            default=lang() if "lang" not in st.session_state else None,
            required=True,
            format_func=LANGUAGES.get,
            key="lang",
            label_visibility="collapsed",
            bind="query-params",
            persist_state="session",
        )


def strategy_name(name: str) -> str:
    """What readers call a strategy: its name and a short gloss."""
    return f"{name} · {t(f'strategy.{name}.short')}"

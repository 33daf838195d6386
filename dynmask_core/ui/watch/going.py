"""From one view of a run to another."""

from __future__ import annotations

import streamlit as st

_NEXT = "view_next"


def go_to_view(name: str) -> None:
    """Shows this view at the next drawing."""
    st.session_state[_NEXT] = name


def on_the_way() -> bool:
    """Whether `go_to_view` has been called since the last drawing."""
    return _NEXT in st.session_state


def arrived() -> str | None:
    """The view to show now, once per `go_to_view`."""
    name: str | None = st.session_state.pop(_NEXT, None)
    return name

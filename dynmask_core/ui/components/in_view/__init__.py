"""Which of the cards that wait for their picture are in sight, so that no others are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dynmask_core.ui.web import component

FIRST = 6
"""So many are taken to be in sight until the browser has told which are."""

_mount = component("in_view")


def in_view(waiting: Sequence[str], key: str) -> list[str]:
    """Of the cards that wait, those that were in sight when the browser told it last.

    Each is in a container with the key `card_NAME`; what waits in it has the class mk-waiting.
    """
    told = getattr(st.session_state.get(key), "names", None)
    if not isinstance(told, list):
        return list(waiting[:FIRST])
    return [name for name in waiting if name in told]


def watch(key: str) -> None:
    """Has the browser tell what `in_view` returns, each time that it has become something else."""
    _mount(data={"prefix": "st-key-card_"}, default={"names": None}, on_names_change=lambda: None, key=key)

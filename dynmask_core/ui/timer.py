"""Parts of a page that draw themselves again by the clock, and the knowledge that they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dynmask_core.ui import troubles

_NOW, _BEFORE = "ticks", "ticked"


def redrawn(every: float | None, draw: Callable[[], Any]) -> None:
    """Draws a part of the page now, and again by the clock, in a place that stays. every: seconds, None for no timer.

    A tick that comes while the page is still on its way to the browser takes what the part has drawn out of that way,
    to draw it anew. Without a place of its own, what follows it on the page would then arrive too early, and
    Streamlit's page breaks ("Bad delta path"). Use this for every timer: `ticks` goes by it.
    """
    if every is not None:
        st.session_state[_NOW] = True

    def drawn() -> None:
        with troubles.told():
            draw()

    with st.container():
        st.fragment(drawn, run_every=every)()


def begin() -> None:
    """A run of the whole page begins: the browser ends the timers of before when it hears of it."""
    if st.session_state.pop(_NOW, False):
        st.session_state[_BEFORE] = True


def end() -> None:
    """That run has come to its end: whatever is still on its way from older timers finds nothing to redraw."""
    st.session_state.pop(_BEFORE, None)


def ticks() -> bool:
    """Whether the browser may still send a tick of this page's timers, or of those before this run of it."""
    return bool(st.session_state.get(_NOW) or st.session_state.get(_BEFORE))

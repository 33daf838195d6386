"""Three hints for a first visit, one after the other in a line of the page; the browser remembers that they were seen.

They stand in the page and cover nothing. The server is told nothing.
"""

from __future__ import annotations

import streamlit as st

from dynmask_core.ui.i18n import lang, t
from dynmask_core.ui.web import component

HINTS = ("start", "drag", "click")
"""On the first page, the first one is "home" instead."""
WORDS = ("title", "next", "done", "skip", "step")

_mount = component("tour")


def tour(first: str = HINTS[0]) -> None:
    """Draws the hints, unless this browser has seen them, or the page stands inside a lesson. first: the first hint."""
    if st.context.is_embedded:
        return
    hints = [t(f"tour.{name}") for name in (first, *HINTS[1:])]
    words = {name: t(f"tour.{name}", **({"number": "{number}"} if name == "step" else {})) for name in WORDS}
    _mount(data={"hints": hints, "words": words, "digest": lang()}, key="tour")

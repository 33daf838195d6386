"""Where a reader goes on: at the beginning of what has just come onto the page."""

from __future__ import annotations

from dynmask_core.ui.web import component

_mount = component("place")


def place(where: str, key: str) -> None:
    """Brings the reader to the heading in the container with that key, each time that `where` becomes another one.

    Streamlit leaves a page scrolled as it was, and the keyboard's focus at the button that was pressed, so who goes on
    would land in the middle of what comes next. Nothing moves when the page is opened.
    """
    _mount(data={"where": where, "key": key}, key="place")

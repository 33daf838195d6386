"""What the whole document owes its readers: its language is declared, and the focus stays where they were."""

from __future__ import annotations

from dynmask_core.ui.web import component

_mount = component("document")


def document(lang: str, *, settle: bool = False) -> None:
    """Declares the language of the document, and keeps the keyboard's focus when what had it is taken away.

    Streamlit declares every page to be English, and drops the focus when a button is disabled or replaced.

    settle: whether the browser asks for another run as soon as it has heard of this one.
    """
    _mount(data={"lang": lang, "settle": settle}, on_settled_change=lambda: None, key="document")

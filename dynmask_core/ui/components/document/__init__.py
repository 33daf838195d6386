"""What the whole document owes its readers: its language is declared, and the focus stays where they were."""

from __future__ import annotations

from dynmask_core.ui.web import component

_mount = component("document")


def document(lang: str) -> None:
    """Declares the language of the document, and keeps the keyboard's focus when what had it is taken away.

    Streamlit declares every page to be English, and drops the focus when a button is disabled or replaced.
    """
    _mount(data={"lang": lang}, key="document")

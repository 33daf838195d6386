"""The link to a lesson that is kept on this server."""

from __future__ import annotations

import streamlit as st

from dynmask_core.learn.kept import KEEP_DAYS
from dynmask_core.ui.i18n import t


def draw(name: str) -> None:
    """Draws the address, to be copied, and says how long it holds."""
    base = str(st.context.url or "").partition("?")[0]
    st.caption(t("learn.link"))
    st.code(f"{base}?lesson={name}", language=None, wrap_lines=True)
    st.caption(t("learn.own.kept", days=KEEP_DAYS))

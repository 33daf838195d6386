"""The link to a lesson that is kept on this server."""

from __future__ import annotations

import streamlit as st

from dynmask_core.learn.kept import KEEP_DAYS, KeptLesson
from dynmask_core.runs import default_root
from dynmask_core.ui.i18n import t
from dynmask_core.ui.visitor import visitor


def draw(name: str) -> None:
    """Draws the address, to be copied, says how long it holds, and lets who brought the lesson delete it."""
    base = str(st.context.url or "").partition("?")[0]
    st.caption(t("learn.link"))
    st.code(f"{base}?lesson={name}", language=None, wrap_lines=True)
    st.caption(t("learn.own.kept", days=KEEP_DAYS))
    kept = KeptLesson.at(default_root() / KeptLesson.SHELF, name)
    if kept is not None and kept.brought_by(visitor()):
        st.button(
            t("learn.own.forget"), icon=":material/delete:", key="forget_own", type="tertiary", on_click=_forget,
            args=(kept,), help=t("learn.own.forget.help"),
        )  # fmt: skip


def _forget(kept: KeptLesson) -> None:
    kept.forget()
    st.toast(t("learn.own.forgotten"), icon=":material/delete:")
    if st.session_state.get("lesson") == kept.name:
        st.session_state["lesson"], st.session_state["step"] = "", 1

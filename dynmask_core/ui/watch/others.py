"""An experiment that has been trained here before: whoever starts it again is led to that run, and told so."""

from __future__ import annotations

import streamlit as st

from dynmask_core.runs import ACTIVE, Run, Status, equal
from dynmask_core.ui.i18n import t
from dynmask_core.ui.watch.transport import act, start_anew
from dynmask_core.ui.workers import LED, looks_on


def told(run: Run, status: Status) -> None:
    """Says that the visitor was led to the run instead of a new one, and offers to train it anew."""
    others, stands = looks_on(run), _stands(status)
    if not others and equal.has_onlookers(run) and status.state in ACTIVE:
        st.caption(t("equal.watched"))
    if not others and (st.session_state.get(LED) != run.name or stands == "halted"):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="equal"):
        st.caption(t(f"equal.{stands}"), width="content")
        if st.button(t("equal.anew"), icon=":material/replay:", type="tertiary", key="train_anew"):
            act(start_anew, run)


def _stands(status: Status) -> str:
    if status.state == "finished":
        return "before"
    if status.state in ("queued", "starting", "training"):
        return "now"
    return "halted"

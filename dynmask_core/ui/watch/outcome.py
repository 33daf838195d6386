"""What came out of a run, in one sentence."""

from __future__ import annotations

import streamlit as st

from dynmask_core.evaluate.verdict import of_run
from dynmask_core.masks import brief
from dynmask_core.messages import told
from dynmask_core.runs import Status
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.watch.going import go_to_view, on_the_way
from dynmask_core.ui.watch.run_view import RunView


def outcome(view: RunView, status: Status) -> None:
    """For a finished run: the accuracies, how sure the difference is, and the way to the scores."""
    result = view.run.result()
    if result is None:
        return
    arms = result["arms"]
    scores = " · ".join(f"{brief(arm['name'])} {arm['test']['accuracy']:.1%}" for arm in arms)
    sure = told(of_run(arms, view.classes)[-1], lang())
    with st.container(key="outcome"):
        said, way = st.columns([5, 1], vertical_alignment="center")
        said.markdown(f"**{plain(scores)}** {plain(sure)}")
        if st.session_state.get("view") != "scores" and not on_the_way():
            way.button(
                t("outcome.scores"),
                icon=":material/leaderboard:",
                key="to_scores",
                on_click=go_to_view,
                args=("scores",),
            )

"""The views of a run that marks units or writes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dynmask_core.runs import Status
from dynmask_core.ui.i18n import t
from dynmask_core.ui.question import take
from dynmask_core.ui.tasks import scores, write
from dynmask_core.ui.watch import sentence, which
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.watch.views import Views, draw_views


def _marks(view: RunView, status: Status) -> None:
    if text := which.choose(view, "task_probe", partial(which.labelled, view)):
        sentence.player(view, text, status, key="task_player")


def _pairs(view: RunView, status: Status) -> None:
    """Only what was recorded: what is typed is written on in the view of writing."""
    known = range(len(view.probes))
    chosen = st.selectbox(
        t("probe.choose"), known, format_func=partial(which.labelled, view), key="task_pair",
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen is not None and chosen in known:
        sentence.player(view, view.probes[chosen].text, status, key="task_player")


VIEWS: dict[str, Views] = {
    "mark": {"watch": (_marks,), "scores": (scores.draw, take.draw)},
    "continue": {"watch": (_pairs,), "write": (write.draw,), "scores": (scores.draw, take.draw)},
}
"""By task."""


def draw(view: RunView, status: Status) -> None:
    """Draws the row of views and the chosen one."""
    draw_views(VIEWS[view.config.task.name], view, status, key=scores.VIEW)

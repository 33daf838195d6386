"""The views of a run: each is a list of sections, one click and one address away."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dynmask_core.masks import brief
from dynmask_core.runs import Status
from dynmask_core.ui import address
from dynmask_core.ui.i18n import plain, t
from dynmask_core.ui.question import act, faithfulness, lens, mine, overlay, take, thresholds, trajectories
from dynmask_core.ui.watch import errors, scores, sentence, use, which
from dynmask_core.ui.watch.going import arrived
from dynmask_core.ui.watch.run_view import RunView

Section = Callable[[RunView, Status], None]
"""Draws its own heading and what stands under it. It is called again every second while the run trains."""


def _watch(view: RunView, status: Status) -> None:
    text = which.choose(view, "probe", lambda index: which.labelled(view, index))
    pick = sentence.player(view, text, status, key="player", opens=True) if text else None
    lens.take(view, text, pick)
    lens.draw(view, text)


def _scores(view: RunView, status: Status) -> None:
    stands = scores.scores(view, status)
    if stands is not None:
        use.use(view, stands)


def _which(view: RunView, status: Status) -> None:
    """Says which models answer: they may answer otherwise than those of the last epoch in the player."""
    if result := view.result:
        told = " · ".join(t("views.best", arm=brief(arm["name"]), epoch=arm["best_epoch"]) for arm in result["arms"])
        st.caption(plain(t("views.asked", models=told)))


VIEWS: dict[str, tuple[Section, ...]] = {
    "watch": (_watch,),
    "words": (trajectories.draw,),
    "ask": (_which, act.draw, thresholds.draw, faithfulness.draw),
    "errors": (errors.errors,),
    "scores": (_scores, take.draw),
    "beside": (overlay.draw,),
}


def choose() -> str:
    """Draws the row of views; returns the one chosen, which is in the address as `view`."""
    known = list(VIEWS)
    if following := arrived():
        st.session_state["view"] = following
    bound = address.choice("view", known, "watch")
    st.segmented_control(
        t("views.title"), known, format_func=lambda name: t(f"views.{name}"), label_visibility="collapsed",
        required=True, **bound,
    )  # fmt: skip
    return str(st.session_state["view"])


def draw(view: RunView, status: Status) -> None:
    """Draws the row of views and, once there is an epoch, the chosen one."""
    mine.remember(view)
    chosen = choose()
    if not view.ready:
        return
    for section in VIEWS[chosen]:
        section(view, status)

"""The page of one run: buttons, progress and curves, and what the run's task adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.messages import speaking_of
from dynmask_core.runs import ACTIVE, Run, Status
from dynmask_core.ui.hiding import hides
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.timer import redrawn
from dynmask_core.ui.watch import others, progress, transport
from dynmask_core.ui.watch.run_view import RunView, view_of

MOST_FAULTS = 3
"""So many damaged files of a run are named."""


@dataclass(frozen=True)
class Parts:
    """What a page adds to the panel.

    experiment: what the settings describe, to be trained; may raise InputError. nothing: draws if there is no run yet.
    show: draws the body; the run may not have recorded an epoch yet. outcome: says what came out of a finished run,
    beside the buttons. controls: draws the settings that act at once, and curves: the small curves, both in the narrow
    column beside the body; on a narrow screen the body's picture comes first, then the controls, the curves last.
    """

    experiment: transport.Experiment
    nothing: Callable[[], None]
    show: Callable[[RunView, Status], None]
    outcome: Callable[[RunView, Status], None]
    curves: Callable[[RunView], None]
    controls: Callable[[RunView, Status], None] | None = None


def panel(run: Run | None, parts: Parts) -> None:
    """Draws the panel; redraws it every second while the run goes on."""
    active = is_active(run)

    def redraw() -> None:
        with st.container(key="run_page"):
            draw()

    def draw() -> None:
        status = run.status() if run else None
        still = hides("transport")
        buttons, state = (None, st.container()) if still else st.columns([5, 6], vertical_alignment="center")
        if buttons is not None:
            with buttons:
                transport.buttons(run, status, parts.experiment)
        if run is None or status is None:
            parts.nothing()
            return
        if not still:
            others.told(run, status)
        running = status.state in ACTIVE
        if running:
            run.renew_lease()
        view = view_of(run, run.name).refresh()
        lost = transport.cannot_go_on(run, status)
        damaged([*view.faults.values(), *([lost] if lost else [])])
        with speaking_of(view.config.input):
            with state:
                if status.state == "finished":
                    parts.outcome(view, status)
                else:
                    progress.progress(view, status, lost=lost is not None)
            body(view, status)
        if running != active:
            st.rerun()  # the run began or ended: start or stop the timer

    def damaged(faults: Sequence[InputError]) -> None:
        for fault in faults[:MOST_FAULTS]:
            st.warning(plain(fault.sentence(lang())), icon=":material/broken_image:")
        if len(faults) > MOST_FAULTS:
            st.caption(t("torn.more", more=len(faults) - MOST_FAULTS))

    def body(view: RunView, status: Status) -> None:
        # What comes first on a narrow screen is said by the keys: see frame.css.
        with st.container(key="run_body"):
            narrow, wide = st.columns([2, 9], gap="medium")
            with narrow:
                if parts.controls is not None:
                    with st.container(key="run_controls"):
                        parts.controls(view, status)
                if view.ready:
                    with st.container(key="run_curves"):
                        parts.curves(view)
            with wide:
                parts.show(view, status)

    redrawn(1.0 if active else None, redraw)


def is_active(run: Run | None) -> bool:
    return run is not None and run.status().state in ACTIVE

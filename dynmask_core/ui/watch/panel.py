"""The page of one run: buttons, progress and curves, and what the run's task adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dynmask_core.runs import ACTIVE, Run, Status
from dynmask_core.ui.i18n import plain
from dynmask_core.ui.watch import progress, transport
from dynmask_core.ui.watch.run_view import RunView, view_of


@dataclass(frozen=True)
class Parts:
    """What a page adds to the panel.

    create: makes a new run from the settings; may raise InputError. describe: one line about a run's settings. nothing:
    draws if there is no run yet. show: draws below the curves; the run may not have recorded an epoch yet.
    """

    create: Callable[[], Run]
    describe: Callable[[Run], str]
    nothing: Callable[[], None]
    show: Callable[[RunView, Status], None]


def panel(run: Run | None, parts: Parts) -> None:
    """Draws the panel; redraws it every second while the run goes on."""
    active = is_active(run)

    @st.fragment(run_every=1.0 if active else None)
    def draw() -> None:
        status = run.status() if run else None
        transport.buttons(run, status, parts.create)
        if run is None or status is None:
            parts.nothing()
            return
        running = status.state in ACTIVE
        if running:
            run.renew_lease()
        view = view_of(run, run.name).refresh()
        st.caption(plain(parts.describe(run)))
        progress.progress(view, status)
        if view.ready:
            progress.curves(view)
        parts.show(view, status)
        if running != active:
            st.rerun()  # the run began or ended: start or stop the timer

    draw()


def is_active(run: Run | None) -> bool:
    return run is not None and run.status().state in ACTIVE


def settings_out_of_sight() -> None:
    """Hides the controls but keeps their values in use: a teacher's link can set them and hide them."""
    st.html("<style>.st-key-settings { display: none }</style>")

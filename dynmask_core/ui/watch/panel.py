"""The page of one run: buttons, progress and curves, and around them what the run's task shows."""

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
    """What a page puts in.

    create: a new run of what the settings say; may raise InputError. describe: one line on a run's settings. nothing:
    drawn where there is no run yet. show: drawn below the curves; the view may not have recorded an epoch yet.
    """

    create: Callable[[], Run]
    describe: Callable[[Run], str]
    nothing: Callable[[], None]
    show: Callable[[RunView, Status], None]


def panel(run: Run | None, parts: Parts) -> None:
    """Redrawn every second while the run goes on."""
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
            st.rerun()  # it began or came to an end: start or stop the timer

    draw()


def is_active(run: Run | None) -> bool:
    return run is not None and run.status().state in ACTIVE


def settings_out_of_sight() -> None:
    """The controls still exist, and their values still count: a teacher's link sets them and puts them out of sight."""
    st.html("<style>.st-key-settings { display: none }</style>")

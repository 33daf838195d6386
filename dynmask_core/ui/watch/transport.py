"""Start, pause, step, stop, reset: what the buttons do to a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.runs import ACTIVE, Run, Status
from dynmask_core.ui import in_class
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.workers import attach, detach, page_of, submit

OBEY = 0.7
"""Seconds to wait for the trainer, which looks for commands several times a second."""


def buttons(run: Run | None, status: Status | None, create: Callable[[], Run]) -> None:
    """Draws the row of buttons. `create` makes a new run from the current settings."""
    state = status.state if status else None
    active = state in ACTIVE
    resumable = state in ("stopped", "interrupted")
    with st.container(horizontal=True, key="transport"):
        if state == "paused":
            _button("resume", ":material/play_arrow:", _resume, run, primary=True)
        elif resumable:
            _button("continue", ":material/play_arrow:", submit, run, primary=True)
        else:
            _button("start", ":material/play_arrow:", _start, create, disabled=active, primary=True)
        _button("pause", ":material/pause:", _command, run, "pause", disabled=state not in ("starting", "training"))
        _button(
            "step",
            ":material/skip_next:",
            _step,
            run,
            status,
            create,
            disabled=state in ("queued", "starting", "training"),
        )
        _button("stop", ":material/stop:", _command, run, "stop", disabled=not active)
        _button("reset", ":material/restart_alt:", _reset, run, disabled=run is None)


def _button(
    name: str, icon: str, action: Callable[..., None], *args: object, disabled: bool = False, primary: bool = False
) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(
        t(f"train.{name}"), icon=icon, key=f"do_{name}", disabled=disabled, type=kind, help=t(f"train.{name}.help")
    ):
        try:
            action(*args)
        except InputError as error:
            st.error(plain(error.sentence(lang())))
            return
        st.rerun()


def _start(create: Callable[[], Run]) -> None:
    run = create()
    submit(run)
    in_class.started(run)
    attach(run)


def _resume(run: Run) -> None:
    """Lets a paused run go on; it may have given its worker back since the page was drawn."""
    if run.status().state in ACTIVE:
        _command(run, "run")
    else:
        submit(run)


def _command(run: Run, action: Literal["run", "pause", "stop"]) -> None:
    """Gives the command and waits a moment for the trainer, so that the page shows the new state at once."""
    before = run.status().state
    run.command(action)
    deadline = time.monotonic() + OBEY
    while run.status().state == before and time.monotonic() < deadline:
        time.sleep(0.05)


def _step(run: Run | None, status: Status | None, create: Callable[[], Run]) -> None:
    """Trains one epoch, then pauses; if no run is open or it has ended, starts a new one."""
    if run is None or status is None or status.state in ("finished", "failed"):
        run = create()
        submit(run)
        in_class.started(run)
        attach(run)
        run.command("run", until=1)
        return
    if run.status().state not in ACTIVE:
        submit(run)
    run.command("run", until=status.epoch + 1)


def _reset(run: Run) -> None:
    if run.status().state in ACTIVE:
        run.command("stop")
    detach(page_of(run))

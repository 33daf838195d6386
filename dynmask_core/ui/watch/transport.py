"""Start, pause, step, stop, reset: what the buttons do to a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

import streamlit as st

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.runs import ACTIVE, Run, Status, equal
from dynmask_core.ui import in_class, troubles
from dynmask_core.ui.i18n import t
from dynmask_core.ui.workers import attach, begin, detach, looks_on, page_of, submit

Experiment = Callable[[], tuple[ExperimentConfig, Dataset]]
"""What the current settings describe. May raise InputError."""
OBEY = 0.7
"""Seconds to wait for the trainer, which looks for commands several times a second."""


def buttons(run: Run | None, status: Status | None, experiment: Experiment) -> None:
    """Draws the row of buttons. Who was led to somebody else's run can only leave it, or start another one."""
    state = status.state if status else None
    active = state in ACTIVE
    others = run is not None and looks_on(run)
    recorded = run is not None and run.recorded
    resumable = state in ("stopped", "interrupted") and not others and not recorded
    lost = run is not None and status is not None and cannot_go_on(run, status) is not None
    unsteppable = ("queued", "starting", "training", "paused") if others else ("queued", "starting", "training")
    with st.container(horizontal=True, key="transport"):
        if state == "paused" and not others:
            _button("resume", ":material/play_arrow:", _resume, run, primary=True)
        elif resumable and lost:
            _button("anew", ":material/replay:", start_anew, run, primary=True)
        elif resumable:
            _button("continue", ":material/play_arrow:", submit, run, primary=True)
        else:
            _button("start", ":material/play_arrow:", _start, experiment, disabled=active, primary=True)
        pausable = state in ("starting", "training") and not others
        _button("pause", ":material/pause:", _command, run, "pause", disabled=not pausable)
        _button(
            "step",
            ":material/skip_next:",
            _step,
            None if others else run,
            status,
            experiment,
            disabled=state in unsteppable or lost,
        )
        _button("stop", ":material/stop:", _command, run, "stop", disabled=not active or others)
        _button("reset", ":material/restart_alt:", _reset, run, disabled=run is None)
    if recorded:
        st.caption(t("train.recorded"))


def cannot_go_on(run: Run, status: Status) -> InputError | None:
    """Why a run that has stopped cannot be resumed, None if it can."""
    if status.state in ("stopped", "interrupted", "failed") and not run.recorded:
        try:
            run.require_checkpoint()
        except InputError as error:
            return error
    return None


def start_anew(run: Run) -> None:
    """Trains the run's experiment once more, from its beginning, for this visitor. Raises InputError."""
    _show(begin(run.config(), run.dataset(), anew=True))


def _button(
    name: str, icon: str, action: Callable[..., None], *args: object, disabled: bool = False, primary: bool = False
) -> None:
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if st.button(
        t(f"train.{name}"), icon=icon, key=f"do_{name}", disabled=disabled, type=kind, help=t(f"train.{name}.help")
    ):
        act(action, *args)


def act(action: Callable[..., None], *args: object) -> None:
    """Does what a button asks for and draws the page again; says why if it cannot be done."""
    with troubles.told():
        action(*args)
        st.rerun()


def _start(experiment: Experiment) -> None:
    _show(begin(*experiment()))


def _show(run: Run) -> None:
    """A run that this visitor has begun, or was led to, is on the page, and on the board of the class."""
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


def _step(run: Run | None, status: Status | None, experiment: Experiment) -> None:
    """Trains one epoch, then pauses; if no run is open or it has ended, starts a new one."""
    if run is None or status is None or status.state in ("finished", "failed") or run.recorded:
        run = begin(*experiment(), anew=True, found=False)  # it waits after an epoch: not for others
        _show(run)
        run.command("run", until=1)
        return
    if run.status().state not in ACTIVE:
        submit(run)
    run.command("run", until=status.epoch + 1)


def _reset(run: Run) -> None:
    """Leaves the run. It ends with that, unless others look at it."""
    if run.status().state in ACTIVE and not equal.has_onlookers(run):
        run.command("stop")
    detach(page_of(run))

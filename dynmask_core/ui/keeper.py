"""What a server does by itself: it sweeps what visitors have left, and tells who runs it how it does."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import streamlit as st
from streamlit.runtime import Runtime

from dynmask_core.errors import kind_of
from dynmask_core.jobs import Queue, state
from dynmask_core.jobs.limits import Limits
from dynmask_core.runs import default_root, files
from dynmask_core.runs.sweep import Swept, sweep
from dynmask_core.ui.clusters import lines

log = logging.getLogger(__name__)
AGAIN = 600.0
"""Seconds between two sweeps."""


@st.cache_resource(show_spinner=False)
def keeper(_line: Queue) -> threading.Thread:
    """The thread, one for a server, which tells of this line. Raises InputError `limit_wrong`."""
    root = default_root()
    with suppress(OSError):  # told by whatever is kept there first
        files.make_folder(root)
    work = threading.Thread(target=_keep, args=(root, _line, Limits.given()), daemon=True, name="keeper")
    work.start()
    return work


def clean(root: Path, limits: Limits) -> Swept:
    """Sweeps once. Runs of a class are spared while there is the class."""
    from dynmask_core.learn import classroom  # not for the first page

    spared = {name for room in classroom.listed(root) for _, name in room.runs()}
    swept = sweep(root, limits.keep_days, limits.keep_gb * 2**30, spared)
    if swept.folders:
        log.info("swept %d runs, %.0f MB", swept.folders, swept.size / 2**20)
    return swept


def _keep(root: Path, line: Queue, limits: Limits) -> None:
    began, last, total, failed = time.time(), float("-inf"), Swept(), ""
    while True:
        try:
            if limits.sweeps and time.monotonic() - last > AGAIN:
                last = time.monotonic()
                swept = clean(root, limits)
                total = replace(swept, folders=total.folders + swept.folders)
            if root.is_dir():
                state.write(root, _state(root, line, began, total))
            failed = ""
        except Exception as error:  # whatever it is, pages go on, and the next try may do
            if failed != (failed := kind_of(error)):  # not the same again every few seconds
                log.warning("keeper: %s", failed)
        time.sleep(state.PACE)


def _state(root: Path, line: Queue, began: float, swept: Swept) -> state.State:
    pid, every = os.getpid(), [line, *lines().queues()]
    return state.State(
        pid=pid,
        since=began,
        at=time.time(),
        sessions=sessions(),
        training=sum(one.training for one in every),
        waiting=sum(one.waiting for one in every),
        memory=state.memory(pid),
        workers=state.memory_of_children(pid),
        free=state.free(root),
        swept=swept.folders,
        kept=swept.kept,
        left=swept.left,
    )


def sessions() -> int | None:
    """Pages that are open now; None if Streamlit does not tell."""
    try:
        return int(Runtime.instance()._session_mgr.num_active_sessions())
    except (AttributeError, RuntimeError):
        return None

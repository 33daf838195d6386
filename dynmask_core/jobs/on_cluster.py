"""What runs on the workers of a Dask cluster."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from dynmask_core.jobs.execute import execute
from dynmask_core.runs import Run
from dynmask_core.runs.parcel import FETCHED, SENT, pack, unpack

HANDED_ON = 60.0
"""Seconds to wait for a worker that has lost the run, and learns of it after its current step."""


def train_in_place(folder: str) -> str:
    """Like `worker.train_run`, on a cluster worker."""
    return execute(Path(folder), abandoned=_taken_away(), patience=HANDED_ON)


def train_in_copy(name: str, parcel: bytes) -> bytes:
    """Trains a packed run in a temporary folder; returns the packed result, also of a failed run."""
    with tempfile.TemporaryDirectory(prefix="dynmask-") as place:
        run = Run(Path(place) / name)
        unpack(run, parcel, SENT)
        try:
            execute(run.path, abandoned=_taken_away())
        except Exception:
            if run.status().state != "failed":
                raise
        return pack(run, FETCHED)


def _taken_away() -> Callable[[], bool]:
    """Returns a function that tells whether the calling task no longer belongs to its worker.

    A task that was cancelled, or whose worker lost the scheduler, continues in its thread, although another worker may
    have it already.
    """
    from distributed import Status, get_worker

    here = get_worker()
    key = here.get_current_task()

    def taken_away() -> bool:
        task = here.state.tasks.get(key)
        leaving = here.status in (Status.closing, Status.closed, Status.failed)
        return leaving or task is None or task.state != "executing"

    return taken_away

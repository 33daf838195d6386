"""Who trains for this server: its own processes, or the Dask cluster that its operator has named."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING

import streamlit as st

from dynmask_core.errors import InputError, kind_of
from dynmask_core.jobs import Queue
from dynmask_core.jobs.limits import Limits

if TYPE_CHECKING:
    from dynmask_core.jobs.cluster import Cluster

log = logging.getLogger(__name__)
AGAIN = 60.0
"""Seconds for which a scheduler that did not answer is not asked again: each attempt takes ten of them."""


def given_scheduler() -> str:
    """The cluster address that the server's operator has set, "" for none."""
    return os.environ.get("DYNMASK_SCHEDULER", "")


class Lines:
    """The queues of clusters, by the address of their scheduler; a connection that is lost is made anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, tuple[Queue, Cluster]] = {}
        self._failed: dict[str, float] = {}

    def line(self, scheduler: str) -> Queue:
        """The queue whose runs train on the cluster. Raises InputError, see `Cluster`."""
        with self._lock:
            return self._line(scheduler)

    def line_or_none(self, scheduler: str) -> Queue | None:
        """None if the cluster cannot be used now; then it is not asked again for `AGAIN` seconds."""
        with self._lock:
            if time.monotonic() < self._failed.get(scheduler, 0.0):
                return None
            try:
                return self._line(scheduler)
            except Exception as error:  # a connection can break in many ways, and the run can be trained here
                log.warning("no cluster: %s", kind_of(error))
                self._failed[scheduler] = time.monotonic() + AGAIN
                return None

    def queues(self) -> list[Queue]:
        """Of all clusters."""
        with self._lock:
            return [line for line, _ in self._lines.values()]

    def _line(self, scheduler: str) -> Queue:
        if scheduler in self._lines and self._lines[scheduler][1].state == "closed":
            line, lost = self._lines.pop(scheduler)
            line.close()
            lost.close()
        if scheduler not in self._lines:
            self._lines[scheduler] = self._connect(scheduler)
        line, cluster = self._lines[scheduler]
        if cluster.state != "running":  # it tries by itself to connect again
            raise InputError("no_cluster", address=scheduler)
        return line

    def _connect(self, scheduler: str) -> tuple[Queue, Cluster]:
        from dynmask_core.jobs.cluster import Cluster

        if not scheduler:
            raise InputError("no_scheduler")
        cluster = Cluster(scheduler)
        given = Limits.given()
        line = Queue(cluster.executor, cluster.slots, most_waiting=given.line, most_of_one=given.visitor_runs)
        return line, cluster


@st.cache_resource(show_spinner=False)
def lines() -> Lines:
    """This server's connections to clusters."""
    return Lines()

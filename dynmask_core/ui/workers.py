"""The server's one queue and one maker of mask pictures, shared by all visitors."""

from __future__ import annotations

import os
from functools import partial

import streamlit as st

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.jobs import Previews, Queue, worker
from dynmask_core.jobs.limits import Limits
from dynmask_core.jobs.queue import local_executor
from dynmask_core.learn.lesson import LESSON_WORD
from dynmask_core.runs import Run, default_root, equal, find_run, sweep
from dynmask_core.ui import carried
from dynmask_core.ui.clusters import given_scheduler, lines
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.visitor import visitor

HERE = "trained_here"
"""In the session: the run that should be on the cluster."""
WITH_CLUSTER = 1e6
"""Seconds, here for: not before they are needed. Each process takes memory, and the cluster has its own."""
LED = "led_to"
"""In the session: the run to which this visitor was led instead of a new one."""


@st.cache_resource(show_spinner=False)
def queue() -> Queue:
    """The queue; it starts its worker processes in the background after a short delay.

    Without the delay, loading torch in them would take the cores away from the first page. They have low priority, so
    that pages answer while they train; $DYNMASK_WORKERS says how many there are.
    """
    quiet, slots = partial(local_executor, worker.start_quietly), int(os.environ.get("DYNMASK_WORKERS", "0"))
    given, after = Limits.given(), WITH_CLUSTER if given_scheduler() else 3.0
    return Queue(quiet, slots or None, after, most_waiting=given.line, most_of_one=given.visitor_runs)


def submit(run: Run) -> None:
    """Adds a run of this visitor to the queue, in which visitors take turns: that of the cluster which the server's
    operator has named, or this server's if there is none, or it does not answer. Raises InputError: see `Queue.submit`,
    and `run_recorded` for one that came with a lesson.
    """
    if run.recorded:
        raise InputError("run_recorded")
    _submit(run, _cluster_line())


def _cluster_line() -> Queue | None:
    """None without a cluster, or if it does not answer, which can take seconds."""
    scheduler = given_scheduler()
    return lines().line_or_none(scheduler) if scheduler else None


def _submit(run: Run, line: Queue | None) -> None:
    run.renew_lease()
    (line or queue()).submit(run, owner=visitor())
    st.session_state[HERE] = run.name if line is None and given_scheduler() else ""


def trained_here(run: Run) -> bool:
    """Whether this visitor's run is trained here because the cluster did not answer."""
    return bool(st.session_state.get(HERE) == run.name)


def begin(config: ExperimentConfig, dataset: Dataset, *, anew: bool = False, found: bool = True) -> Run:
    """Starts a run, or leads to an equal one: see `runs.equal`. Raises InputError, see `Queue.submit`.

    anew: trains although there may be an equal run. found: whether others are led to the new run.
    """
    root, key, line = default_root(), equal.key_of(config, dataset), _cluster_line()
    with equal.LOCK:
        other = equal.find(root, key)
        if other is not None and not anew:
            equal.watch(other, visitor())
            st.session_state[LED] = other.name
            return other
        run = Run.create(root, config, dataset)
        try:
            if Limits.given().sweeps:
                sweep.entrust(run)
            _submit(run, line)
        except (InputError, OSError):
            run.forget()  # nobody would find it, and who is refused may try often
            raise
        equal.enter(run, key if found and other is None else "", visitor())
    st.session_state.pop(LED, None)
    return run


def looks_on(run: Run) -> bool:
    """Whether this visitor was led to the run and may only look at it."""
    return equal.looks_on(run, visitor())


@st.cache_resource(show_spinner=False)
def previews() -> Previews:
    """The maker of pictures; its process starts with the first request."""
    return Previews()


def attached_run(page: str) -> Run | None:
    """The run that this page shows: named in the address, else remembered. Warns about an unknown run and forgets it.

    page: "train" or "mlm"; a run of the other kind opens the other page.
    """
    name = st.query_params.get("run") or st.session_state.get(f"{page}_run")
    if not name:
        return None
    try:
        run = carried.run() if name == LESSON_WORD else find_run(default_root(), name)
        run.config()  # without its settings nothing of it can be shown
        sweep.use(run)
    except InputError as error:
        detach(page)
        st.warning(t("train.no_run") if error.code == "unknown_run" else plain(error.sentence(lang())))
        return None
    attach(run)
    if page_of(run) != page:
        go_to(page_of(run))
    return run


def page_of(run: Run) -> str:
    """The page that shows the run."""
    return run.config().task.page


def attach(run: Run) -> None:
    """Puts the run's name into the address, so that a reload, a second tab or another reader finds it again.

    A run that came with a lesson is found by the lesson, on every server that has it.
    """
    st.session_state[f"{page_of(run)}_run"] = run.name
    name = run.name
    if carried.brought(run):
        carried.hold()
        name = LESSON_WORD
    if st.query_params.get("run") != name:
        st.query_params["run"] = name


def detach(page: str) -> None:
    """Forgets the run that the page shows."""
    st.session_state.pop(f"{page}_run", None)
    st.query_params.pop("run", None)

"""The server's one queue and one maker of mask pictures, shared by all visitors."""

from __future__ import annotations

import secrets

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.jobs import Previews, Queue
from dynmask_core.learn.lesson import LESSON_WORD
from dynmask_core.runs import Run, default_root, find_run
from dynmask_core.ui import carried
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import lang, plain, t


@st.cache_resource(show_spinner=False)
def queue() -> Queue:
    """The queue; it starts its worker processes in the background after a short delay.

    Without the delay, loading torch in them would take the cores away from the first page.
    """
    return Queue(warm_after=3.0)


def submit(run: Run) -> None:
    """Adds a run of this visitor to the queue, in which visitors take turns. Raises InputError: see `Queue.submit`, and
    `run_recorded` for one that came with a lesson."""
    if run.recorded:
        raise InputError("run_recorded")
    run.renew_lease()
    queue().submit(run, owner=st.session_state.setdefault("visitor", secrets.token_hex(8)))


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
    except InputError as error:
        detach(page)
        st.warning(plain(error.sentence(lang())) if name == LESSON_WORD else t("train.no_run"))
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

"""The one queue of this server and the one maker of pictures, shared by all its visitors."""

from __future__ import annotations

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.jobs import Previews, Queue
from dynmask_core.runs import Run, default_root, find_run
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import t


@st.cache_resource(show_spinner=False)
def queue() -> Queue:
    """Starts its worker processes soon, without waiting for them.

    Not at once: loading torch in them would take the cores away from the first page.
    """
    return Queue(warm_after=3.0)


@st.cache_resource(show_spinner=False)
def previews() -> Previews:
    """Its process starts when the first picture is asked for."""
    return Previews()


def attached_run(page: str) -> Run | None:
    """The run this page looks at: named in the address, else remembered. One that is unknown is said to be, and let go.

    page: "train" or "mlm"; a run of the other kind is shown by the other page.
    """
    name = st.query_params.get("run") or st.session_state.get(f"{page}_run")
    if not name:
        return None
    try:
        run = find_run(default_root(), name)
    except InputError:
        detach(page)
        st.warning(t("train.no_run"))
        return None
    attach(run)
    if page_of(run) != page:
        go_to(page_of(run))
    return run


def page_of(run: Run) -> str:
    """The page that shows the run."""
    return run.config().task.command


def attach(run: Run) -> None:
    """Puts the run's name into the address, so that a reload, a second tab or another reader finds it again."""
    st.session_state[f"{page_of(run)}_run"] = run.name
    if st.query_params.get("run") != run.name:
        st.query_params["run"] = run.name


def detach(page: str) -> None:
    """Lets go of the run that the page looks at."""
    st.session_state.pop(f"{page}_run", None)
    st.query_params.pop("run", None)

"""The one queue of this server and the one maker of pictures, shared by all its visitors."""

from __future__ import annotations

import streamlit as st

from dynmask_core.jobs import Previews, Queue
from dynmask_core.runs import Run, default_root, find_run


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


def attached_run() -> Run | None:
    """The run this page looks at: named in the address, else remembered. Raises InputError if unknown."""
    name = st.query_params.get("run") or st.session_state.get("run")
    if not name:
        return None
    run = find_run(default_root(), name)
    attach(run)
    return run


def attach(run: Run) -> None:
    """Puts the run's name into the address, so that a reload, a second tab or another reader finds it again."""
    st.session_state["run"] = run.name
    if st.query_params.get("run") != run.name:
        st.query_params["run"] = run.name


def detach() -> None:
    st.session_state.pop("run", None)
    st.query_params.pop("run", None)

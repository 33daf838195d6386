"""How visitors of this server start and find studies."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dynmask_core.data import Dataset, Report
from dynmask_core.errors import InputError, kind_of
from dynmask_core.jobs import Queue
from dynmask_core.jobs.conduct import conduct
from dynmask_core.jobs.limits import Limits
from dynmask_core.runs import default_root, sweep
from dynmask_core.studies import Study, StudyConfig, find_study, same_study
from dynmask_core.studies.results import Result, results
from dynmask_core.ui.clusters import lines
from dynmask_core.ui.workers import queue

log = logging.getLogger(__name__)
_OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
_OF_PROXIES = ("forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip")
BEGINS = 3.0
"""Seconds to wait for the first sign of life of a started study."""


@dataclass(frozen=True)
class Engine:
    """Who trains: this server's processes (None), or the Dask cluster with this scheduler address ("": missing)."""

    scheduler: str | None = None


def may_type_scheduler() -> bool:
    """True for users on the server's own machine: a stranger must not make the server connect to any address."""
    return st.context.ip_address is None and is_direct(st.context.headers)


def is_direct(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from no proxy: to one on the server's machine, everybody seems to be there.

    headers: of the request, with names in any case. A browser on the machine asks for one of its own names.
    """
    given = {name.casefold(): value for name, value in headers.items()}
    host = re.sub(r":\d+$", "", given.get("host", "localhost")).casefold()
    return host in _OWN_NAMES and not any(name in _OF_PROXIES or name.startswith("x-forwarded") for name in given)


def _queue_of(engine: Engine) -> Queue:
    return queue() if engine.scheduler is None else lines().line(engine.scheduler)


def create(config: StudyConfig, dataset: Dataset, report: Report) -> Study:
    """The existing study with these settings and texts, to continue it, or a new one."""
    root = default_root()
    if (same := same_study(root, config, dataset)) is not None:
        sweep.use(same)
        return same
    study = Study.create(root, config, dataset, report)
    if Limits.given().sweeps:
        sweep.entrust(study)
    return study


def start(study: Study, engine: Engine) -> None:
    """Gives the missing runs to the engine, in a thread that goes on after the visit. Raises InputError."""
    if study.progress().state == "finished":
        return
    line = _queue_of(engine)
    if study.worked_on():
        raise InputError("study_active", name=study.name)

    def work() -> None:
        try:
            conduct(study, line)
        except (InputError, OSError) as error:
            log.warning("study %s: %s", study.name, kind_of(error))
        finally:
            sweep.use(study)  # nobody may have seen its results yet

    threading.Thread(target=work, daemon=True, name=f"study {study.name}").start()
    deadline = time.monotonic() + BEGINS
    while not study.worked_on() and time.monotonic() < deadline:
        time.sleep(0.05)


def attached() -> Study | None:
    """The study that this page shows: named in the address, else remembered. Raises InputError if unknown."""
    name = st.query_params.get("study") or st.session_state.get("study")
    if not name:
        return None
    study = find_study(default_root(), name)
    study.config  # noqa: B018 (without its settings nothing of it can be shown)
    sweep.use(study)
    attach(study)
    return _known(study, study.name)


def attach(study: Study) -> None:
    """Puts the study's name into the address, so that a reload, a second tab or another reader finds it again."""
    st.session_state["study"] = study.name
    if st.query_params.get("study") != study.name:
        st.query_params["study"] = study.name


def detach() -> None:
    st.session_state.pop("study", None)
    st.query_params.pop("study", None)


@st.cache_resource(show_spinner=False, max_entries=16)
def _known(_study: Study, name: str) -> Study:
    """One object per study, because it remembers which of its runs are done."""
    return _study


@st.cache_resource(show_spinner=False, max_entries=8)
def found(_study: Study, name: str, done: int) -> list[Result]:
    """The results of a study's `done` finished runs; read again when `done` changes."""
    return results(_study)

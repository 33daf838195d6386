"""What the lesson that an address names brings along: in it, `data=lesson` is its file, and `run=lesson` its run."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import resolve
from dynmask_core.learn.lesson import LESSON_WORD
from dynmask_core.learn.recorded import name_of, unpacked
from dynmask_core.runs import Run, default_root
from dynmask_core.ui import address
from dynmask_core.ui.i18n import lang
from dynmask_core.ui.watch.run_view import view_of

KEY = "lesson"
"""The parameter that names the lesson; on the page Learn it is the one that is read."""
READ = "lesson_read"
"""In the session: the name of the lesson that is read, alone or in a class."""


def asks(parameters: Mapping[str, str]) -> bool:
    """Whether the parameters of a page speak of a part of the lesson."""
    return LESSON_WORD in (parameters.get("data"), parameters.get("corpus"), parameters.get("run"))


def carrier() -> Bundle | None:
    """The lesson, if it is there and carries something."""
    try:
        bundle = _named()
    except InputError:
        return None
    return bundle if bundle is not None and bundle.parts else None


def run() -> Run:
    """The run that the lesson carries. Raises InputError: `lesson_gone`, `lesson_unknown`, `lesson_carries_no_run`, and
    `lesson_bundle_run` for one that cannot be drawn."""
    bundle = _named()
    if bundle is None:
        raise InputError("lesson_not_named")
    found = unpacked(bundle, default_root())
    if not _can_be_drawn(found, found.name):
        raise InputError("lesson_bundle_run", name=bundle.lesson.run)
    return found


def brought(found: Run) -> bool:
    """Whether it is the run of the lesson that the address names."""
    if not found.recorded:
        return False
    bundle = carrier()
    return bundle is not None and bool(bundle.lesson.run) and name_of(bundle) == found.name


def hold() -> None:
    """Keeps the lesson's name in the address, for reloads and for who gets the link."""
    st.session_state[KEY] = _name()
    address.text(KEY, "", str)


def _named() -> Bundle | None:
    name = _name()
    return resolve(name, lang(), default_root()) if name else None


def _name() -> str:
    """The address comes first: it may be a link to the data of another lesson than the one that was read last."""
    state = st.session_state
    return st.query_params.get(KEY) or state.get(KEY) or state.get("arrived_with", {}).get(KEY, "")


@st.cache_resource(show_spinner=False, max_entries=64)
def _can_be_drawn(_run: Run, name: str) -> bool:
    """Strangers pack runs, and their files can disagree in ways that only drawing finds."""
    try:
        view = view_of(_run, name).refresh()
        for probe in view.probes:
            view.player(probe, running=False)
        return view.ready
    except Exception:
        return False

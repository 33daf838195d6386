"""Who this visitor is in a class, on every page: the address keeps it, so that a reload finds it again.

A participant's address holds `class` and `who`, a teacher's `class` and `desk`. Live panels are frames with sessions of
their own and get theirs the same way.
"""

from __future__ import annotations

import re

import streamlit as st

from dynmask_core.learn import classroom
from dynmask_core.learn.classroom.codes import KEY, WHO, read_code
from dynmask_core.runs import Run, default_root
from dynmask_core.ui import address


def arrive() -> None:
    """Reads the address, and keeps it there on pages that say nothing of a class."""
    address.text("class", "", _code)
    address.text("who", "", lambda written: _fitting(WHO, written))
    address.text("desk", "", lambda written: _fitting(KEY, written))


def code() -> str:
    """Of the class that the address names; "" without one. It may not exist."""
    return str(st.session_state.get("class", ""))


def who() -> str:
    """The participant that the address names; "" for a teacher and for those who have not joined."""
    return str(st.session_state.get("who", ""))


def enter(room: str, *, who: str = "", desk: str = "") -> None:
    """From now on this visitor is in that class, as a participant or as its teacher; in none if `room` is ""."""
    st.session_state["class"], st.session_state["who"], st.session_state["desk"] = room, who, desk


def started(run: Run) -> None:
    """Call it where a run starts: it is on the board of this visitor's class, if there is one."""
    if code() and who():
        classroom.started(default_root(), code(), who(), run.name)


def _code(written: str) -> str:
    """Raises ValueError for what can be no code."""
    if written and not (found := read_code(written)):
        raise ValueError(written)
    return found if written else ""


def _fitting(form: re.Pattern[str], written: str) -> str:
    if written and not form.fullmatch(written):
        raise ValueError(written)
    return written

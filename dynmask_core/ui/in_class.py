"""Who this visitor is in a class, on every page.

On *Learn*, a participant's address holds `class` and `who`, a teacher's `class` and `desk`. Live panels are frames with
sessions of their own and get theirs the same way.
"""

from __future__ import annotations

import re

import streamlit as st

from dynmask_core.learn import classroom
from dynmask_core.learn.classroom.codes import KEY, WHO, read_code
from dynmask_core.runs import Run, default_root
from dynmask_core.ui import address

_OWN = ("class", "who", "desk")
_OF_A_CLASS = ("hide", "large", "class_view", "class_followed", "class_at")
"""In the session: what a class has set."""


def arrive(*, keeps: bool) -> None:
    """Reads the address. keeps: whether it stays there, so that a reload finds it again.

    On pages whose address is passed on it does not: whoever has a teacher's `desk` leads the class, and whoever has a
    `who` answers for that participant.
    """
    address.text("class", "", _code)
    address.text("who", "", lambda written: _fitting(WHO, written))
    address.text("desk", "", lambda written: _fitting(KEY, written))
    if not keeps:
        for name in _OWN:
            st.query_params.pop(name, None)


def code() -> str:
    """Of the class that the address names; "" without one. It may not exist."""
    return str(st.session_state.get("class", ""))


def who() -> str:
    """The participant that the address names; "" for a teacher and for those who have not joined."""
    return str(st.session_state.get("who", ""))


def enter(room: str, *, who: str = "", desk: str = "") -> None:
    """From now on this visitor is in that class, as a participant or as its teacher; in none if `room` is ""."""
    for key in _OF_A_CLASS:
        st.session_state.pop(key, None)
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

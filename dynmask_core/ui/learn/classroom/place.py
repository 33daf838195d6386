"""Where a visitor of the page *Learn* belongs: to a desk, to a seat, to the door of a class, or to none."""

from __future__ import annotations

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.learn import classroom
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import resolve
from dynmask_core.learn.classroom import Room
from dynmask_core.runs import default_root
from dynmask_core.ui import in_class
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn.classroom import desk, door, seat


def drawn() -> bool:
    """Draws what the address says of a class; returns False if it says nothing."""
    if not in_class.code():
        return False
    try:
        room = classroom.find(default_root(), in_class.code())
        _enter(room)
    except InputError as error:
        st.title(t("learn.title"))
        st.error(plain(error.sentence(lang())), icon=":material/group_off:")
        with st.container(horizontal=True):
            if error.code == "class_who":
                st.button(t("class.join"), key="join_anew", type="primary", on_click=_anew)
            if error.code == "class_ended":
                st.button(t("class.alone"), key="go_alone", type="primary", on_click=_alone, args=(room,))
            st.button(t("learn.back"), icon=":material/arrow_back:", key="leave_class", on_click=door.leave)
    return True


def _enter(room: Room) -> None:
    """Raises InputError if this visitor cannot be where the address says."""
    settings = room.settings()
    key = str(st.session_state.get("desk", ""))
    if key:
        if not room.opens(key):
            raise InputError("class_key", code=room.code)
        desk.desk(room, key, _lesson(room))
    elif settings.ended:
        raise InputError("class_ended", code=room.code)
    elif in_class.who():
        seat.seat(room, room.person(in_class.who()), _lesson(room))
    else:
        door.join(room, _lesson(room))


def _lesson(room: Room) -> Bundle:
    """In the reader's language, if there is one. Raises InputError `class_lesson`."""
    settings = room.settings()
    try:
        bundle = resolve(settings.lesson, lang(), default_root())
        steps = len(bundle.lesson.steps)
    except InputError:
        steps = 0
    if steps != settings.steps:
        raise InputError("class_lesson", code=room.code)
    return bundle


def _anew() -> None:
    in_class.enter(in_class.code())


def _alone(room: Room) -> None:
    """Goes on with the lesson without the class."""
    st.session_state["lesson"] = room.settings().lesson
    in_class.enter("")

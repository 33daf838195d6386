"""The door of a class: a code is typed, a seat is taken, a class is started."""

from __future__ import annotations

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.learn import classroom
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.classroom import Person, Room
from dynmask_core.learn.classroom.codes import NICKNAME, spoken
from dynmask_core.learn.classroom.rooms import DAYS
from dynmask_core.runs import default_root
from dynmask_core.ui import in_class
from dynmask_core.ui.i18n import lang, plain, t

_REFUSED = "class_refused"
"""In the session: the InputError of the last try to enter or to start a class."""


def code_field() -> None:
    """Draws a field for the code of a class."""
    with st.form("class_door", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("class.code"), key="class_typed", max_chars=16, placeholder="K7M 4QP", width=220)
        st.form_submit_button(t("class.enter"), key="enter_class", icon=":material/login:", on_click=_enter)
    _told()


def offer(bundle: Bundle) -> None:
    """Draws the button that makes a class of the lesson that is open."""
    st.button(
        t("class.teach"), icon=":material/cast_for_education:", key="teach", help=t("class.teach.help"),
        on_click=_start, args=(st.session_state["lesson"], len(bundle.lesson.steps)),
    )  # fmt: skip


def join(room: Room, bundle: Bundle) -> None:
    """Draws what a participant reads before taking a seat."""
    with st.container(key="class_join"):
        st.title(plain(bundle.lesson.title), anchor=False)
        st.markdown(f"**{t('class.of', code=spoken(room.code))}**")
        with st.form("join_class", border=False):
            st.text_input(t("class.nickname"), key="nickname", max_chars=NICKNAME, help=t("class.nickname.help"))
            st.form_submit_button(t("class.join"), key="do_join", type="primary", on_click=_join, args=(room,))
        _told()
        st.caption(t("class.kept", days=DAYS))


def leave() -> None:
    """Out of the class, back to all lessons."""
    in_class.enter("")
    st.session_state["lesson"], st.session_state["step"] = "", 1


def name_of(person: Person) -> str:
    """The nickname, or `guest 7`; anybody's words: see `plain`."""
    return person.nickname or t("class.guest", number=person.number)


def _told() -> None:
    """Why the last try failed, once."""
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(plain(refused.sentence(lang())), icon=":material/group_off:")


def _enter() -> None:
    try:
        in_class.enter(classroom.find(default_root(), st.session_state["class_typed"]).code)
    except InputError as error:
        st.session_state[_REFUSED] = error


def _join(room: Room) -> None:
    try:
        person = room.join(st.session_state["nickname"])
        st.session_state["step"] = room.settings().open_steps if not room.settings().free else 1
        in_class.enter(room.code, who=person.who)
    except InputError as error:
        st.session_state[_REFUSED] = error


def _start(lesson: str, steps: int) -> None:
    try:
        room, key = classroom.create(default_root(), lesson, lang(), steps)
        in_class.enter(room.code, desk=key)
        st.session_state["lesson"], st.session_state["step"] = "", 1
    except InputError as error:
        st.session_state[_REFUSED] = error

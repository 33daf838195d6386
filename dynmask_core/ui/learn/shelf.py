"""The shelf: ready lessons with their goals, a lesson of the reader's own, and what can be taken along."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import find, ready, resolve
from dynmask_core.learn.kept import KeptLesson, is_kept_name
from dynmask_core.learn.lesson import Lesson
from dynmask_core.learn.limits import BUNDLE_BYTES
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.runs import default_root
from dynmask_core.ui import address
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn import link, making, recall
from dynmask_core.ui.learn.classroom import door
from dynmask_core.ui.visitor import visitor

OPENED = "opened"
"""The key of the menu of the lesson that is read."""
BROUGHT = "brought_lesson"
"""In the session: the name of the lesson that this visitor brought last, once it is kept."""


def opened() -> Bundle | None:
    """The lesson that the address names; None for the shelf, above which is said why a lesson cannot be opened."""
    name = address.text("lesson", "", _known)
    if not name or name == making.KEY:
        return None
    try:
        return resolve(name, lang(), default_root())
    except InputError as error:
        st.error(plain(error.sentence(lang())), icon=":material/link_off:")
        st.session_state["lesson"] = ""
        st.query_params.pop("lesson", None)
        return None


def writing() -> bool:
    """Whether the address names the visitor's draft."""
    return st.session_state.get("lesson") == making.KEY


def close() -> None:
    """Back to the shelf."""
    st.session_state["lesson"], st.session_state["step"] = "", 1


def shelf() -> None:
    """Draws the ready lessons, and a place for one's own."""
    st.query_params.pop("step", None)
    st.title(t("learn.title"))
    st.markdown(t("learn.what"))
    door.code_field()
    with st.grid(min_column_width=320, key="lessons"):
        for one in ready():
            _card(one.name, one.in_language(lang()))
    st.subheader(t("learn.own"), anchor=False)
    st.markdown(t("learn.own.what"))
    if now := making.made():
        label = t("draft.go_on", title=now.draft.title, steps=len(now.draft.steps))
        st.button(plain(label), icon=":material/edit:", key="to_draft", on_click=_open, args=(making.KEY,))
    most = BUNDLE_BYTES // 2**20
    file = st.file_uploader(t("learn.own.file"), type=["md", "zip"], key="lesson_file", max_upload_size=most)
    if file is not None:
        _bring(file)


def _known(name: str) -> str:
    """Raises ValueError for a lesson that there is not. One that was kept and is gone has a sentence of its own."""
    if name == making.KEY:
        if making.made() is None:
            raise ValueError(name)
    elif name and not is_kept_name(name):
        try:
            find(name)
        except InputError as error:
            raise ValueError(name) from error
    return name


def _open(name: str) -> None:
    st.session_state["lesson"] = name
    st.session_state["step"] = 1


def way_to_draft() -> None:
    """For the author of the lesson that is read: a button back to writing."""
    now = making.made()
    if now is not None and now.kept and now.kept == st.session_state.get("lesson"):
        label = t("draft.back")
        st.button(label, icon=":material/edit:", key="back_to_draft", on_click=_open, args=(making.KEY,))


def _card(name: str, lesson: Lesson) -> None:
    with st.container(border=True, key=f"lesson_{name}"):
        st.markdown(f"### {plain(lesson.title)}")
        level = t(f"lesson.{lesson.difficulty}")
        st.caption(t("learn.size", minutes=lesson.minutes, steps=len(lesson.steps), level=level))
        st.markdown("\n".join(f"- {plain(words_of(goal))}" for goal in lesson.goals))
        with st.container(horizontal=True):
            st.button(t("learn.open"), key=f"open_{name}", type="primary", on_click=_open, args=(name,))
            take_along(resolve(name, lang(), default_root()), name)


def take_along(bundle: Bundle, key: str) -> None:
    """A menu of what can be printed or handed on; files are made when they are asked for."""
    lesson = bundle.lesson

    def sheet(*, teacher: bool) -> str:
        from dynmask_core.learn.sheet import sheet

        return sheet(lesson, teacher=teacher)

    def qti() -> bytes:
        from dynmask_core.learn.qti import qti

        return qti(lesson)

    with st.popover(t("learn.take"), icon=":material/download:", key=f"take_{key}"):
        name = st.session_state.get("lesson", "")
        if is_kept_name(name):
            link.draw(name)
        offers: list[tuple[str, str, str, Any]] = [
            ("sheet", ".html", "text/html", lambda: sheet(teacher=False)),
            ("teacher", "_teacher.html", "text/html", lambda: sheet(teacher=True)),
            ("qti", ".qti.zip", "application/zip", qti),
        ]
        if bundle.parts:
            offers.append(("file", ".zip", "application/zip", bundle.to_bytes))
        else:
            offers.append(("file", ".md", "text/markdown", lambda: bundle.source))
        for name, ending, kind, make in offers:
            st.download_button(
                t(f"learn.take.{name}"), make, f"{lesson.id}.{lesson.language}{ending}", kind,
                key=f"{name}_{key}", type="tertiary", on_click="ignore",
            )  # fmt: skip
        if key == OPENED and recall.any_guessed(lesson):
            st.divider()
            told = t("learn.forget.help")
            st.button(
                t("learn.forget"), icon=":material/restart_alt:", type="tertiary", key="forget_guesses", help=told,
                on_click=recall.forget, args=(lesson,),
            )  # fmt: skip


def _bring(file: Any) -> None:
    """Keeps the lesson in an uploaded file, once, and says what it is and who can open it."""
    state = st.session_state
    if state.get("lesson_file_read") != file.file_id:
        state["lesson_file_read"], state["lesson_refused"] = file.file_id, None
        try:
            bundle = Bundle.read(file.getvalue(), file.name)
            state[BROUGHT] = KeptLesson.create(default_root(), bundle, visitor()).name
        except InputError as error:
            state["lesson_refused"] = error
    if refused := state["lesson_refused"]:
        st.error(plain(refused.sentence(lang())), icon=":material/error:")
        return
    try:
        bundle = resolve(state[BROUGHT], lang(), default_root())
    except InputError:
        st.info(t("learn.own.forgotten"), icon=":material/delete:")
        return
    st.success(plain(t("learn.own.read", title=bundle.lesson.title, steps=len(bundle.lesson.steps))))
    link.draw(state[BROUGHT])
    with st.container(horizontal=True):
        st.button(t("learn.open"), key="open_own", type="primary", on_click=_open, args=(state[BROUGHT],))
        st.button(
            t("draft.load"), icon=":material/edit:", key="edit_own", on_click=making.load, args=(bundle,),
            help=t("draft.load.help"),
        )  # fmt: skip
    if (now := making.made()) and now.draft.steps:
        st.caption(plain(t("draft.load.replaces", title=now.draft.title)))

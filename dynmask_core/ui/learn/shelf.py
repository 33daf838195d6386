"""The shelf: ready lessons with their goals, a lesson of the reader's own, and what can be taken along."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import find, ready, source
from dynmask_core.learn.lesson import Lesson
from dynmask_core.learn.limits import BUNDLE_BYTES
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.ui import address
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn.classroom import door

OWN = "own"
"""In the address: the lesson that this visitor brought."""


def opened() -> Bundle | None:
    """The lesson that the address names, None for the shelf."""
    name = address.text("lesson", "", _known)
    if name == OWN:
        brought: Bundle = st.session_state["own_lesson"]
        return brought
    if not name:
        return None
    return _ready(name, find(name).in_language(lang()).language)


@cache
def _ready(name: str, language: str) -> Bundle:
    return Bundle(source(name, language))


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
    most = BUNDLE_BYTES // 2**20
    file = st.file_uploader(t("learn.own.file"), type=["md", "zip"], key="lesson_file", max_upload_size=most)
    if file is not None:
        _bring(file)


def _known(name: str) -> str:
    """Raises ValueError for a lesson that there is not."""
    if name and not (name == OWN and "own_lesson" in st.session_state):
        try:
            find(name)
        except InputError as error:
            raise ValueError(name) from error
    return name


def _open(name: str) -> None:
    st.session_state["lesson"] = name
    st.session_state["step"] = 1


def _card(name: str, lesson: Lesson) -> None:
    with st.container(border=True, key=f"lesson_{name}"):
        st.markdown(f"### {plain(lesson.title)}")
        level = t(f"learn.{lesson.difficulty}")
        st.caption(t("learn.size", minutes=lesson.minutes, steps=len(lesson.steps), level=level))
        for goal in lesson.goals:
            st.markdown(f"- {plain(words_of(goal))}")
        with st.container(horizontal=True):
            st.button(t("learn.open"), key=f"open_{name}", type="primary", on_click=_open, args=(name,))
            take_along(_ready(name, lesson.language), name)


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


def _bring(file: Any) -> None:
    state = st.session_state
    if state.get("lesson_file_read") != file.file_id:
        state["lesson_file_read"], state["own_lesson_refused"] = file.file_id, None
        try:
            state["own_lesson"] = Bundle.read(file.getvalue(), file.name)
        except InputError as error:
            state["own_lesson_refused"] = error
    if refused := state["own_lesson_refused"]:
        st.error(plain(refused.sentence(lang())), icon=":material/error:")
        return
    bundle: Bundle = state["own_lesson"]
    st.success(plain(t("learn.own.read", title=bundle.lesson.title, steps=len(bundle.lesson.steps))))
    if bundle.parts or bundle.lesson.hide:
        st.warning(t("learn.own.unused"), icon=":material/inventory_2:")
    st.button(t("learn.open"), key="open_own", type="primary", on_click=_open, args=(OWN,))

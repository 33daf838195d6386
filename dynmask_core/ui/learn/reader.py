"""A lesson being read: one step at a time, its words beside the page that they talk about."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.lesson import Lesson, Step
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.learn.markup import to_html
from dynmask_core.ui import address
from dynmask_core.ui.i18n import plain, t
from dynmask_core.ui.learn import answers, panel, shelf
from dynmask_core.ui.learn.classroom import door
from dynmask_core.ui.learn.guide import ALONE, Guide

STYLE = Path(__file__).with_name("reader.css")


def read(bundle: Bundle, guide: Guide = ALONE) -> None:
    """Draws the step that the address names."""
    lesson = bundle.lesson
    st.html(STYLE)
    if not guide.head(bundle):
        _head(bundle)
    numbers = list(range(1, guide.opened(lesson) + 1))
    bound = address.choice("step", numbers, 1)
    st.pills(
        t("learn.steps"), numbers, required=True, wrap=True, label_visibility="collapsed",
        format_func=lambda number: _numbered(lesson, number), **bound,
    )  # fmt: skip
    number = int(st.session_state["step"])
    step = lesson.steps[number - 1]
    shown = step.panel is not None and guide.shows_panel
    if step.panel is not None and step.panel.after:
        shown = shown and answers.sees(lesson, number, guide)
    if shown and step.panel is not None:
        with st.container(key="lesson_body"):
            words, page = st.columns([5, 7], gap="medium")
            with words:
                _words(lesson, step, number, guide)
            with page:
                panel.panel(step.panel, lesson, number, guide)
    else:
        with st.container(key="lesson_alone"):
            _words(lesson, step, number, guide)


def _head(bundle: Bundle) -> None:
    lesson = bundle.lesson
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_head"):
        st.button(t("learn.back"), icon=":material/arrow_back:", type="tertiary", key="to_shelf", on_click=shelf.close)
        st.title(plain(lesson.title), anchor=False)
        st.toggle(t("learn.teacher"), key="teacher", help=t("learn.teacher.help"), persist_state="session")
        shelf.take_along(bundle, "opened")
        door.offer(bundle)


def _numbered(lesson: Lesson, number: int) -> str:
    mark = " ✓" if answers.guessed(lesson, number) and lesson.steps[number - 1].predict else ""
    return f"{number}{mark}"


def _words(lesson: Lesson, step: Step, number: int, guide: Guide) -> None:
    if number == 1:
        if lesson.intro:
            st.html(_prose(lesson.intro))
        _note(lesson.note)
    st.header(plain(words_of(step.title)), anchor=False)
    st.html(_prose(step.before))
    if answers.predict(lesson, step, number, guide):
        if step.reveal:
            st.html(_prose(step.reveal))
        answers.explain(lesson, step, number)
        _note(step.note)
    _onwards(lesson, number, guide)


def _prose(markdown: str) -> str:
    return f'<div class="lesson-prose">{to_html(markdown)}</div>'


def _note(note: str) -> None:
    if note and st.session_state.get("teacher"):
        with st.container(border=True):
            st.caption(t("learn.note"))
            st.html(_prose(note))


def _onwards(lesson: Lesson, number: int, guide: Guide) -> None:
    def go(to: int) -> None:
        st.session_state["step"] = to

    with st.container(horizontal=True, key="onwards"):
        st.button(t("learn.previous"), key="previous", disabled=number == 1, on_click=go, args=(number - 1,))
        if number == guide.opened(lesson) and guide.end(lesson):
            return
        if number < len(lesson.steps):
            st.button(t("learn.next"), key="next", type="primary", on_click=go, args=(number + 1,))
        else:
            st.button(t("learn.end"), key="end", type="primary", on_click=shelf.close)

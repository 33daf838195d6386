"""A lesson being read: one step at a time, its words beside the page that they talk about."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import streamlit as st

from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.lesson import Lesson, Step
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.learn.markup import to_html
from dynmask_core.ui import address, carried
from dynmask_core.ui.components.place import place
from dynmask_core.ui.i18n import plain, t
from dynmask_core.ui.learn import answers, panel, recall, shelf
from dynmask_core.ui.learn.classroom import door
from dynmask_core.ui.learn.guide import ALONE, Guide

STYLE = Path(__file__).with_name("reader.css")
STEP, REVEAL = "step_title", "reveal_title"
"""Keys of the containers with the headings at which one goes on reading."""


def read(bundle: Bundle, guide: Guide = ALONE) -> None:
    """Draws the step that the address names."""
    lesson = bundle.lesson
    st.session_state[carried.READ] = bundle.name
    st.html(STYLE)
    if guide is ALONE:
        recall.recall(lesson)
    if not guide.head(bundle):
        _head(bundle)
    number = _which(lesson, guide)
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
    revealed = bool(step.predict) and answers.sees(lesson, number, guide)
    place(f"{lesson.id} {number} {revealed}", REVEAL if revealed and step.reveal else STEP)


def _head(bundle: Bundle) -> None:
    lesson = bundle.lesson
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_head"):
        st.button(t("learn.back"), icon=":material/arrow_back:", type="tertiary", key="to_shelf", on_click=shelf.close)
        st.title(plain(lesson.title), anchor=False)
        st.toggle(t("learn.teacher"), key="teacher", help=t("learn.teacher.help"), persist_state="session")
        shelf.take_along(bundle, shelf.OPENED)
        door.offer(bundle)
        shelf.way_to_draft()


def place_in(lesson: Lesson, guide: Guide) -> dict[str, Any]:
    """Reads from the address which of the open steps is read; returns what binds a widget to it. Call it without a
    widget where something else is shown for a while, so that the address keeps the step."""
    return address.choice("step", list(range(1, guide.opened(lesson) + 1)), 1)


def _which(lesson: Lesson, guide: Guide) -> int:
    """Draws the choice of an open step; returns its number."""
    numbers, steps = list(range(1, guide.opened(lesson) + 1)), len(lesson.steps)
    bound = place_in(lesson, guide)
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_steps"):
        st.selectbox(
            t("learn.steps"), numbers, label_visibility="collapsed", filter_mode=None, width=420,
            # The names must stay as they are while one of them is chosen: Streamlit finds the step by its name.
            format_func=lambda number: f"{number} · {words_of(lesson.steps[number - 1].title)}", **bound,
        )  # fmt: skip
        number = int(st.session_state["step"])
        minutes = max(5, 5 * round(lesson.minutes * (steps - number + 1) / steps / 5))
        if guide.looks_on or not any(step.predict for step in lesson.steps):
            st.caption(t("learn.left.time", steps=steps, minutes=minutes))
        else:
            done = sum(answers.answered(lesson, one) for one in numbers)
            st.caption(t("learn.left", steps=steps, done=done, minutes=minutes))
    return number


def _words(lesson: Lesson, step: Step, number: int, guide: Guide) -> None:
    if number == 1:
        if lesson.intro:
            st.html(prose(lesson.intro))
        if guide.notes:
            _note(lesson.note, "lesson")
    with st.container(key=STEP):
        st.header(plain(words_of(step.title)), anchor=False)
    st.html(prose(step.before))
    # On a narrow screen the page stands where the lesson's file has it: before the guess, or after what is revealed.
    follows = step.panel is not None and step.panel.after
    with st.container(key="guess_then_page" if follows else "page_then_guess"):
        open_ = answers.predict(lesson, step, number, guide)
        if open_ and step.reveal:
            with st.container(key=REVEAL):
                st.subheader(t("learn.reveal"), anchor=False)
            st.html(prose(step.reveal))
    if open_:
        with st.container(key="step_explain"):
            answers.explain(lesson, step, number)
            if guide.notes:
                _note(step.note, "step")
    _onwards(lesson, number, guide)


def prose(markdown: str) -> str:
    """A lesson's own Markdown as the page shows it."""
    return f'<div class="lesson-prose">{to_html(markdown)}</div>'


def _note(note: str, place_of: str) -> None:
    if note and st.session_state.get("teacher"):
        with st.container(border=True, key=f"note_{place_of}"):
            st.caption(f":material/school: {t('learn.note')}")
            st.html(prose(note))


def _onwards(lesson: Lesson, number: int, guide: Guide) -> None:
    def go(to: int) -> None:
        st.session_state["step"] = to

    with st.container(horizontal=True, vertical_alignment="center", key="onwards"):
        st.button(t("learn.previous"), key="previous", disabled=number == 1, on_click=go, args=(number - 1,))
        if number == guide.opened(lesson) and guide.end(lesson):
            return
        # Before the guess, guessing is what to do next.
        kind: Literal["primary", "secondary"] = "primary" if answers.guessed(lesson, number) else "secondary"
        if number < len(lesson.steps):
            st.button(t("learn.next"), key="next", type=kind, on_click=go, args=(number + 1,))
        else:
            st.button(t("learn.end"), key="end", type=kind, on_click=shelf.close)

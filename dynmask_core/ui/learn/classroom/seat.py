"""A participant's seat: the lesson as the class is led through it, in large type and with few controls."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.classroom import Person, Room, Settings
from dynmask_core.learn.classroom.codes import spoken
from dynmask_core.learn.classroom.guesses import fitting
from dynmask_core.learn.classroom.settings import PANEL
from dynmask_core.learn.lesson import Lesson, Step
from dynmask_core.ui import address, frame
from dynmask_core.ui.i18n import plain, t
from dynmask_core.ui.learn import answers, reader, recall
from dynmask_core.ui.learn.classroom import board_view, door, predictions
from dynmask_core.ui.learn.guide import Guide
from dynmask_core.ui.timer import redrawn

STYLE = Path(__file__).with_name("class.css")
LOOK = 2.0
"""Seconds after which a page looks whether the teacher has changed something."""


class Led(Guide):
    """What desk and seat share: the settings of a class."""

    why = "class.predict.why"
    notes = False

    def __init__(self, room: Room, settings: Settings) -> None:
        self.room, self.settings, self.large = room, settings, settings.large

    def reveals(self, number: int) -> bool:
        return self.settings.reveals(number)

    def predictions(self, number: int, step: Step) -> None:
        predictions.of_step(self.room, number, step, marks=True)


class Seat(Led):
    """A participant reads."""

    def __init__(self, room: Room, settings: Settings, person: Person) -> None:
        super().__init__(room, settings)
        self.participant = person
        self.shows_panel = PANEL not in settings.hidden
        self.hidden = tuple(name for name in settings.hidden if name != PANEL)
        self.person = {"class": room.code, "who": person.who}

    def opened(self, lesson: Lesson) -> int:
        return self.settings.open_steps

    def guessed(self, number: int, step: Step, given: Sequence[Any]) -> InputError | None:
        try:
            self.room.guess(self.participant.who, number, step, given)
        except InputError as error:
            return error
        return None

    def waiting(self, number: int, step: Step) -> None:
        st.info(t("class.wait_reveal"), icon=":material/hourglass_empty:")

    def head(self, bundle: Bundle) -> bool:
        """The title, who this is, and the way out."""
        with st.container(horizontal=True, vertical_alignment="center", key="lesson_head"):
            st.title(plain(bundle.lesson.title), anchor=False)
            st.caption(plain(t("class.you", code=spoken(self.room.code), name=door.name_of(self.participant))))
            st.button(
                t("class.leave"), icon=":material/logout:", type="tertiary", key="leave_class", on_click=door.leave
            )
        return True

    def end(self, lesson: Lesson) -> bool:
        st.caption(t("class.last_step" if self.settings.open_steps == len(lesson.steps) else "class.wait_step"))
        return True


def styled(settings: Settings) -> None:
    """The looks of a class."""
    st.html(STYLE)
    if settings.large:
        st.html(frame.LARGE_STYLE)


def seat(room: Room, person: Person, bundle: Bundle) -> None:
    """Draws the page of a participant. Raises InputError `class_damaged`."""
    seen = room.version()
    settings = room.settings()
    styled(settings)
    _follow(settings)
    _restore(room, person, bundle.lesson)
    if settings.board and _view() == "board":
        reader.place_in(bundle.lesson, Seat(room, settings, person))
        st.title(plain(bundle.lesson.title), anchor=False)
        board_view.board(room, settings)
    else:
        reader.read(bundle, Seat(room, settings, person))
        _note_step(room, person)
    watch(room, seen)


def watch(room: Room, seen: Any) -> None:
    """Draws the page again once the teacher has changed something. seen: `Room.version` as it is drawn now."""

    def look() -> None:
        if room.version() != seen:
            st.rerun()

    with st.container(key="class_watch"):
        redrawn(LOOK, look)


def _view() -> str:
    """The participant's choice between lesson and board."""
    st.segmented_control(
        t("class.view"), ["lesson", "board"], format_func=lambda name: t(f"class.view.{name}"), required=True,
        label_visibility="collapsed", wrap=True, **address.choice("class_view", ["lesson", "board"], "lesson"),
    )  # fmt: skip
    return str(st.session_state["class_view"])


def _follow(settings: Settings) -> None:
    """Goes to the step that the teacher has opened since this page was drawn last."""
    state, now = st.session_state, settings.opened
    before = state.get("class_followed")
    if settings.free:
        pass
    elif before is None:
        if not any("step" in known for known in (state, st.query_params, state.get("arrived_with", {}))):
            state["step"] = now
    elif before != now:
        state["step"], state["class_view"] = now, "lesson"
    if state.get("step", 1) > settings.open_steps:
        state["step"] = settings.open_steps
    state["class_followed"] = now


def _restore(room: Room, person: Person, lesson: Lesson) -> None:
    """Takes over, once a visit, what this participant has guessed before a reload. The class knows it; of texts only
    whether they were right. What was guessed alone does not count here."""
    if st.session_state.get("class_restored") == (room.code, person.who):
        return
    st.session_state["class_restored"] = room.code, person.who
    recall.set_aside(lesson)
    for given in room.guesses():
        if given.who == person.who and given.step <= len(lesson.steps):
            asked = lesson.steps[given.step - 1].predict
            if len(asked) == len(given.answers):
                found = [fitting(question, answer) for question, answer in zip(asked, given.answers, strict=True)]
                answers.restore(lesson, given.step, found)


def _note_step(room: Room, person: Person) -> None:
    """The class sees at which step how many are."""
    number = int(st.session_state["step"])
    if st.session_state.get("class_at") != (room.code, number):
        # A moment of crowding must not spoil the lesson: the next step is noted again.
        with suppress(InputError):
            room.at(person.who, number)
            st.session_state["class_at"] = (room.code, number)

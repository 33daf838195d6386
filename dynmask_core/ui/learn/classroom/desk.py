"""The teacher's desk: the code in large type, the next step, what the class guesses and trains."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.classroom import Room, Settings, table
from dynmask_core.learn.classroom.codes import spoken
from dynmask_core.learn.lesson import Lesson, Step
from dynmask_core.ui import address
from dynmask_core.ui.i18n import plain, t
from dynmask_core.ui.learn import reader
from dynmask_core.ui.learn.classroom import board_view, controls, door, invitation, predictions
from dynmask_core.ui.learn.classroom.seat import LOOK, Led, styled
from dynmask_core.ui.parts import plot
from dynmask_core.ui.timer import redrawn

VIEWS = ("desk", "lesson", "board")


class Desk(Led):
    """The lesson as it is projected: the class answers, and the reveal comes when the teacher opens it."""

    looks_on = True

    def waiting(self, number: int, step: Step) -> None:
        def count() -> None:
            guessed = sum(one.step == number for one in self.room.guesses())
            st.info(t("class.guessing", count=guessed, people=len(self.room.people())), icon=":material/how_to_vote:")

        redrawn(LOOK, count)

    def head(self, bundle: Bundle) -> bool:
        return True  # the desk has drawn it

    def end(self, lesson: Lesson) -> bool:
        return True  # the bar above leads on


def desk(room: Room, key: str, bundle: Bundle) -> None:
    """Draws the desk. Raises InputError `class_damaged`."""
    seen = room.version()
    settings, lesson = room.settings(), bundle.lesson
    styled(settings)
    st.title(plain(lesson.title), anchor=False)
    _bar(room, settings, lesson, seen)
    st.segmented_control(
        t("class.view"), VIEWS, format_func=lambda name: t(f"class.view.{name}"), required=True,
        label_visibility="collapsed", wrap=True, **address.choice("class_view", VIEWS, "desk"),
    )  # fmt: skip
    view = st.session_state["class_view"]
    guide = Desk(room, settings)
    if view == "lesson":
        reader.read(bundle, guide)
        return
    reader.place_in(lesson, guide)
    if view == "board":
        board_view.board(room, settings)
    else:
        left, right = st.columns([5, 6], gap="large")
        with left:
            _way_in(room, key)
            controls.controls(room, settings)
            _take_home(room, lesson)
        with right:
            _notes(lesson, settings.opened)
            _pulse(room, settings, lesson)


def _bar(room: Room, settings: Settings, lesson: Lesson, seen: Any) -> None:
    """The code, who is here, and the one button that leads on; it looks for what has changed."""

    def draw() -> None:
        if room.version() != seen:
            st.rerun()
        number = settings.opened
        guessed = sum(one.step == number for one in room.guesses())
        with st.container(horizontal=True, vertical_alignment="center", key="class_bar"):
            st.html(f'<div class="class-code-small">{escape(spoken(room.code))}</div>')
            st.markdown(t("class.here", people=len(room.people())))
            if not settings.free and lesson.steps[number - 1].predict:
                st.markdown(t("class.guessed", count=guessed, step=number))
            _next(room, settings, lesson)

    redrawn(LOOK, draw)


def _next(room: Room, settings: Settings, lesson: Lesson) -> None:
    if settings.ended:
        st.markdown(t("class.over"))
        return
    if settings.free:
        st.markdown(t("class.free_now"))
        return
    to = settings.onwards(asks=bool(lesson.steps[settings.opened - 1].predict))
    if to is None:
        st.markdown(t("class.all_open"))
        return
    words = t("class.reveal", step=to.opened) if to.revealed else t("class.open_next", step=to.opened)
    st.button(words, icon=":material/arrow_forward:", type="primary", key="class_next", on_click=_go, args=(room, to))


def _go(room: Room, to: Settings) -> None:
    # What was on the button, so that a second press in haste does not open one step more.
    controls.change(room, opened=to.opened, revealed=to.revealed)
    st.session_state["step"] = to.opened


def _way_in(room: Room, key: str) -> None:
    invitation.invitation(room)
    with st.container(horizontal=True):
        with st.popover(t("class.own_link"), icon=":material/key:", key="class_own_link"):
            st.markdown(t("class.own_link.what"))
            st.code(f"{invitation.base()}?class={room.code}&desk={key}", language=None, wrap_lines=True)
        st.button(t("class.leave"), icon=":material/logout:", type="tertiary", key="leave_class", on_click=door.leave)


def _take_home(room: Room, lesson: Lesson) -> None:
    made: list[tuple[str, Callable[[], bytes]]] = [
        ("answers", lambda: table.to_csv(table.ANSWERS, table.answers(room, lesson))),
        ("board", lambda: table.to_csv(table.BOARD, table.dots(room))),
    ]
    with st.container(horizontal=True):
        for name, make in made:
            st.download_button(
                t(f"class.csv.{name}"), make, f"class_{room.code}_{name}.csv", "text/csv", key=f"csv_{name}",
                icon=":material/download:", on_click="ignore", help=t(f"class.csv.{name}.help"),
            )  # fmt: skip


def _notes(lesson: Lesson, number: int) -> None:
    """The teacher's notes on the step that was opened last, folded: the screen may be projected."""
    notes = [lesson.note] if number == 1 else []
    notes = [note for note in (*notes, lesson.steps[number - 1].note) if note]
    if notes:
        st.html(reader.STYLE)
        with st.expander(t("class.notes", step=number), icon=":material/school:", key="class_notes"):
            for note in notes:
                st.html(reader.prose(note))


def _pulse(room: Room, settings: Settings, lesson: Lesson) -> None:
    """What the class does now: its guesses, and who is where."""
    asking = [number for number, step in enumerate(lesson.steps, 1) if step.predict]
    if asking:
        if st.session_state.get("class_asked_at") != settings.opened and settings.opened in asking:
            st.session_state["class_step"] = settings.opened
        st.session_state["class_asked_at"] = settings.opened
        if st.session_state.get("class_step") not in asking:
            st.session_state["class_step"] = asking[0]
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(t("class.of_step"), asking, key="class_step", width=160)
            st.toggle(t("class.mark"), key="class_mark", help=t("class.mark.help"))
        number = int(st.session_state["class_step"])
        marks = (settings.reveals(number) and not settings.free) or bool(st.session_state["class_mark"])
        predictions.of_step(room, number, lesson.steps[number - 1], marks=marks)

    def where() -> None:
        st.markdown(f"**{t('class.where')}**")
        plot(board_view.steps(room, settings), "class_steps")

    redrawn(LOOK, where)

"""Learn: a lesson asks before it shows, keeps the guess, and leads into the real pages and back."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dynmask_core.learn.catalogue import find, ready
from dynmask_core.learn.lesson import Lesson, Question
from dynmask_core.messages import LANGUAGES, text

Visit = Callable[..., AppTest]
FIRST = "what-is-a-mask"


def lesson(lang: str = "en") -> Lesson:
    return find(FIRST).in_language(lang)


def prose(app: AppTest) -> str:
    """All words of the lesson that are shown."""
    return html.unescape(re.sub("<[^>]+>", "", " ".join(element.proto.body for element in app.get("html"))))


def opening(markdown: str) -> str:
    """The first words of a text, without marks."""
    return re.split(r"[*`|]", markdown)[0].replace("\n", " ").strip()[:40]


def answer(app: AppTest, question: Question, key: str, *, right: bool = True) -> None:
    """Answers one question on the page."""
    if question.kind == "choice":
        wrong = next(place for place in range(len(question.choices)) if place not in question.right)
        app.radio(key=key).set_value(question.right[0] if right else wrong)
    elif question.kind == "several":
        for place in range(len(question.choices)):
            app.checkbox(key=f"{key}_{place}").set_value((place in question.right) == right)
    elif question.kind == "number":
        app.number_input(key=key).set_value((question.low + question.high) / 2 if right else question.high + 1)
    else:
        app.text_input(key=key).set_value(question.answers[0] if right else "?")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_shelf_shows_every_lesson_in_the_readers_language(lang: str, visit: Visit) -> None:
    app = visit(f"/learn?lang={lang}")
    assert not app.exception
    for one in ready():
        assert app.button(key=f"open_{one.name}")
        titles = [element.value.replace("\\", "") for element in app.markdown]
        assert f"### {one.in_language(lang).title}" in titles
    app.button(key=f"open_{FIRST}").click().run()
    assert not app.exception
    assert app.query_params["lesson"] in (FIRST, [FIRST])
    assert app.title[0].value.replace("\\", "") == lesson(lang).title


def test_nothing_is_revealed_before_the_guess_and_the_guess_is_kept(visit: Visit) -> None:
    step = lesson().steps[0]
    app = visit(f"/learn?lesson={FIRST}")
    assert not app.exception
    assert opening(step.before) in prose(app)
    assert opening(step.reveal) not in prose(app)
    app.button(key=f"guess_{FIRST}_1").click().run()
    assert app.warning
    assert opening(step.reveal) not in prose(app)
    for place, question in enumerate(step.predict):
        answer(app, question, f"{FIRST}_1_p{place}", right=place == 0)
    app.button(key=f"guess_{FIRST}_1").click().run()
    assert not app.exception
    assert opening(step.reveal) in prose(app)
    assert len(app.success) == 1
    assert len(app.info) == len(step.predict) - 1
    app.button(key="next").click().run()
    app.button(key="previous").click().run()
    assert opening(step.reveal) in prose(app)
    assert len(app.success) == 1


def test_who_passes_the_guess_over_sees_the_rest_and_is_told_so(visit: Visit) -> None:
    app = visit(f"/learn?lesson={FIRST}")
    app.button(key=f"pass_{FIRST}_1").click().run()
    assert not app.exception
    assert opening(lesson().steps[0].reveal) in prose(app)
    assert not app.success


def test_only_who_has_answered_has_guessed(visit: Visit) -> None:
    def told(done: int) -> str:
        return text("learn.left", steps=len(lesson().steps), done=done, minutes=lesson().minutes)

    app = visit(f"/learn?lesson={FIRST}")
    app.button(key=f"pass_{FIRST}_1").click().run()
    assert told(0) in [caption.value for caption in app.caption]
    app = visit(f"/learn?lesson={FIRST}")
    for place, question in enumerate(lesson().steps[0].predict):
        answer(app, question, f"{FIRST}_1_p{place}")
    app.button(key=f"guess_{FIRST}_1").click().run()
    assert told(1) in [caption.value for caption in app.caption]


@pytest.mark.parametrize("address", ["/masks", "/masks?edges=causal", "/compare", "/mlm", "/tasks"])
def test_what_a_page_is_for_is_not_said_beside_a_lesson(
    address: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {text("masks.what"), text("composer.what"), text("compare.what"), text("mlm.what"), text("tasks.what")}
    assert about & {words.value for words in visit(address).markdown}
    monkeypatch.setattr(type(st.context), "is_embedded", True)
    assert not about & {words.value for words in visit(address).markdown}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_step_is_shown_and_judges_right_answers_as_right(lang: str, visit: Visit) -> None:
    read = lesson(lang)
    app = visit(f"/learn?lang={lang}&lesson={FIRST}")
    for number, step in enumerate(read.steps, 1):
        assert not app.exception
        for place, question in enumerate(step.predict):
            answer(app, question, f"{FIRST}_{number}_p{place}")
        if step.predict:
            app.button(key=f"guess_{FIRST}_{number}").click().run()
        for place, question in enumerate(step.explain):
            answer(app, question, f"{FIRST}_{number}_e{place}")
        if step.explain:
            app.button(key=f"judge_{FIRST}_{number}").click().run()
        assert not app.exception
        assert len(app.success) == len(step.predict) + len(step.explain)
        if number < len(read.steps):
            app.button(key="next").click().run()
    app.button(key="end").click().run()
    assert app.button(key=f"open_{FIRST}")


def test_a_step_leads_into_the_real_page_with_everything_set(visit: Visit) -> None:
    number, panel = next((i, step.panel) for i, step in enumerate(lesson().steps, 1) if step.panel.page == "train")
    app = visit(f"/learn?lesson={FIRST}&step={number}", epochs=7)
    app.session_state["dynamic"] = "window:4"
    app.button(key="whole").click().run()
    assert not app.exception
    set_there = dict(panel.parameters)
    assert app.session_state["dynamic"] == set_there["dynamic"]
    assert app.session_state["epochs"] == int(set_there["epochs"])
    assert app.session_state["lesson_left"] == (FIRST, number, lesson().title)


def test_notes_for_the_teacher_are_shown_to_who_asks(visit: Visit) -> None:
    note = lesson().note
    app = visit(f"/learn?lesson={FIRST}")
    assert opening(note) not in prose(app)
    app.toggle(key="teacher").set_value(True).run()
    assert opening(note) in prose(app)


def test_a_lesson_that_there_is_not_is_told(visit: Visit) -> None:
    app = visit("/learn?lesson=nothing")
    assert not app.exception
    assert any(r"lesson\=nothing" in warning.value for warning in app.warning)
    assert app.button(key=f"open_{FIRST}")

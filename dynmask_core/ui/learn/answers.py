"""Questions of a lesson: the guess before the reveal is kept, so that nobody remembers having been right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dynmask_core.learn.lesson import Lesson, Question, Step
from dynmask_core.learn.markup import between, inline_html, stressed
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn.guide import ALONE, Guide

Answer = Any
"""The numbers of the ticked choices, from 0, or a number, or a text, of which a class keeps only whether it was right;
None if the question was passed over."""
Shape = tuple[tuple[str, int], ...]
"""Kind and number of choices of each question: what a guess must fit. Both languages of a lesson have the same."""


def guessed(lesson: Lesson, number: int) -> bool:
    """Whether the reader has guessed in that step, or there is nothing to guess."""
    return not lesson.steps[number - 1].predict or _guess(lesson, number) is not None


def answered(lesson: Lesson, number: int) -> bool:
    """Whether the reader has answered a question before the reveal of that step, and not only passed them over."""
    return any(answer is not None for answer in _guess(lesson, number) or ())


def sees(lesson: Lesson, number: int, guide: Guide) -> bool:
    """Whether what follows the guess of that step is shown."""
    may = guide.reveals(number) or not lesson.steps[number - 1].predict
    return may and (guide.looks_on or guessed(lesson, number))


def predict(lesson: Lesson, step: Step, number: int, guide: Guide = ALONE) -> bool:
    """Draws the questions before the reveal; returns whether it may be shown."""
    if not step.predict:
        return True
    st.subheader(t("learn.predict"), anchor=False)
    guess, seen = _guess(lesson, number), sees(lesson, number, guide)
    if guide.looks_on or guess is not None:
        for question, answer in zip(step.predict, guess or [None] * len(step.predict), strict=True):
            if guide.looks_on:
                _posed(question)
            elif seen:
                _told(question, answer)
            else:
                _noted(question, answer)
        (guide.predictions if seen else guide.waiting)(number, step)
        return seen
    with st.form(f"predict_{lesson.id}_{number}", border=False):
        given = _asked(step.predict, f"{lesson.id}_{number}_p")
        st.caption(t(guide.why))
        with st.container(horizontal=True):
            sure = st.form_submit_button(t("learn.guess"), type="primary", key=f"guess_{lesson.id}_{number}")
            passing = t("class.pass" if guide.person else "learn.pass")
            over = st.form_submit_button(passing, type="tertiary", key=f"pass_{lesson.id}_{number}")
    if sure and any(answer is None for answer in given):
        st.warning(t("learn.missing"), icon=":material/edit:")
    elif sure or over:
        answered = tuple(given) if sure else (None,) * len(given)
        if refused := guide.guessed(number, step, answered):
            st.error(plain(refused.sentence(lang())), icon=":material/group_off:")
        else:
            restore(lesson, number, answered)
            st.rerun()
    return False


def restore(lesson: Lesson, number: int, given: Sequence[Answer]) -> None:
    """Takes a guess as given in that step. given: one answer for each question there, as `Question.judge` takes it."""
    kept()[lesson.id, number] = _shape(lesson.steps[number - 1]), tuple(given)


def explain(lesson: Lesson, step: Step, number: int) -> None:
    """Draws the questions after the reveal; each is judged at once and can be tried again."""
    if not step.explain:
        return
    st.subheader(t("learn.explain"), anchor=False)
    with st.form(f"explain_{lesson.id}_{number}", border=False):
        given = _asked(step.explain, f"{lesson.id}_{number}_e")
        if st.form_submit_button(t("learn.judge"), key=f"judge_{lesson.id}_{number}"):
            for question, answer in zip(step.explain, given, strict=True):
                _told(question, answer)


def _guess(lesson: Lesson, number: int) -> tuple[Answer, ...] | None:
    """None if there is none, or the lesson asked something else then."""
    shape, guess = kept().get((lesson.id, number), ((), ()))
    return guess if guess and shape == _shape(lesson.steps[number - 1]) else None


def _shape(step: Step) -> Shape:
    return tuple((question.kind, len(question.choices)) for question in step.predict)


def kept() -> dict[tuple[str, int], tuple[Shape, tuple[Answer, ...]]]:
    """The guesses of this visit by (lesson, step), each with the shape of the questions that it answers."""
    found: dict[tuple[str, int], tuple[Shape, tuple[Answer, ...]]] = st.session_state.setdefault("guesses", {})
    return found


def _asked(questions: Sequence[Question], key: str) -> list[Answer]:
    return [_ask(question, f"{key}{place}") for place, question in enumerate(questions)]


def _ask(question: Question, key: str) -> Answer:
    """Draws one question; returns the answer, None if there is none yet."""
    # A label that is not drawn is read out as it is: the words stand above it, with their italics.
    several = between(question.text, t("learn.several")) if question.kind == "several" else ""
    st.html(f'<div class="lesson-prose lesson-question"><p>{inline_html(question.text)}{several}</p></div>')
    label = words_of(question.text)
    choices = [stressed(choice.text, plain) for choice in question.choices]
    with st.container(key=f"answer_{key}"):
        if question.kind == "choice":
            options = range(len(choices))
            chosen = st.radio(
                label, options, format_func=choices.__getitem__, index=None, key=key, label_visibility="collapsed"
            )
            return None if chosen is None else (chosen,)
        if question.kind == "several":
            return tuple(place for place, choice in enumerate(choices) if st.checkbox(choice, key=f"{key}_{place}"))
        if question.kind == "number":
            return st.number_input(
                label, value=None, format="%g", step=None, key=key, width=220, label_visibility="collapsed"
            )
        return (st.text_input(label, key=key, width=420, label_visibility="collapsed") or "").strip() or None


def _posed(question: Question) -> None:
    """The question with its choices, to be read."""
    choices = "".join(f"<li>{inline_html(choice.text)}</li>" for choice in question.choices)
    listed = f'<ol type="a">{choices}</ol>' if choices else ""
    st.html(f'<div class="lesson-prose"><p>{inline_html(question.text)}</p>{listed}</div>')


def _noted(question: Question, answer: Answer) -> None:
    """The question with the answer given, and not a word on whether it is right."""
    st.html(f'<div class="lesson-prose lesson-answered"><p>{inline_html(question.text)}</p></div>')
    said = t("learn.passed") if answer is None else t("class.yours", answer=_written(question, answer))
    st.caption(plain(said))


def _told(question: Question, answer: Answer) -> None:
    """The question with the answer given, whether it is right, and what there is to say about it."""
    st.html(f'<div class="lesson-prose lesson-answered"><p>{inline_html(question.text)}</p></div>')
    if answer is None:
        st.caption(t("learn.passed"))
        feedback: tuple[str, ...] = tuple(filter(None, (question.feedback,)))
    else:
        verdict = question.judge(answer)
        say = st.success if verdict.right else st.info
        key = "learn.right" if verdict.right else "learn.wrong"
        icon = ":material/check:" if verdict.right else ":material/lightbulb:"
        # The sentence has a full stop of its own.
        say(plain(t(key, answer=_written(question, answer).rstrip(".。"))), icon=icon)
        feedback = verdict.feedback
    for words in feedback:
        st.html(f'<div class="lesson-prose"><p>{inline_html(words)}</p></div>')


def _written(question: Question, answer: Answer) -> str:
    if question.kind in ("choice", "several"):
        return " · ".join(words_of(question.choices[place].text) for place in answer) or "–"
    if isinstance(answer, bool):
        return t("class.answered")
    return f"{answer:g}" if question.kind == "number" else str(answer)

"""What a class has guessed, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go
import streamlit as st

from dynmask_core.colors import BASELINE, OTHERS
from dynmask_core.learn.classroom import Room
from dynmask_core.learn.classroom.guesses import Tally, tally
from dynmask_core.learn.lesson import Question, Step
from dynmask_core.learn.markup import inline_html
from dynmask_core.ui.i18n import t
from dynmask_core.ui.parts import plot
from dynmask_core.ui.timer import redrawn

LOOK = 2.5
"""Seconds after which new guesses are drawn."""
LETTERS = "ABCDEFGHIJKL"


def of_step(room: Room, number: int, step: Step, *, marks: bool) -> None:
    """Draws the guesses of a step's questions and goes on with new ones. marks: whether right answers are marked."""

    def draw() -> None:
        given = [one for one in room.guesses() if one.step == number]
        with st.container(key="class_predictions"):
            st.markdown(f"**{t('class.predictions')}**")
            for place, question in enumerate(step.predict):
                _question(question, tally(question, place, given), f"guesses_{number}_{place}", marks)

    redrawn(LOOK, draw)


def _question(question: Question, counts: Tally, key: str, marks: bool) -> None:
    st.html(f'<div class="lesson-prose"><p>{inline_html(question.text)}</p></div>')
    if question.kind == "text" and not marks:
        st.caption(t("class.texts", count=counts.answered))
        return
    if counts.answered:
        plot(figure(question, counts, marks), key)
    if words := _in_words(question, counts, marks):
        st.html(words)
    said = [t("class.counted", count=counts.answered)]
    said += [t("class.passed", count=counts.passed)] if counts.passed else []
    said += [t("class.late", count=counts.late)] if counts.late else []
    st.caption(" ".join(said))


def labels(question: Question, counts: Tally, marks: bool) -> list[str]:
    """What stands at the bars: letters of choices, numbers; a tick at right ones, if they are marked."""
    if question.kind in ("choice", "several"):
        names: Sequence[str] = LETTERS
    elif question.kind == "text":
        names = [t("class.right"), t("class.other")]
    else:
        names = [bar.label for bar in counts.bars]
    return [f"{name}{' ✓' if marks and bar.right else ''}" for name, bar in zip(names, counts.bars, strict=False)]


def figure(question: Question, counts: Tally, marks: bool) -> go.Figure:
    """Lying bars, the first answer on top."""
    numbers = [bar.count for bar in counts.bars]
    colors = [OTHERS[1] if bar.right or not marks else BASELINE for bar in counts.bars]
    bars = go.Bar(
        x=numbers, y=labels(question, counts, marks), orientation="h", marker_color=colors, text=numbers,
        textposition="outside", cliponaxis=False, hoverinfo="skip",
    )  # fmt: skip
    drawn = go.Figure(bars)
    drawn.update_layout(
        height=60 + 44 * len(numbers), margin={"l": 10, "r": 30, "t": 6, "b": 40}, font_size=16, bargap=0.3,
        dragmode=False,
    )  # fmt: skip
    drawn.update_yaxes(autorange="reversed", type="category", tickfont_size=18, automargin=True, fixedrange=True)
    most = max(numbers)
    drawn.update_xaxes(
        title_text=t("class.people"), range=[0, max(most, 1) * 1.1], dtick=1 if most <= 10 else None, tickformat="d",
        fixedrange=True,
    )  # fmt: skip
    return drawn


def _in_words(question: Question, counts: Tally, marks: bool) -> str:
    """The bars as a list, which says what the letters stand for and can be read aloud; "" if there is none."""
    names = labels(question, counts, marks)
    if question.kind in ("choice", "several"):
        words = [inline_html(choice.text) for choice in question.choices]
        lines = [f"{escape(name)}: {said}" for name, said in zip(names, words, strict=True)]
    else:
        lines = [escape(name) for name in names]
    if not counts.bars:
        return ""
    rows = "".join(f"<li>{line} — <b>{bar.count}</b></li>" for line, bar in zip(lines, counts.bars, strict=True))
    seen = "" if question.kind in ("choice", "several") else " class-unseen"
    return f'<ul class="class-bars{seen}">{rows}</ul>'

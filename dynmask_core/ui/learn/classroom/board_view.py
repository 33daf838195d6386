"""The board: the runs of everybody on one chart, and how many are at which step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go
import streamlit as st

from dynmask_core.colors import OTHERS, arm_color
from dynmask_core.config.offers import STEP_SIZES
from dynmask_core.errors import InputError
from dynmask_core.learn.classroom import Room, Settings
from dynmask_core.learn.classroom.board import SETTINGS, Board, Dot, Test, board_of, typical_half_width
from dynmask_core.masks.naming import named
from dynmask_core.messages import told
from dynmask_core.ui.choose import source_title
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn.classroom.door import name_of
from dynmask_core.ui.parts import plot
from dynmask_core.ui.timer import redrawn

LOOK = 3.0
"""Seconds after which new runs are drawn."""
SYMBOLS = ("circle", "diamond", "square", "triangle-up")
"""Of the arms: colour alone is not enough on a projector."""


def board(room: Room, settings: Settings) -> None:
    """Draws the board and goes on with new runs."""

    def draw() -> None:
        with st.container(key="class_board"):
            _board(board_of(room), settings)

    redrawn(LOOK, draw)


def _board(found: Board, settings: Settings) -> None:
    st.header(t("class.board"), anchor=False)
    if not found.dots:
        st.info(t("class.board.empty"), icon=":material/scatter_plot:")
    else:
        _chart(found, settings)
    said = [t("class.board.open", count=found.open)] if found.open else []
    said += [t("class.board.others", count=found.others)] if found.others else []
    if said:
        st.caption(" ".join(said))


def _chart(found: Board, settings: Settings) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        along = st.selectbox(
            t("class.board.along"), SETTINGS, format_func=lambda name: t(f"setting.{name}"), key="board_along",
            width=260,
        )  # fmt: skip
        what = st.selectbox(
            t("class.board.what"), ("test", "validation"), format_func=lambda name: t(f"class.board.{name}"),
            key="board_what", width=260,
        )  # fmt: skip
        titles = _titles(found.tests)
        shown = found.tests[0]
        if len(titles) > 1:
            shown = st.selectbox(
                t("class.board.data"), list(titles), format_func=titles.__getitem__, key="board_data", width=360
            )
    dots = [dot for dot in found.dots if dot.score.test == shown]
    plot(figure(dots, along, what, nicknames=settings.nicknames), "class_board_chart")
    scores = [dot.score for dot in dots]
    points = 100 * typical_half_width(scores)
    st.markdown(plain(t("class.board.honest", runs=len(dots), data=titles[shown], points=f"{points:.0f}")))
    if any(score.moved for score in scores):
        st.caption(t("class.board.moved"))


def _titles(tests: Sequence[Test]) -> dict[Test, str]:
    """What was tested on, in words; different texts of participants are numbered."""
    own = [one for _, one, _ in tests if one]
    number = {one: f" {place}" if len(own) > 1 else "" for place, one in enumerate(own, start=1)}
    return {
        (name, one, texts): t(
            "class.board.texts",
            data=source_title(name) if name else f"{t('class.board.own')}{number[one]}",
            texts=texts,
        )
        for name, one, texts in tests
    }


def figure(dots: Sequence[Dot], along: str, what: str, *, nicknames: bool) -> go.Figure:
    """Accuracy over a setting: a dot per run and arm, the number of its participant beside it."""
    drawn = go.Figure()
    for place in range(max(len(dot.score.arms) for dot in dots)):
        mine = [dot for dot in dots if place < len(dot.score.arms)]
        names = {dot.score.arms[place].name for dot in mine}
        only = f": {escape(_called(names.pop()))}" if len(names) == 1 else ""
        drawn.add_scatter(
            x=[dot.score.settings[along] for dot in mine],
            y=[getattr(dot.score.arms[place], what) for dot in mine],
            mode="markers+text" if place else "markers",
            text=[" ".join(str(one.number) for one in dot.people) for dot in mine],
            textposition="middle right",
            cliponaxis=False,  # the highest dot is the one that is looked at
            name=f"{t('class.model', letter='ABCD'[place % 4])}{only}",
            customdata=[_hover(dot, place, nicknames) for dot in mine],
            hovertemplate="%{customdata}<br>%{x:g} · %{y:.1%}<extra></extra>",
            marker={
                "color": arm_color(place), "size": 15, "opacity": 0.85,
                "symbol": [SYMBOLS[place % 4] + ("-open" if dot.score.moved else "") for dot in mine],
                "line": {"width": 2, "color": arm_color(place)},
            },
        )  # fmt: skip
    drawn.update_layout(
        height=380, margin={"l": 10, "r": 10, "t": 10, "b": 10}, font_size=16,
        legend={"orientation": "h", "y": 1.16, "font_size": 16},
    )  # fmt: skip
    drawn.update_yaxes(title_text=t(f"class.board.{what}"), tickformat=".0%", tickfont_size=16, automargin=True)
    drawn.update_xaxes(title_text=t(f"setting.{along}"), tickfont_size=16, automargin=True)
    if along == "alpha" and all(dot.score.settings["alpha"] > 0 for dot in dots):
        drawn.update_xaxes(type="log", tickvals=STEP_SIZES, ticktext=[f"{size:g}" for size in STEP_SIZES])
    elif along in ("epochs", "seed"):
        drawn.update_xaxes(tickformat="d")
    return drawn


def _called(arm: str) -> str:
    """The arm in words; its name alone where another version of the app knew masks that this one does not."""
    try:
        return told(named(arm), lang())
    except InputError:
        return arm


def _hover(dot: Dot, place: int, nicknames: bool) -> str:
    """Who, and what; plotly reads tags."""
    who = ", ".join(name_of(one) if nicknames else str(one.number) for one in dot.people)
    return f"{escape(who)}<br>{escape(dot.score.arms[place].name)}"


def steps(room: Room, settings: Settings) -> go.Figure:
    """How many participants are at which step."""
    counts = Counter(room.where().values())
    numbers = list(range(1, settings.steps + 1))
    found = [counts[number] for number in numbers]
    drawn = go.Figure(
        go.Bar(x=numbers, y=found, text=[n or "" for n in found], marker_color=OTHERS[1], hoverinfo="skip")
    )
    drawn.update_layout(height=220, margin={"l": 10, "r": 10, "t": 24, "b": 10}, font_size=16, dragmode=False)
    drawn.update_xaxes(title_text=t("class.step"), dtick=1, tickfont_size=16, fixedrange=True, automargin=True)
    drawn.update_yaxes(
        title_text=t("class.people"), tickformat="d", dtick=1 if max(found) <= 10 else None, rangemode="tozero",
        range=[0, max(max(found), 1) * 1.15], fixedrange=True, automargin=True,
    )  # fmt: skip
    return drawn

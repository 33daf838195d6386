"""Which test texts were wrong: a table that a reader filters and sorts, and from which a text opens in the player."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dynmask_core.analysis.errors import SOURCE, Answers, answers, is_known, select
from dynmask_core.analysis.standing import At, at
from dynmask_core.data.media import TEXT, medium_of
from dynmask_core.masks import brief
from dynmask_core.runs import Run, Status
from dynmask_core.ui import shown as samples
from dynmask_core.ui.i18n import t
from dynmask_core.ui.parts import choose_known
from dynmask_core.ui.question.subjects import BY_NAME, best
from dynmask_core.ui.watch import columns, sentence, which
from dynmask_core.ui.watch.going import go_to_view
from dynmask_core.ui.watch.run_view import RunView

MOST = 200
"""Rows of the table."""
SHOWN = ("wrong", "all", "disagree", "suspicious")
EVERY = (-1, -1)
"""Stands for all cells of the confusion matrix."""


def open_cell(view: RunView, arm: str, cell: tuple[int, int]) -> None:
    """Leads to the texts of one cell (true class, predicted class) of the arm's confusion matrix."""
    state = st.session_state
    state["wrong_arm"], state["wrong_cell"], state["wrong_show"], state["wrong_asked"] = arm, cell, "all", view.run.name
    go_to_view("errors")
    st.rerun()


def errors(view: RunView, status: Status) -> None:
    """Draws the section. The models answer the test texts when the reader asks for it; the answers are kept."""
    st.subheader(t("wrong.title"), anchor=False)
    st.caption(t("wrong.read"))
    if not is_known(view.run) and st.session_state.get("wrong_asked") != view.run.name:
        if not st.button(t("wrong.ask"), icon=":material/rule:", key="ask_wrong"):
            return
        st.session_state["wrong_asked"] = view.run.name
    with st.spinner(t("wrong.computing")):
        found = _answers(view.run, at(view.run))
    if not len(found):
        st.caption(t("wrong.no_tests"))
        return
    arm, chosen = _filters(found)
    shown = chosen[:MOST].tolist()
    said = t("wrong.found", found=len(chosen), tests=len(found))
    st.text(f"{said} {t('wrong.first', shown=MOST)}" if len(chosen) > MOST else said)
    if not shown:
        return
    event = st.dataframe(
        _table(view, found, arm, shown), hide_index=True, column_config=_columns(view, found),
        height=columns.height(len(shown), 400), on_select="rerun", selection_mode="single-row",
        key=f"wrong_table_{hash(tuple(shown))}",
    )  # fmt: skip
    picked = event["selection"]["rows"]
    if not picked:
        st.caption(t("wrong.pick"))
        return
    index = shown[picked[0]]
    with st.container(key="wrong_player_box"):
        if view.medium == TEXT:
            st.text(found.texts[index])
        which.unknown(view, found.texts[index])
        sentence.player(view, found.texts[index], status, key="wrong_player", label=int(found.truth[index]))


def _filters(found: Answers) -> tuple[str, Any]:
    """The arm that the reader has chosen, and int64: the indices of the texts to show."""
    kinds = [kind for kind in SHOWN if kind != "disagree" or len(found.arms) > 1]
    places = st.columns(4 if len(found.arms) > 1 else 3)
    arm = found.arms[-1]
    if len(found.arms) > 1:
        arm = _choose(places[0], "arm", [*reversed(found.arms)], brief)
    show = _choose(places[-3], "show", kinds, lambda kind: t(f"wrong.show.{kind}"))
    cells = found.cells(arm)
    cell = _choose(places[-2], "cell", [EVERY, *cells], lambda cell: _cell(found, cells, cell))
    word = places[-1].text_input(t("wrong.word"), key="wrong_word") if medium_of(found.texts) == TEXT else ""
    if show == "suspicious":
        st.caption(t("wrong.suspicious", source=SOURCE))
    return arm, select(
        found, arm, wrong=show == "wrong", word=word, disagree=show == "disagree", suspicious=show == "suspicious",
        cell=None if cell == EVERY else (found.classes[cell[0]], found.classes[cell[1]]),
    )  # fmt: skip


def _choose(place: Any, name: str, options: list[Any], say: Callable[[Any], str]) -> Any:
    return choose_known(place, t(f"wrong.{name}"), f"wrong_{name}", options, say)


def _cell(found: Answers, cells: dict[tuple[int, int], int], cell: tuple[int, int]) -> str:
    if cell == EVERY:
        return t("wrong.every_cell")
    return t("wrong.in_cell", true=found.classes[cell[0]], predicted=found.classes[cell[1]], texts=cells[cell])


def _table(view: RunView, found: Answers, arm: str, shown: list[int]) -> pd.DataFrame:
    own = found.arms.index(arm)
    # A cell with a picture has no words: the number names its row to those who listen, and is that of reports.
    numbers = {} if view.medium == TEXT else {"number": [int(found.rows[i]) for i in shown]}
    table: dict[str, Any] = numbers | {
        "text": samples.cells(view.reader, [found.texts[i] for i in shown]),
        "truth": [found.classes[found.truth[i]] for i in shown],
    }
    for a in range(len(found.arms)):
        table[f"predicted_{a}"] = [found.classes[found.predicted[a, i]] for i in shown]
        table[f"probability_{a}"] = [float(found.probability[a, i]) for i in shown]
    table["loss"] = [float(found.loss[own, i]) for i in shown]
    doubted = [int(found.suspect[own, i]) for i in shown]
    table["suspect"] = ["" if c < 0 else found.classes[c] for c in doubted]
    if view.medium == TEXT:
        table["unknown"] = [", ".join(found.unknown(i)) for i in shown]
    return pd.DataFrame(table)


def _columns(view: RunView, found: Answers) -> dict[str, Any]:
    return columns.of_answers(found.arms, view.medium) | {
        "number": st.column_config.NumberColumn(t("wrong.number"), format="%d"),
        "truth": st.column_config.TextColumn(t("score.true")),
        "loss": st.column_config.NumberColumn(t("chart.loss"), format="%.2f", help=t("wrong.loss.help")),
        "suspect": st.column_config.TextColumn(t("wrong.suspect"), help=t("wrong.suspect.help")),
    }


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=BY_NAME)
def _answers(run: Run, at: At) -> Answers:
    """at: the answers of a run that has gone on are others."""
    return answers(run, best(run))

"""What came out of a run that marks units or writes: its scores, and what needs no model to get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dynmask_core.analysis.task_scores import EXPLAINED, NUMBERS, SHARES, TaskScores, chief_of
from dynmask_core.messages import several, told
from dynmask_core.runs import Status
from dynmask_core.ui import charts
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.i18n import capital, lang, plain, t
from dynmask_core.ui.parts import number, table
from dynmask_core.ui.watch import columns, progress, use
from dynmask_core.ui.watch.outcome import say
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.watch.scores import reached

VIEW = "task_view"
"""The name in the address of the chosen view of a run."""


def curves(view: RunView) -> None:
    """The small curves: what every run has, and the score that counts."""
    said = view.arm_epochs()
    if said and (chief := chief_of(said[0]["validation"])) != "accuracy":
        charts.live_curve(view, chief, f"chart_{chief}", ("validation",))
    progress.curves(view)


def outcome(view: RunView, status: Status) -> None:
    """For a finished run: the score that counts of every arm, beside that of the simple rule."""
    found = TaskScores.of(view.result or {"arms": []})
    if found is not None:
        say(capital(told(found.headline(), lang())), _shows(found), key=VIEW)


def draw(view: RunView, status: Status) -> None:
    """The table of all scores, what they can show, and the trained models on new samples."""
    st.subheader(t("score.title"), anchor=False)
    stands = reached(view, status)
    found = TaskScores.of(stands.result) if stands else None
    if stands is None or found is None:
        return
    if stands.early:
        st.warning(t("score.early", epoch=stands.epoch, epochs=status.epochs), icon=":material/hourglass_bottom:")
    _table(view, found)
    st.info(plain(_shows(found)), icon=":material/balance:")
    for one in found.there(EXPLAINED):
        st.text(t("tasks.explained", score=capital(t(f"score.{one}")), help=t(f"score.{one}.help")))
    use.use(view, stands)


def _shows(found: TaskScores) -> str:
    return told(several(*found.shows()), lang())


def _table(view: RunView, found: TaskScores) -> None:
    shares, numbers = found.there(SHARES), found.there(NUMBERS)

    def row(name: str, scores: Mapping[str, Any]) -> dict[str, Any]:
        percent = {key: 100 * scores[key] if key in scores else None for key in shares}
        return {"arm": name, **percent, **{key: scores.get(key) for key in numbers}}

    rows = [
        row(named(view.config, arm["name"], lang()), arm[found.part])
        | {"best_epoch": arm["best_epoch"], "seconds": arm["seconds"]}
        for arm in found.arms
    ]
    rows += [row(t(f"reference.{one['name']}"), one[found.part]) for one in found.references]
    config: dict[str, Any] = {"arm": st.column_config.TextColumn(t("score.arm"))}
    config |= {name: columns.share(t(f"score.{name}")) for name in shares}
    config |= {name: number(t(f"score.{name}"), "%.2f") for name in numbers}
    config |= {
        "best_epoch": number(t("score.best_epoch"), "%d", help=t("score.best_epoch.help")),
        "seconds": number(t("score.seconds"), "%.1f"),
    }
    table(rows, config, "task_scores")

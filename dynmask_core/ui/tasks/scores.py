"""What came out of a run that marks units or writes: its scores, and what needs no model to get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dynmask_core.masks import brief
from dynmask_core.runs import Status
from dynmask_core.ui import charts
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.i18n import capital, lang, plain, t
from dynmask_core.ui.parts import number, table
from dynmask_core.ui.watch import columns, progress
from dynmask_core.ui.watch.outcome import say
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.watch.scores import reached

VIEW = "task_view"
"""The name in the address of the chosen view of a run."""
SHARES = (
    "accuracy", "precision", "recall", "f1", "iou", "pixel_iou", "box_iou", "box_found", "exact", "character_f",
)  # fmt: skip
NUMBERS = ("boxes_extra", "loss", "perplexity")
CHIEF = ("iou", "f1", "exact", "accuracy")
"""The score that counts: the first that there is."""
PERFECT = "perfect_patches"


def curves(view: RunView) -> None:
    """The small curves: what every run has, and the score that counts."""
    said = view.arm_epochs()
    if said and (chief := _chief(said[0]["validation"])) != "accuracy":
        charts.live_curve(view, chief, f"chart_{chief}", ("validation",))
    progress.curves(view)


def outcome(view: RunView, status: Status) -> None:
    """For a finished run: the score that counts of every arm, beside that of the simple rule."""
    if view.result is None:
        return
    arms = view.result["arms"]
    part = _part(arms[0])
    chief = _chief(arms[0][part])
    told = " · ".join(f"{brief(arm['name'])} {arm[part][chief]:.1%}" for arm in arms)
    say(t("tasks.outcome", score=capital(t(f"score.{chief}")), scores=told), _sure(view.result, part, chief), key=VIEW)


def draw(view: RunView, status: Status) -> None:
    """The table of all scores, and what they can show."""
    st.subheader(t("score.title"), anchor=False)
    stands = reached(view, status)
    if stands is None:
        return
    if stands.early:
        st.warning(t("score.early", epoch=stands.epoch, epochs=status.epochs), icon=":material/hourglass_bottom:")
    result = stands.result
    part = _part(result["arms"][0])
    _table(view, result, part)
    st.info(plain(_sure(result, part, _chief(result["arms"][0][part]))), icon=":material/balance:")
    for one in sorted(_explained(result, part)):
        st.caption(f"**{plain(capital(t(f'score.{one}')))}**: {plain(t(f'score.{one}.help'))}")


def _explained(result: Mapping[str, Any], part: str) -> set[str]:
    """The scores that need a sentence; the glossary has the others."""
    return {"iou", "pixel_iou", "box_iou", "box_found", "boxes_extra", "exact", "character_f", "perplexity"} & set(
        result["arms"][0][part]
    )


def _table(view: RunView, result: Mapping[str, Any], part: str) -> None:
    shares = [name for name in SHARES if name in result["arms"][0][part]]
    numbers = [name for name in NUMBERS if name in result["arms"][0][part]]

    def row(name: str, scores: Mapping[str, Any]) -> dict[str, Any]:
        percent = {key: 100 * scores[key] if key in scores else None for key in shares}
        return {"arm": name, **percent, **{key: scores.get(key) for key in numbers}}

    rows = [
        row(named(view.config, arm["name"], lang()), arm[part])
        | {"best_epoch": arm["best_epoch"], "seconds": arm["seconds"]}
        for arm in result["arms"]
    ]
    rows += [row(t(f"reference.{one['name']}"), one[part]) for one in result.get("reference", []) if part in one]
    config: dict[str, Any] = {"arm": st.column_config.TextColumn(t("score.arm"))}
    config |= {name: columns.share(t(f"score.{name}")) for name in shares}
    config |= {name: number(t(f"score.{name}"), "%.2f") for name in numbers}
    config |= {
        "best_epoch": number(t("score.best_epoch"), "%d", help=t("score.best_epoch.help")),
        "seconds": number(t("score.seconds"), "%.1f"),
    }
    table(rows, config, "task_scores")


def _part(scores: Mapping[str, Any]) -> str:
    """Prose has no test part."""
    return "test" if "test" in scores else "validation"


def _chief(scores: Mapping[str, Any]) -> str:
    return next(name for name in CHIEF if name in scores)


def _sure(result: Mapping[str, Any], part: str, chief: str) -> str:
    """Whether the arms beat the simple rule, and what one run says of their difference."""
    said = []
    simple = [one for one in result.get("reference", []) if one["name"] != PERFECT and part in one]
    if simple:
        rule = max(simple, key=lambda one: one[part][chief])
        least = min(arm[part][chief] for arm in result["arms"])
        most = max(arm[part][chief] for arm in result["arms"])
        bar = rule[part][chief]
        key = "all" if least > bar else "some" if most > bar else "none"
        said.append(t(f"tasks.beats.{key}", rule=t(f"reference.{rule['name']}"), value=f"{bar:.1%}"))
    if len(result["arms"]) > 1:
        values = [100 * arm[part][chief] for arm in result["arms"]]
        apart = f"{max(values) - min(values):.1f}"
        said.append(t("tasks.same") if apart == "0.0" else t("tasks.one_seed", points=apart))
    return " ".join(said) or t("tasks.alone")

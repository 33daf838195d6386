"""How a run of guessing hidden words ended, and what others measured."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.mlm.published import MEASURED, PUBLISHED
from dynmask_core.ui.i18n import capital, plain, t
from dynmask_core.ui.parts import number, table
from dynmask_core.ui.watch.run_view import RunView

RISEN = 0.02
"""Nats above its lowest value; beyond this a loss has risen, below it may be noise."""
ALIKE = 0.05
"""Nats; if two last losses differ by no more, it hardly matters which mask is used."""


def ends(view: RunView) -> None:
    """How every arm ended: its best and its last loss on validation texts, and how often it was right."""
    said = view.arm_epochs()
    rows = []
    for arm in view.arms:
        epochs = [event for event in said if event["arm"] == arm]
        if not epochs:
            return
        best = min(epochs, key=lambda event: event["validation"]["loss"])
        last = epochs[-1]
        rows.append(
            {
                "arm": arm,
                "best": best["validation"]["loss"],
                "epoch": best["epoch"],
                "last": last["validation"]["loss"],
                "right": last["validation"]["accuracy"],
                "gap": last["validation"]["loss"] - last["train"]["loss"],
                "ever": last["train"]["ever_asked"],
            }
        )
    config = {
        "arm": st.column_config.TextColumn(t("mlm.refresh")),
        "best": number(t("mlm.best"), help=t("mlm.best.help")),
        "epoch": number(capital(t("score.best_epoch")), "%d"),
        "last": number(t("mlm.last")),
        "right": number(t("mlm.right"), "percent", help=t("mlm.right.help")),
        "gap": number(t("mlm.gap"), help=t("mlm.gap.help")),
        "ever": number(t("mlm.ever"), "percent"),
    }
    st.subheader(t("mlm.ends"), anchor=False)
    table(rows, config, "mlm_ends")
    _verdict(rows)


def _verdict(rows: list[dict[str, Any]]) -> None:
    """Says in words what the last losses show."""
    by_name = {row["arm"]: row for row in rows}
    static, dynamic = by_name.get("static"), by_name.get("dynamic")
    if static is None or dynamic is None:
        return
    said = {"static": f"{static['last']:.2f}", "dynamic": f"{dynamic['last']:.2f}", "best": f"{static['best']:.2f}"}
    said |= {"dynamic_best": f"{dynamic['best']:.2f}", "dynamic_epoch": dynamic["epoch"], "epoch": static["epoch"]}
    st.info(plain(t(f"mlm.verdict.{_judged(static, dynamic)}", **said)), icon=":material/balance:")


def _judged(static: dict[str, Any], dynamic: dict[str, Any]) -> str:
    """overfit: only static overfitted. early: neither did, and their losses are alike. apart: anything else."""
    static_rose, dynamic_rose = (arm["last"] > arm["best"] + RISEN for arm in (static, dynamic))
    if static_rose and not dynamic_rose and dynamic["last"] < static["last"]:
        return "overfit"
    alike = abs(static["last"] - dynamic["last"]) <= ALIKE
    return "early" if alike and not static_rose and not dynamic_rose else "apart"


def published() -> None:
    """What papers and this project measured, so that nobody draws the wrong conclusion from one run."""
    rows = [
        {
            "source": one.source,
            "task": one.task,
            "plain": one.plain,
            "changed": one.changed,
            "what": t(f"published.{one.key}"),
        }
        for one in PUBLISHED
    ]
    config = {
        "source": st.column_config.TextColumn(t("published.source")),
        "task": st.column_config.TextColumn(t("published.task")),
        "plain": number(t("published.plain"), "%.1f"),
        "changed": number(t("published.changed"), "%.1f"),
        "what": st.column_config.TextColumn(t("published.what")),
    }
    st.subheader(t("published.title"), anchor=False)
    table(rows, config, "published")
    ours = [
        {
            "arm": one.refresh or t("measured.nothing"),
            "best": "–" if one.lowest is None else f"{one.lowest:.2f}",
            "last": "–" if one.last is None else f"{one.last:.2f}",
            "accuracy": one.accuracy,
        }
        for one in MEASURED
    ]
    columns = {
        "arm": st.column_config.TextColumn(t("mlm.refresh")),
        "best": st.column_config.TextColumn(t("mlm.best")),
        "last": st.column_config.TextColumn(t("mlm.last")),
        "accuracy": number(t("measured.accuracy"), "%.1f"),
    }
    st.subheader(t("measured.title"), anchor=False)
    table(ours, columns, "measured")
    st.caption(t("measured.caption"))

"""How a run of guessing hidden words ended."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.config import GuessSettings
from dynmask_core.runs import ACTIVE, Status
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.i18n import capital, lang, plain, t
from dynmask_core.ui.parts import number, table
from dynmask_core.ui.watch import columns
from dynmask_core.ui.watch.outcome import say
from dynmask_core.ui.watch.run_view import RunView

VIEW = "mlm_view"
"""The name in the address of the chosen view of a run."""

RISEN = 0.02
"""Nats above its lowest value; beyond this a loss has risen, below it may be noise."""
ALIKE = 0.05
"""Nats; if two last losses differ by no more, it hardly matters which mask is used."""


NOTHING = 2.0
"""Percent of hidden parts explained; a model below has learned no more than what is there on average."""


def in_words(view: RunView) -> bool:
    """Whether words are guessed; else parts of pictures or sounds are restored."""
    return view.config.task.name == GuessSettings.name


def ends(view: RunView, status: Status) -> None:
    """The section of how every arm has ended: its best and its last loss on validation samples, and how often it was
    right; or how much of what was hidden it explains."""
    words = "mlm" if in_words(view) else "restored"
    st.subheader(t("mlm.ends"), anchor=False)
    if status.state in ACTIVE:
        st.caption(t("mlm.ends.later"))
        return
    rows = _rows(view)
    config = {
        "arm": st.column_config.TextColumn(t("mlm.refresh")),
        "best": number(t("mlm.best"), help=t(f"{words}.best.help")),
        "epoch": number(capital(t("score.best_epoch")), "%d"),
        "last": number(t("mlm.last")),
        "right": columns.share(t(f"{words}.right"), help=t(f"{words}.right.help")),
        "gap": number(t("mlm.gap"), help=t("mlm.gap.help")),
        "ever": columns.share(t(f"{words}.ever")),
    }
    shown = [row | {"arm": named(view.config, row["arm"], lang())} for row in rows]
    table(shown, config, "mlm_ends")
    if said := _verdict(rows, words):
        st.info(plain(said), icon=":material/balance:")


def outcome(view: RunView, status: Status) -> None:
    """For a finished run: how often each arm was right, and what the losses show."""
    rows = _rows(view)
    words = "mlm" if in_words(view) else "restored"
    scores = t(f"{words}.outcome", scores=" · ".join(f"{row['arm']} {row['right']:.1f}%" for row in rows))
    say(scores, _verdict(rows, words), key=VIEW)


def _rows(view: RunView) -> list[dict[str, Any]]:
    """Of every arm that has ended an epoch: losses in nats, shares in percent."""
    said = view.arm_epochs()
    rows = []
    for arm in view.arms:
        epochs = [event for event in said if event["arm"] == arm]
        if not epochs:
            continue
        best = min(epochs, key=lambda event: event["validation"]["loss"])
        last = epochs[-1]
        rows.append(
            {
                "arm": arm,
                "best": best["validation"]["loss"],
                "epoch": best["epoch"],
                "last": last["validation"]["loss"],
                "right": 100 * last["validation"]["accuracy"],
                "gap": last["validation"]["loss"] - last["train"]["loss"],
                "ever": 100 * last["train"]["ever_asked"],
            }
        )
    return rows


def _verdict(rows: list[dict[str, Any]], words: str) -> str:
    """What the last losses show, in words; "" without both a static and a dynamic arm. words: where the sentences
    begin."""
    by_name = {row["arm"]: row for row in rows}
    static, dynamic = by_name.get("static"), by_name.get("dynamic")
    if static is None or dynamic is None:
        return ""
    said = {"static": f"{static['last']:.2f}", "dynamic": f"{dynamic['last']:.2f}", "best": f"{static['best']:.2f}"}
    said |= {"dynamic_best": f"{dynamic['best']:.2f}", "dynamic_epoch": dynamic["epoch"], "epoch": static["epoch"]}
    if words == "restored" and max(static["right"], dynamic["right"]) < NOTHING:
        return t("restored.verdict.nothing")
    return t(f"{words}.verdict.{_judged(static, dynamic)}", **said)


def _judged(static: dict[str, Any], dynamic: dict[str, Any]) -> str:
    """overfit: only static overfitted. early: neither did, and their losses are alike. apart: anything else."""
    static_rose, dynamic_rose = (arm["last"] > arm["best"] + RISEN for arm in (static, dynamic))
    if static_rose and not dynamic_rose and dynamic["last"] < static["last"]:
        return "overfit"
    alike = abs(static["last"] - dynamic["last"]) <= ALIKE
    return "early" if alike and not static_rose and not dynamic_rose else "apart"

"""The state of a run in plain words, and its curves."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dynmask_core.messages import text
from dynmask_core.runs import Status
from dynmask_core.runs.parcel import is_away
from dynmask_core.ui import charts
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.workers import trained_here


def clock(seconds: float) -> str:
    """m:ss"""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def progress(view: RunView, status: Status, *, lost: bool = False) -> None:
    """Epoch i of N, elapsed and remaining time, speed, and the state of the run in plain words. lost: it cannot go on,
    which has been said."""
    parts = [
        t("progress.epoch", epoch=status.epoch, epochs=status.epochs),
        t("progress.gone", time=clock(status.elapsed)),
    ]
    if status.state in ("training", "paused") and status.remaining is not None:
        parts.append(t("progress.left", time=clock(status.remaining)))
    if status.state == "training" and not status.fraction and status.steps:
        # Pre-training comes before the first epoch.
        parts.append(t("progress.pretraining", arm=plain(status.arm), share=f"{status.step / status.steps:.0%}"))
    speeds = [event["tokens_per_second"] for event in view.arm_epochs()]
    if speeds:
        parts.append(t("progress.speed", speed=f"{np.median(speeds[-6:]):,.0f}"))
    if view.started:
        parts.append(view.started["device"].upper())
    st.progress(min(status.fraction, 1.0), text=" · ".join(parts))
    if trained_here(view.run):
        st.caption(t("progress.here"))
    match status.state:
        case "stopped" | "interrupted" if lost:
            pass
        case "queued":
            st.info(t("state.queued", place=status.place), icon=":material/hourglass_top:")
        case "starting":
            st.caption(t("progress.sent" if is_away(view.run) else "state.starting"))
        case "paused":
            st.info(t("state.paused"), icon=":material/pause:")
        case "stopped":
            stopped = "state.stopped" if view.config.task.tested else "mlm.stopped"
            if view.config.task.tested and status.epoch < 1:
                stopped = "state.stopped_at_once"
            reason = f"state.{status.reason}" if status.reason in ("unwatched", "rested") else stopped
            icon = ":material/pause:" if status.reason == "rested" else ":material/stop_circle:"
            st.info(t(reason, epoch=status.epoch), icon=icon)
        case "interrupted":
            st.warning(t("state.interrupted", epoch=status.epoch), icon=":material/power_off:")
    if status.error and status.state in ("failed", "interrupted"):
        code, parameters = status.error
        st.error(plain(text(f"error.{code}", lang(), **parameters)), icon=":material/error:")


def curves(view: RunView) -> None:
    """Accuracy and loss, small."""
    for metric in ("accuracy", "loss"):
        charts.live_curve(view, metric, f"chart_{metric}")

"""Train & watch: two arms side by side, their masks and attention epoch by epoch."""

from __future__ import annotations

import streamlit as st

from dynmask_core.masks import brief
from dynmask_core.runs import ACTIVE, Run, Status, default_root
from dynmask_core.ui import choose, settings
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import t
from dynmask_core.ui.learn import making
from dynmask_core.ui.watch import outcome, progress, views
from dynmask_core.ui.watch.panel import Parts, is_active, panel
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.workers import attached_run

require_frame(__file__)

run = attached_run("train")


def push_controls() -> None:
    """Sends a changed live setting to the active run."""
    if run is not None and is_active(run):
        run.set_controls(settings.controls())


def create() -> Run:
    config, dataset, _ = choose.LABELLED.load(
        st.session_state["data"], st.session_state["tokenizer"], int(st.session_state["seed"])
    )
    return Run.create(default_root(), settings.experiment(config), dataset)


def nothing() -> None:
    settings.live_controls(settings.arms(), push_controls)
    st.info(t("train.empty"), icon=":material/play_arrow:")


def describe(shown: Run) -> str:
    config = shown.config()
    return t(
        "train.describe",
        data=choose.source_title(config.data.source),
        arms=" · ".join(map(brief, config.arms)),
        seed=config.train.seed,
    )


def controls(view: RunView, status: Status) -> None:
    active = status.state in ACTIVE
    arms, when = (view.arms, "live") if active else (settings.arms(), "restarts")
    settings.live_controls(arms, push_controls, when=when, stacked=True)


def form() -> None:
    settings.beginnings()
    settings.what_to_compare()
    if run is None:
        settings.more()
    else:
        settings.rest()
    if len(settings.arms()) == 1:
        st.caption(t("train.one_arm"))


if run is None:
    settings.place(t("train.title"), form)
else:
    settings.follow(run.controls())
    settings.place(t("train.title"), form, folded=describe(run))

panel(run, Parts(create, nothing, views.draw, outcome.outcome, progress.curves, controls))
making.offer("train")

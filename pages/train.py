"""Train & watch: two arms side by side, their masks and attention epoch by epoch."""

from __future__ import annotations

import streamlit as st

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.messages import speaking_of
from dynmask_core.runs import ACTIVE, Run, Status, equal
from dynmask_core.ui import choose, hiding, settings, starts
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.components.tour import tour
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import lang, t
from dynmask_core.ui.learn import making
from dynmask_core.ui.watch import outcome, progress, views
from dynmask_core.ui.watch.panel import Parts, is_active, panel
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.workers import attached_run, looks_on

require_frame(__file__)

run = attached_run("train")


def push_controls() -> None:
    """Sends a changed live setting to the active run."""
    if run is not None and is_active(run) and not looks_on(run):
        equal.leave(run)  # from now on it is not what its settings say
        run.set_controls(settings.controls())


def experiment() -> tuple[ExperimentConfig, Dataset]:
    config, dataset, _ = choose.LABELLED.load(
        st.session_state["data"], st.session_state["tokenizer"], int(st.session_state["seed"])
    )
    return settings.experiment(config, dataset), dataset


def nothing() -> None:
    views.expect(views.VIEWS, key="view")
    tour()
    with speaking_of(starts.medium()):  # the form has followed the choice
        settings.live_controls(settings.arms(), push_controls)
    st.info(t("train.empty"), icon=":material/play_arrow:")


def describe(shown: Run) -> str:
    config = shown.config()
    return t(
        "train.describe",
        data=choose.source_title(config.data.source),
        arms=" · ".join(named(config, arm, lang()) for arm in config.arms),
        seed=config.train.seed,
    )


def controls(view: RunView, status: Status) -> None:
    active = status.state in ACTIVE
    if active and looks_on(view.run):
        settings.others_controls(view.run.controls(), view.arms)
        return
    arms, when = (view.arms, "live") if active else (settings.arms(), "restarts")
    settings.live_controls(arms, push_controls, when=when, stacked=True)


def form() -> None:
    settings.beginnings()
    settings.what_to_compare()
    if run is None:
        settings.more()
    else:
        settings.rest()
    if len(settings.arms()) == 1 and not hiding.hides("arms"):
        st.caption(t("train.one_arm"))


with choose.LABELLED.spoken():
    if run is None:
        hiding.place(t("train.title"), form)
    else:
        settings.follow(run.controls())
        hiding.place(t("train.title"), form, folded=describe(run))

panel(run, Parts(experiment, nothing, views.draw, outcome.outcome, progress.curves, controls))
making.offer("train")

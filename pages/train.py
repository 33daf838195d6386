"""Train & watch: two arms side by side, their masks and attention epoch by epoch."""

from __future__ import annotations

import streamlit as st

from dynmask_core.runs import Run, Status, default_root
from dynmask_core.ui import choose, settings
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import t
from dynmask_core.ui.watch import views
from dynmask_core.ui.watch.panel import Parts, is_active, panel, settings_out_of_sight
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
    st.info(t("train.empty"), icon=":material/play_arrow:")


def describe(shown: Run) -> str:
    config, now = shown.config(), shown.controls()
    return t(
        "train.describe",
        data=choose.source_title(config.data.source),
        arms=" · ".join(config.arms),
        seed=config.train.seed,
        controls=f"α {now.step_size:g} · τ {now.evidence_threshold:g} · θ {now.keep_threshold:g}",
    )


def show(view: RunView, status: Status) -> None:
    if view.ready:
        views.draw(view, status)


st.title(t("train.title"))
if run is not None:
    settings.follow(run.controls())
if settings.hidden():
    settings_out_of_sight()
with st.container(key="settings"):
    settings.recipes()
    settings.what_to_compare()
    settings.live_controls(run.config().arms if run and is_active(run) else settings.arms(), push_controls)
    settings.more()
if len(settings.arms()) == 1:
    st.caption(t("train.one_arm"))

panel(run, Parts(create, describe, nothing, show))

"""Train & watch: two arms side by side, their masks and attention epoch by epoch."""

from __future__ import annotations

import streamlit as st

from dynmask_core.runs import ACTIVE, Run, default_root
from dynmask_core.ui import choose, live, settings, transport
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import plain, t
from dynmask_core.ui.run_view import view_of
from dynmask_core.ui.workers import attached_run

require_frame(__file__)

run = attached_run("train")


def push_controls() -> None:
    """A live setting was moved: tell the run that is under way."""
    if run is not None and run.status().state in ACTIVE:
        run.set_controls(settings.controls())


def create() -> Run:
    config, dataset, _ = choose.LABELLED.load(
        st.session_state["data"], st.session_state["tokenizer"], int(st.session_state["seed"])
    )
    return Run.create(default_root(), settings.experiment(config), dataset)


st.title(t("train.title"))
if run is not None:
    settings.follow(run.controls())
if settings.hidden():
    # The controls still exist, and their values still count: a teacher's link sets them and puts them out of sight.
    st.html("<style>.st-key-settings { display: none }</style>")
active = run is not None and run.status().state in ACTIVE
with st.container(key="settings"):
    settings.recipes()
    settings.what_to_compare()
    settings.live_controls(run.config().arms if run and active else settings.arms(), push_controls)
    settings.more()
if len(settings.arms()) == 1:
    st.caption(t("train.one_arm"))


@st.fragment(run_every=1.0 if active else None)
def panel() -> None:
    status = run.status() if run else None
    transport.buttons(run, status, create)
    if run is None or status is None:
        st.info(t("train.empty"), icon=":material/play_arrow:")
        return
    running = status.state in ACTIVE
    if running:
        run.renew_lease()
    view = view_of(run, run.name).refresh()
    st.caption(plain(describe(run)))
    live.progress(view, status)
    if view.epochs and view.started:
        live.curves(view)
        live.player(view, status, running=running)
        live.moved_words(view)
        live.scores(view, status)
    if running != active:
        st.rerun()  # it began or came to an end: start or stop the timer


def describe(run: Run) -> str:
    config = run.config()
    data = choose.source_title(config.data.source)
    arms = " · ".join(config.arms)
    return t("train.describe", data=data, arms=arms, seed=config.train.seed, controls=live_values(run))


def live_values(run: Run) -> str:
    now = run.controls()
    return f"α {now.step_size:g} · τ {now.evidence_threshold:g} · θ {now.keep_threshold:g}"


panel()

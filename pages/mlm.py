"""Guess the word: masked language modelling, static masks against dynamic ones."""

from __future__ import annotations

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.recipes import RECIPES
from dynmask_core.runs import ACTIVE, Run, default_root
from dynmask_core.ui import arms, choose, hidden_words, live, mlm_settings, mlm_view, settings, transport
from dynmask_core.ui.frame import go_to, require_frame
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.report import corpus_account
from dynmask_core.ui.run_view import view_of
from dynmask_core.ui.workers import attached_run

require_frame(__file__)
LABELS = 200  # that the comparison offered uses: where they are plenty, pre-training has little to add

run = attached_run("mlm")

st.title(t("mlm.title"))
st.markdown(t("mlm.what"))
if settings.hidden():
    st.html("<style>.st-key-settings { display: none }</style>")
with st.container(key="settings"):
    name = mlm_settings.what_to_hide()
    mlm_settings.more()
try:
    data, dataset, report = choose.CORPUS.load(name, st.session_state["tokenizer"], int(st.session_state["seed"]))
    config, unusable = mlm_settings.experiment(data), None
    if run is None or not settings.hidden():
        corpus_account(report, shown=run is not None)
except InputError as error:
    unusable = error
    st.error(plain(error.sentence(lang())), icon=":material/error:")
    if run is None:
        st.stop()
active = run is not None and run.status().state in ACTIVE


def create() -> Run:
    """A new run of what the settings say. A run that is looked at stays while they say nothing of use."""
    if unusable:
        raise unusable
    return Run.create(default_root(), config, dataset)


@st.fragment(run_every=1.0 if active else None)
def panel() -> None:
    status = run.status() if run else None
    transport.buttons(run, status, create)
    if run is None or status is None:
        st.subheader(t("mlm.masks"), anchor=False)
        # What the masks depend on; device or model, for instance, may change without drawing them anew.
        key = str((id(dataset), config.data, config.mlm, config.arms, config.train.seed, config.train.epochs))
        of = hidden_words.masked(key, config, dataset)
        hidden_words.show(of, config.train.epochs, running=False)
        hidden_words.ever_asked(of, key)
        st.info(t("mlm.empty"), icon=":material/play_arrow:")
        return
    running = status.state in ACTIVE
    if running:
        run.renew_lease()
    view = view_of(run, run.name).refresh()
    st.caption(mlm_settings.describe(view.config))
    live.progress(view, status)
    if view.epochs and view.started:
        live.curves(view)
        if not running:
            mlm_view.ends(view)
    st.subheader(t("mlm.masks"), anchor=False)
    of = hidden_words.of_run(run)
    hidden_words.show(of, min(status.epoch + 1, status.epochs) if running else status.epochs, running=running)
    hidden_words.ever_asked(of, run.name)
    if view.epochs and view.started:
        text = mlm_view.sentence(view)
        if text:
            mlm_view.fills(view, text)
            mlm_view.player(view, text, running=running)
    if running != active:
        st.rerun()  # it began or came to an end: start or stop the timer


panel()

st.subheader(t("mlm.downstream"), anchor=False)
st.markdown(t("mlm.downstream.what"))
if st.button(t("mlm.downstream.go"), icon=":material/balance:", key="go_downstream"):
    arms.take(RECIPES["pretraining"].arms)
    st.session_state["kind"], st.session_state["train_rows"] = "compare", LABELS
    go_to("compare")
mlm_view.published()

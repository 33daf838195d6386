"""Guess the word: masked language modelling with static and dynamic masks."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.data.media import TEXT
from dynmask_core.errors import InputError
from dynmask_core.ui import choose, hiding, shown
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.guess import ends, hidden_words, pictures, settings, views
from dynmask_core.ui.guess.afterwards import afterwards
from dynmask_core.ui.i18n import explained, lang, plain, t
from dynmask_core.ui.learn import making
from dynmask_core.ui.report import corpus_account
from dynmask_core.ui.watch.panel import Parts, panel
from dynmask_core.ui.watch.views import expect
from dynmask_core.ui.workers import attached_run

require_frame(__file__)

run = attached_run("mlm")


def form() -> tuple[str, Any]:
    """Returns the chosen corpus, and the place for what was read of it."""
    corpus = settings.what_to_hide()
    if run is None:
        settings.more()
    else:
        settings.rest()
    return corpus, st.empty()


folded = settings.describe(run.config()) if run is not None else ""
with choose.CORPUS.spoken():
    name, account = hiding.place(t("mlm.title"), form, folded=folded, about=t("mlm.what"))
try:
    data, dataset, report = choose.CORPUS.load(name, st.session_state["tokenizer"], int(st.session_state["seed"]))
    config, unusable = settings.experiment(data, dataset), None
    with account:
        corpus_account(report, dataset.medium, shown=run is not None)
except InputError as error:
    unusable = error
    st.error(plain(error.sentence(lang())), icon=":material/error:")
    if run is None:
        st.stop()


def experiment() -> tuple[ExperimentConfig, Dataset]:
    """Raises here, not earlier, so that an open run stays visible while the settings are unusable."""
    if unusable:
        raise unusable
    return config, dataset


def nothing() -> None:
    if dataset.medium != TEXT:
        expect(views.PICTURES, key=ends.VIEW)
        st.header(shown.words("mlm.masks", dataset.medium), anchor=False)
        pictures.first_look(config, dataset)
        st.info(t("mlm.empty"), icon=":material/play_arrow:")
        return
    expect(views.VIEWS, key=ends.VIEW)
    # All that the masks depend on; a new device or model, for example, does not redraw them.
    key = str((id(dataset), config.data, config.task, config.arms, config.train.seed, config.train.epochs))
    masked = hidden_words.masked(key, config, dataset)
    st.header(t("mlm.masks"), anchor=False, help=explained("mask_token"))
    hidden_words.show(masked, config.train.epochs, running=False)
    hidden_words.ever_asked(masked, key)
    hidden_words.until_when_alike(masked)
    st.info(t("mlm.empty"), icon=":material/play_arrow:")
    afterwards()


panel(run, Parts(experiment, nothing, views.draw, ends.outcome, views.curves))
making.offer("mlm")

"""Mark & write: every unit marked, or a text written, by the encoder that tells classes apart."""

from __future__ import annotations

import streamlit as st

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.ui import hiding
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn import making
from dynmask_core.ui.tasks import data, scores, settings, views
from dynmask_core.ui.watch.panel import Parts, panel
from dynmask_core.ui.watch.views import expect
from dynmask_core.ui.workers import attached_run

require_frame(__file__)

run = attached_run("tasks")


def form() -> None:
    settings.form()
    if run is None:
        settings.more()
    else:
        settings.rest()
    st.caption(t("tasks.own", command=f"dynmask {settings.task()} FILE"))


folded = settings.describe(run.config()) if run is not None else ""
hiding.place(t("tasks.title"), form, folded=folded, about=t("tasks.what"))
unusable: InputError | None = None
try:
    config, dataset = settings.experiment()
except InputError as error:
    unusable = error
    st.error(plain(error.sentence(lang())), icon=":material/error:")


def experiment() -> tuple[ExperimentConfig, Dataset]:
    """Raises here, not earlier, so that an open run stays visible while the settings are unusable."""
    if unusable:
        raise unusable
    return config, dataset


def nothing() -> None:
    expect(views.VIEWS[settings.task()], key=scores.VIEW)
    if unusable is None:
        st.header(t("tasks.first_look"), anchor=False)
        data.first_look(dataset)
    st.info(t("tasks.empty"), icon=":material/play_arrow:")


panel(run, Parts(experiment, nothing, views.draw, scores.outcome, scores.curves))
making.offer("tasks")

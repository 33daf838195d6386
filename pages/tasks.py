"""Mark & write: every unit marked, or a text written, by the encoder that tells classes apart."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.ui import hiding
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn import making
from dynmask_core.ui.tasks import data, scores, settings, views, write
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


write.how()  # an address may say it, whatever is shown of it
folded = settings.describe(run.config()) if run is not None else ""
with data.CHOOSERS[settings.task()].spoken():
    hiding.place(t("tasks.title"), form, folded=folded, about=t("tasks.what"))
try:
    settings.check()
except InputError as error:
    st.error(plain(error.sentence(lang())), icon=":material/error:")


def nothing() -> None:
    expect(views.VIEWS[settings.task()], key=scores.VIEW)
    st.header(t("tasks.first_look"), anchor=False)
    with suppress(InputError):  # said beside the file
        data.first_look(settings.task(), int(st.session_state["seed"]))
        st.info(t("tasks.empty"), icon=":material/play_arrow:")


panel(run, Parts(settings.experiment, nothing, views.draw, scores.outcome, scores.curves))
making.offer("tasks")

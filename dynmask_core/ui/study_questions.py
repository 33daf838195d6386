"""Questions to the models of a study, over its seeds: computed when a reader asks, and kept."""

from __future__ import annotations

import streamlit as st

from dynmask_core.report.questions.over_seeds import blocks
from dynmask_core.studies import KINDS, Progress, Study
from dynmask_core.studies.questions import QUESTIONS, OverSeeds
from dynmask_core.ui.blocks import Drawer
from dynmask_core.ui.i18n import t
from dynmask_core.ui.question.asking import work_out


def draw(study: Study, now: Progress) -> None:
    """Draws a section for each question of the study's kind, once no process works on it."""
    if now.state == "working" or not now.done:
        return
    for name in KINDS[study.config.kind].questions:
        st.subheader(t(f"over.{name}"), anchor=False)
        found = _found(study, name, now.done)
        if found is None:
            st.caption(t(f"over.{name}.read"))
            if work_out(study, f"over_{name}", QUESTIONS[name].answer, t("over.ask"), t("over.computing")):
                found = _found(study, name, now.done)
        if found is not None:
            Drawer().blocks(blocks(found))


def _found(study: Study, question: str, done: int) -> OverSeeds | None:
    try:
        return _kept(study, study.name, question, done)
    except LookupError:
        return None


@st.cache_resource(show_spinner=False, max_entries=16)
def _kept(_study: Study, name: str, question: str, done: int) -> OverSeeds:
    """Raises LookupError, which is not cached, while models have not been asked."""
    found = QUESTIONS[question].kept(_study)
    if found is None:
        raise LookupError(name)
    return found

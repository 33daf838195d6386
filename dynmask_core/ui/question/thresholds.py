"""The section "Threshold after training"."""

from __future__ import annotations

import streamlit as st

from dynmask_core.analysis.thresholds import known, thresholds
from dynmask_core.colors import arm_color
from dynmask_core.report.questions.thresholds import fixed, honest, said_of, table
from dynmask_core.runs import Status
from dynmask_core.ui.blocks import Drawer
from dynmask_core.ui.components.thresholds import STRING_KEYS, threshold_curves
from dynmask_core.ui.i18n import explained, t, templates
from dynmask_core.ui.question.asking import asked
from dynmask_core.ui.watch.run_view import RunView


def draw(view: RunView, status: Status) -> None:
    """Draws the section; the curves are computed when the reader asks for them."""
    st.subheader(t("thresholds.title"), anchor=False, help=explained("theta"))
    st.caption(t("thresholds.read"))
    found = asked(view, status, "thresholds", known, thresholds)
    if found is None:
        return
    answers = [found[arm] for arm in view.arms]
    movable = [one for one in answers if not one.why_not]
    drawer = Drawer()
    if movable:
        drawer.blocks([said_of(one) for one in movable])
        st.text(t("thresholds.look", draws=movable[0].parts["test"].draws))
        colors = [arm_color(view.arms.index(one.arm)) for one in movable]
        threshold_curves(
            movable, colors, run=view.run.name, strings=templates(STRING_KEYS), key=f"thresholds_{view.run.name}"
        )
        drawer.blocks([honest(movable[0]), table(movable)])
    else:
        st.caption(t("thresholds.nothing"))
    drawer.blocks(fixed(answers))

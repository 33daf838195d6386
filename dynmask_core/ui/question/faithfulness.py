"""The section "Is the mask right?"."""

from __future__ import annotations

import streamlit as st

from dynmask_core.analysis.faithfulness import faithfulness, known
from dynmask_core.report.questions.faithfulness import blocks
from dynmask_core.runs import Status
from dynmask_core.ui.blocks import Drawer
from dynmask_core.ui.i18n import explained, t
from dynmask_core.ui.question.asking import asked
from dynmask_core.ui.watch.run_view import RunView


def draw(view: RunView, status: Status) -> None:
    """Draws the section; the models are asked when the reader wants it."""
    st.subheader(t("faith.title"), anchor=False, help=explained("faithfulness"))
    st.caption(t("faith.read"))
    found = asked(view, status, "faith", known, faithfulness)
    if found is not None:
        Drawer().blocks(blocks([found[arm] for arm in view.arms], view.arms))

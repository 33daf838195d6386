"""Why this and not that: two nearly equal sentences, and which of the differing words make the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dynmask_core.analysis.standing import At
from dynmask_core.colors import arm_color
from dynmask_core.messages import told
from dynmask_core.runs import Run
from dynmask_core.ui.components.contrast import STRING_KEYS, ContrastData, side_by_side
from dynmask_core.ui.i18n import lang, t, templates
from dynmask_core.ui.question.subjects import BY_NAME, subjects
from dynmask_core.ui.watch.run_view import RunView

if TYPE_CHECKING:
    from dynmask_core.analysis.contrast import Contrast


def draw(view: RunView, stands: At, text: str, pinned: str | None) -> None:
    """Draws the section. Compared are the sentence and another that the reader types, else the pinned original and the
    sentence that it was edited into."""
    st.subheader(t("contrast.title"), anchor=False)
    st.caption(t("contrast.look"))
    other = st.text_input(
        t("contrast.other"), key="act_other", placeholder=t("contrast.other.placeholder"), persist_state="session",
    )  # fmt: skip
    first, second = text, " ".join((other or "").split())
    if not second and pinned is not None:
        first, second = pinned, text
    if not second or first == second:
        st.caption(t("contrast.none"))
        return
    found = _contrasted(view.run, stands, first, second)
    if found.far:
        st.caption(t("contrast.far", alike=f"{found.alike:.0%}"))
    data = ContrastData(
        found,
        [told(found.verdict(arm), lang()) for arm in found.arms],
        (view.reader.show(first).spans, view.reader.show(second).spans),
        [arm_color(i) for i in range(len(view.arms))],
    )
    side_by_side(data, lang=lang(), strings=templates(STRING_KEYS), key="contrast")
    st.caption(t("contrast.caution"))


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=BY_NAME)
def _contrasted(run: Run, stands: At, first: str, second: str) -> Contrast:
    opened = subjects(run, stands)
    # Loaded here: only this needs torch, which takes seconds to load.
    from dynmask_core.analysis.contrast import contrast

    return contrast(opened, first, second)

"""A source that the reader types or chooses, and what every arm writes after it, step by step."""

from __future__ import annotations

import streamlit as st

from dynmask_core.analysis.standing import At, at, can_stand
from dynmask_core.colors import arm_color
from dynmask_core.data.pairs import BETWEEN, parted
from dynmask_core.masks import brief
from dynmask_core.runs import Run, Status
from dynmask_core.ui.components.writing import STRING_KEYS, Line, Step, writing
from dynmask_core.ui.i18n import lang, t, templates
from dynmask_core.ui.question.subjects import BY_NAME, subject
from dynmask_core.ui.watch.run_view import RunView

MOST_TYPED = 600
"""Characters."""


def draw(view: RunView, status: Status) -> None:
    """The section; before the end of the first epoch it says why it is empty."""
    source, wanted = _source(view)
    if not can_stand(view.run):
        st.caption(t("writing.later"))
        return
    if not source:
        return
    stands = at(view.run)
    st.caption(t("writing.early", epoch=stands[0]) if stands[1] else t("writing.best"))
    if wanted:
        st.text(t("writing.wanted", target=wanted))
    lines = [
        Line(brief(arm), arm_color(a), *_written(view.run, arm, stands, source)) for a, arm in enumerate(view.arms)
    ]
    writing(lines, lang=lang(), strings=templates(STRING_KEYS), key="writing")


def _source(view: RunView) -> tuple[str, str]:
    """The source, and its target if it is a watched one. Of prose, the beginning of a text."""
    watched = [parted(probe.text) for probe in view.probes]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            t("writing.watched"), range(len(watched)), format_func=lambda i: _begin(*watched[i]), key="write_probe",
        )  # fmt: skip
    with right:
        typed = st.text_input(
            t("writing.own"), key="write_own", placeholder=t("writing.own.placeholder"), max_chars=MOST_TYPED
        )
    own = " ".join(typed.replace(BETWEEN, " ").split())
    if own:
        if unknown := view.reader.unknown_units(own + BETWEEN):
            st.text(t("unknown.words", words=", ".join(unknown)))
        return own, ""
    if chosen is None or chosen >= len(watched):
        return "", ""
    source, target = watched[chosen]
    return (_begin(None, target), "") if source is None else (source, target)


PROSE_WORDS = 4
"""So many words of a text are given."""


def _begin(source: str | None, target: str) -> str:
    return source if source is not None else " ".join(target.split()[:PROSE_WORDS])


@st.cache_data(show_spinner=False, max_entries=200, hash_funcs=BY_NAME)
def _written(run: Run, arm: str, stands: At, source: str) -> tuple[str, list[str], int, list[Step]]:
    """What stands in a Line after name and colour."""
    # Loaded here: it needs torch, which takes seconds to load.
    from dynmask_core.analysis.continued import continued

    found = continued(run, subject(run, arm, stands), source)
    steps = [
        Step(word.text, word.place, word.probability, list(word.alternatives), word.attention.mean((0, 1)).tolist())
        for word in found.words
    ]
    return found.text, list(found.units), found.given, steps

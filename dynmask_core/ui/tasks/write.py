"""A source that the reader types or chooses, and what every arm writes after it, step by step."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from dynmask_core.analysis.standing import At, at, can_stand
from dynmask_core.colors import arm_color
from dynmask_core.config.offers import COLDEST, DRAWS, MAX_SEED, MOST_CANDIDATES, WARMEST
from dynmask_core.data.pairs import BETWEEN, beginning, parted
from dynmask_core.masks import brief
from dynmask_core.runs import Run, Status
from dynmask_core.ui import address
from dynmask_core.ui.components.writing import STRING_KEYS, Line, Step, writing
from dynmask_core.ui.i18n import in_a_row, lang, t, templates
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
    stands, chosen = at(view.run), how()
    _controls(chosen)
    said = t("writing.early", epoch=stands[0]) if stands[1] else t("writing.best")
    st.caption(f"{said} {t('writing.how.drawn' if chosen.temperature else 'writing.how.greedy')}")
    if wanted:
        st.text(t("writing.wanted", target=wanted))
    lines = [
        Line(brief(arm), arm_color(a), *_written(view.run, arm, stands, source, chosen))
        for a, arm in enumerate(view.arms)
    ]
    writing(lines, lang=lang(), strings=templates(STRING_KEYS), key="writing")


class How(NamedTuple):
    """As tasks.generate.Sampling, which needs torch."""

    temperature: float
    top_k: int
    seed: int


def how() -> How:
    """How words are chosen, as the address says it."""
    address.choice("draw", DRAWS, DRAWS[0])
    address.number("temperature", COLDEST, WARMEST, 1.0)
    address.number("top_k", 0, MOST_CANDIDATES, 0)
    address.number("draw_seed", 0, MAX_SEED, 0)
    state = st.session_state
    if state["draw"] == DRAWS[0]:
        return How(0.0, 0, 0)
    return How(float(state["temperature"]), int(state["top_k"]), int(state["draw_seed"]))


def _controls(now: How) -> None:
    first, second, third, last = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    with first:
        st.segmented_control(
            t("writing.how"), DRAWS, format_func=lambda name: t(f"writing.how.{name}.name"), required=True,
            wrap=True, help=t("writing.how.help"), **address.choice("draw", DRAWS, DRAWS[0]),
        )  # fmt: skip
    if not now.temperature:
        return
    with second:
        bound = address.number("temperature", COLDEST, WARMEST, 1.0)
        st.slider(
            t("writing.temperature"), COLDEST, WARMEST, step=0.1, help=t("writing.temperature.help"), **bound
        )  # fmt: skip
    with third:
        bound = address.number("top_k", 0, MOST_CANDIDATES, 0)
        st.number_input(t("writing.top_k"), 0, MOST_CANDIDATES, help=t("writing.top_k.help"), **bound)
    with last:
        st.button(t("writing.again"), icon=":material/casino:", key="draw_again", on_click=_draw_again)


def _draw_again() -> None:
    st.session_state["draw_seed"] = (int(st.session_state["draw_seed"]) + 1) % (MAX_SEED + 1)


def _source(view: RunView) -> tuple[str, str]:
    """The source, and its target if it is a watched one. Of prose, the beginning of a text."""
    watched = [parted(probe.text) for probe in view.probes]
    given = [beginning(target, view.reader.config) if source is None else source for source, target in watched]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            t("writing.watched"), range(len(watched)), format_func=given.__getitem__, key="write_probe",
        )  # fmt: skip
    with right:
        typed = st.text_input(
            t("writing.own"), key="write_own", placeholder=t("writing.own.placeholder"), max_chars=MOST_TYPED
        )
    own = " ".join(typed.replace(BETWEEN, " ").split())
    if own:
        if unknown := view.reader.unknown_units(own + BETWEEN):
            st.text(t("unknown.words", words=in_a_row(unknown)))
        return own, ""
    if chosen is None or chosen >= len(watched):
        return "", ""
    source, target = watched[chosen]
    return given[chosen], "" if source is None else target


@st.cache_data(show_spinner=False, max_entries=200, hash_funcs=BY_NAME)
def _written(run: Run, arm: str, stands: At, source: str, chosen: How) -> tuple[str, list[str], int, list[Step]]:
    """What stands in a Line after name and colour."""
    # Loaded here: they need torch, which takes seconds to load.
    from dynmask_core.analysis.continued import continued
    from dynmask_core.tasks.generate import Sampling

    found = continued(run, subject(run, arm, stands), source, Sampling(*chosen))
    steps = [
        Step(word.text, word.place, word.probability, list(word.alternatives), word.attention.mean((0, 1)).tolist())
        for word in found.words
    ]
    return found.text, list(found.units), found.given, steps

"""Make your own mask: written as an expression or painted, seen on a sentence, and trained."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np
import streamlit as st

from dynmask_core.analysis.composed import Composed, compose
from dynmask_core.errors import InputError
from dynmask_core.masks import canonical, painted
from dynmask_core.masks.compose import require
from dynmask_core.masks.expression import LENGTH, shortest
from dynmask_core.masks.library.custom import START
from dynmask_core.messages import speaking_of
from dynmask_core.tasks import task_of
from dynmask_core.ui import address, hiding
from dynmask_core.ui.components.paint import STRING_KEYS, paint
from dynmask_core.ui.composer.words import EXAMPLES, table
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import helped, lang, plain, t, templates
from dynmask_core.ui.starts import blank

OWN = "edges"
"""The setting, in session and address: the mask's shortest writing, "" as long as the reader has none."""
TEXT, PROBLEM, HISTORY, PLACES = "composer_text", "composer_problem", "composer_history", "composer_places"
FEWEST, USUAL, WIDEST, KEPT, FAR = 4, 16, 20, 100, 128


@st.fragment
def section(words: Sequence[str], medium: str) -> None:
    """A fold with everything. words: of the sentence that the mask is shown on, as in the vocabulary; of others,
    the names of its units. medium: what the sample is."""
    with speaking_of(medium):
        _section(words, medium)


def _section(words: Sequence[str], medium: str) -> None:
    own = address.text(OWN, "", shortest)
    with st.expander(t("composer.title"), icon=":material/draw:", expanded=bool(own), key="composer"):
        hiding.purpose(t("composer.what"))
        # The picture first: on a phone it stands above what is written.
        left, right = st.columns([3, 2], gap="large")
        with right:
            _write(medium)
            places = st.slider(
                t("composer.places"), FEWEST, painted.MOST, min(max(len(words) + 1, USUAL), WIDEST),
                help=helped("composer.places.help", "picture"), key=PLACES, persist_state="session",
            )  # fmt: skip
        drawn = compose(st.session_state[OWN] or START, words, places)
        with right:
            _told(drawn, words, medium)
        with left:
            paint(
                drawn.edges, drawn.words, can_undo=bool(st.session_state.get(HISTORY)),
                strings=templates(STRING_KEYS), key="composer_paint", on_paint=_painted, on_undo=_undo,
            )  # fmt: skip
            st.caption(t("composer.look"))


def _write(medium: str) -> None:
    """The field with the expression, what is wrong with it, and examples that can act on such samples."""
    state = st.session_state
    state.setdefault(TEXT, spaced(state[OWN] or START))
    st.text_input(
        t("composer.expression"), key=TEXT, max_chars=LENGTH, on_change=_typed, persist_state="session",
        help=helped("composer.expression.help", "picture"),
    )  # fmt: skip
    if problem := state.get(PROBLEM):
        st.error(plain(problem.sentence(lang())), icon=":material/error:")
        st.caption(t("composer.stale"))
    with st.container(horizontal=True, gap="xsmall", key="composer_examples"):
        for name, text in EXAMPLES.items():
            if _lacks(text, medium):
                continue
            st.button(
                t(f"composer.example.{name}"), key=f"composer_example_{name}", on_click=_take, args=(text,),
                help=plain(text),
            )  # fmt: skip


def _lacks(text: str, medium: str) -> InputError | None:
    """What the mask needs and samples of this medium do not have, as a sentence; None if it can be trained on them."""
    config = blank(medium)
    try:
        require(canonical(f"custom:{text}"), task_of(config).provided(config))
    except InputError as error:
        return error
    return None


def _told(drawn: Composed, words: Sequence[str], medium: str) -> None:
    """How much stays, and the ways to a trained model, if there are any."""
    far = compose(drawn.expression, words, FAR).kept
    st.markdown(t("composer.kept", kept=f"{drawn.kept:.0%}", places=len(drawn.edges), far=FAR, far_kept=f"{far:.0%}"))
    if count := int(drawn.alone.sum()):
        st.caption(t("composer.alone", count=count))
    if "painted(" in drawn.expression:
        st.caption(t("composer.beyond"))
    if lacks := _lacks(drawn.expression, medium):
        st.warning(plain(lacks.sentence(lang())), icon=":material/block:")
        st.html(table())
        return
    arm = canonical(f"custom:{drawn.expression}")
    if st.button(t("composer.train"), icon=":material/model_training:", key="composer_train", type="primary"):
        st.session_state["baseline"], st.session_state["dynamic"] = "none", arm
        go_to("train")
    st.caption(t("composer.command"))
    st.code(shlex.join(["dynmask", "train", "DATA", "--arms", f"none,{arm}"]), language="sh", wrap_lines=True)
    st.html(table())


def go_with(text: str) -> None:
    """Opens the section with this expression."""
    st.session_state[OWN], st.session_state[TEXT] = text, spaced(text)
    go_to("masks")


def spaced(text: str) -> str:
    """A shortest writing with spaces around the operators that join masks."""
    for sign in "|&^":
        text = text.replace(sign, f" {sign} ")
    return text


def _typed() -> None:
    try:
        _keep(shortest(st.session_state[TEXT]))
    except InputError as error:
        st.session_state[PROBLEM] = error


def _take(text: str) -> None:
    st.session_state[TEXT] = text
    _keep(shortest(text))


def _painted(edges: np.ndarray) -> None:
    _take(f'painted("{painted.write(edges)}")')


def _undo() -> None:
    if st.session_state.get(HISTORY):
        before = st.session_state[HISTORY].pop()
        st.session_state[OWN], st.session_state[TEXT] = before, spaced(before or START)
        st.session_state.pop(PROBLEM, None)


def _keep(text: str) -> None:
    """Makes it the reader's mask; what was before can come back."""
    state = st.session_state
    state.pop(PROBLEM, None)
    if text != state[OWN]:
        state[HISTORY] = [*state.get(HISTORY, []), state[OWN]][-KEPT:]
        state[OWN] = text

"""Which sentence is asked: one that the run has recorded, or one of the reader's own."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dynmask_core.data.media import TEXT, medium
from dynmask_core.ui import shown
from dynmask_core.ui.components.thumbs import Thumb, choose_thumb
from dynmask_core.ui.i18n import in_a_row, t
from dynmask_core.ui.watch.run_view import RunView

MAX_TYPED = 2000
"""Characters; the player may show fewer words."""
MAX_EDITED = 6000
"""Characters, enough for 512 words."""
MAX_LABEL = 80
READABLE = (4, 24)
"""Words of a sentence that is good to begin with."""


def choose(view: RunView, key: str, say: Callable[[int], str] | None = None, most: int = MAX_TYPED) -> str:
    """The chosen sentence: a recorded one, or what the reader types; "" if there is none.

    key: the widgets' keys are `key` and `own_KEY`. say: index → how a recorded sentence is listed.
    """
    if view.medium != TEXT:
        return _looked_at(view, key)
    recorded = [probe.text for probe in view.probes]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        listed = say or recorded.__getitem__
        index = st.selectbox(
            t("probe.choose"), range(len(recorded)), format_func=listed, key=key, label_visibility="collapsed"
        )
    with right:
        typed = st.text_input(
            t("probe.own"), key=f"own_{key}", placeholder=t("probe.own.placeholder"), label_visibility="collapsed"
        )
    if typed.strip():
        unknown(view, typed.strip()[:most])
    return typed.strip()[:most] or (recorded[index] if index is not None and index < len(recorded) else "")


def edit(view: RunView, key: str) -> str:
    """A recorded sentence as the reader has edited it, or one of the reader's own; "" if it has no words.

    key: the widgets' keys are `KEY_probe` and `KEY_text`. Another run begins with a sentence of its own.
    Of samples that are no texts, one of the recorded ones.
    """
    if view.medium != TEXT:
        return _looked_at(view, f"{key}_probe")
    state, of, probe, written = st.session_state, f"{key}_of", f"{key}_probe", f"{key}_text"
    recorded = [one.text for one in view.probes]
    if state.get(of) != view.run.name:
        first = next((i for i, text in enumerate(recorded) if _readable(view, text)), 0)
        state[of], state[probe] = view.run.name, first if recorded else None
        state[written] = recorded[first] if recorded else ""

    def take() -> None:
        if state[probe] is not None:
            state[written] = recorded[state[probe]]

    left, right = st.columns([2, 3])
    with left:
        st.selectbox(
            t("probe.choose"), range(len(recorded)), format_func=lambda i: labelled(view, i), key=probe,
            on_change=take, persist_state="session",
        )  # fmt: skip
    with right:
        typed = st.text_area(
            t("act.edit"), key=written, height=80, max_chars=MAX_EDITED, persist_state="session",
        )  # fmt: skip
    text = " ".join((typed or "").split())
    unknown(view, text)
    return text if view.reader.show(text).spans else ""


def _looked_at(view: RunView, key: str) -> str:
    """One of the recorded pictures or sounds; they cannot be typed."""
    thumbs = [Thumb(shown.picture(view.reader, probe.text), labelled(view, i)) for i, probe in enumerate(view.probes)]
    title = t("probe.choose")
    return view.probes[choose_thumb(thumbs, title=title, of=view.run.name, key=f"thumbs_{key}")].text


def unknown(view: RunView, text: str) -> None:
    """Names the words of a sentence that training never saw."""
    if view.vocabulary is not None and (words := view.reader.unknown_units(text)):
        st.text(t("unknown.words", words=in_a_row(words)))


def labelled(view: RunView, index: int) -> str:
    """A recorded sentence with its number and, if the task has classes, its class."""
    probe = view.probes[index]
    if medium(probe.text) != TEXT and view.classes and probe.label is not None:
        return t("probe.class", number=index + 1, label=view.classes[probe.label])
    name = shown.name(probe.text) if medium(probe.text) == TEXT or not view.classes else ""
    cut = name if len(name) <= MAX_LABEL else name[: MAX_LABEL - 1] + "…"
    label = [t("probe.typed") if probe.label is None else view.classes[probe.label]] if view.classes else []
    return " · ".join([str(index + 1), *label, *([cut] if cut else [])])


def _readable(view: RunView, text: str) -> bool:
    return READABLE[0] <= len(view.reader.show(text).spans) <= READABLE[1]

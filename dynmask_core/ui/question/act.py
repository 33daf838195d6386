"""Act on it: words are clicked out of a sentence and back, heads are switched off, and every arm answers again."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import streamlit as st

from dynmask_core.analysis.standing import At, at, can_stand
from dynmask_core.colors import arm_color
from dynmask_core.data.media import TEXT
from dynmask_core.errors import InputError
from dynmask_core.messages import speaking_of
from dynmask_core.runs import Run, Status
from dynmask_core.ui import shown
from dynmask_core.ui.components.act import STRING_KEYS, ActData, Choice, act_on, choice
from dynmask_core.ui.i18n import lang, plain, t, templates
from dynmask_core.ui.question import against
from dynmask_core.ui.question.subjects import BY_NAME, subjects
from dynmask_core.ui.watch import which
from dynmask_core.ui.watch.progress import clock
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.watch.scores import EARLY

if TYPE_CHECKING:
    from dynmask_core.analysis.act import Acted

AT_ONCE = 8000
"""Words are removed one by one without being asked for if arms × words² is not more: then it takes some 0.1 s."""


def draw(view: RunView, status: Status) -> None:
    """Draws both sections: acting on one sentence, and two sentences side by side."""
    st.subheader(t("act.title"), anchor=False)
    if status.state not in EARLY and status.state != "finished":
        st.caption(t("act.later", epoch=status.epoch, epochs=status.epochs))
        if status.remaining:
            st.caption(t("act.left", time=clock(status.remaining)))
        return
    if not can_stand(view.run):
        st.caption(t("act.nothing"))
        return
    _ask(view)


@st.fragment
def _ask(view: RunView) -> None:
    """A fragment of its own: a click redraws nothing else."""
    with speaking_of(view.medium):
        _asked(view)


def _asked(view: RunView) -> None:
    stands = at(view.run)
    st.caption(t("act.look"))
    if stands[1]:
        st.caption(t("act.early", epoch=stands[0]))
    if st.session_state.get("act_run") != view.run.name:
        st.session_state["act_run"], st.session_state["act_other"] = view.run.name, ""
        st.session_state.pop("act_pinned", None)
    text = which.edit(view, "act")
    if not text:
        st.caption(t("probe.empty"))
        return
    typed = view.medium == TEXT
    pinned = _pin(text) if typed else None
    try:
        _answers(view, stands, text, pinned)
        if typed:
            against.draw(view, stands, text, pinned)
        else:
            st.caption(t("contrast.media"))
    except InputError as error:
        st.error(plain(error.sentence(lang())), icon=":material/error:")


def _pin(text: str) -> str | None:
    """The sentence that the reader has pinned as the original."""

    def pin(sentence: str | None) -> None:
        st.session_state["act_pinned"] = sentence

    pinned: str | None = st.session_state.get("act_pinned")
    with st.container(horizontal=True, vertical_alignment="center", key="act_pins"):
        st.button(
            t("act.pin"), icon=":material/keep:", key="act_pin", help=t("act.pin.help"), on_click=pin, args=(text,),
        )  # fmt: skip
        if pinned is not None:
            st.button(t("act.unpin"), icon=":material/keep_off:", key="act_unpin", on_click=pin, args=(None,))
    if pinned is not None:
        st.text(t("act.pinned", text=pinned))
    return pinned


def _answers(view: RunView, stands: At, text: str, pinned: str | None) -> None:
    seen, model = view.reader.show(text), view.config.model
    forced = choice("act", text, len(seen.spans), model.layers, model.heads)
    short = len(view.arms) * len(seen.spans) ** 2 <= AT_ONCE
    each = short or st.toggle(t("act.each"), key="act_each", help=t("act.each.help"))
    opened = (view.run.name, stands)
    # A spinner for every click would cost as much time as the answer.
    quick = st.session_state.get("act_opened") == opened and (short or not each)
    with nullcontext() if quick else st.spinner(t("act.loading")):
        found = acted(view.run, stands, text, forced, each)
        original = found if pinned is None else acted(view.run, stands, pinned, Choice(), False)
    st.session_state["act_opened"] = opened
    data = ActData(
        found,
        [arm.before for arm in original.arms],
        seen.spans,
        [arm_color(i) for i in range(len(view.arms))],
        seen.text,
        seen.picture,
    )
    shown.hear(text)
    act_on(data, lang=lang(), strings=templates(STRING_KEYS), key="act")
    if found.unread:
        st.caption(t("act.unread", read=len(found.words), unread=found.unread))
    st.caption(t("act.caution"))


@st.cache_data(show_spinner=False, max_entries=128, hash_funcs=BY_NAME)
def acted(run: Run, stands: At, text: str, forced: Choice, each: bool) -> Acted:
    """What all arms answer; kept for readers who ask the same."""
    opened = subjects(run, stands)
    # Loaded here: only this needs torch, which takes seconds to load.
    from dynmask_core.analysis.act import act
    from dynmask_core.analysis.forced import Forced

    hands = Forced(frozenset(forced.removed), frozenset(forced.restored), frozenset(forced.heads))
    return act(opened, text, hands, each=each)

"""The chosen sentence and its mask player."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from dynmask_core.analysis.standing import can_stand
from dynmask_core.events import Probe, ProbeRecord
from dynmask_core.runs import ACTIVE, Run, Status
from dynmask_core.ui.components.player import STRING_KEYS, Pick, mask_player
from dynmask_core.ui.i18n import lang, t, templates
from dynmask_core.ui.look_here import look_here
from dynmask_core.ui.watch.run_view import RunView

MAX_TYPED = 2000
"""Characters; the player may show fewer words."""
MAX_LABEL = 80


def choose(view: RunView, key: str, say: Callable[[int], str] | None = None, most: int = MAX_TYPED) -> str:
    """The chosen sentence: a recorded one, or what the reader types; "" if there is none.

    key: the widgets' keys are `key` and `own_KEY`. say: index → how a recorded sentence is listed.
    """
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


def unknown(view: RunView, text: str) -> None:
    """Names the words of a sentence that training never saw."""
    if view.vocabulary is not None and (words := view.reader.unknown_units(text)):
        st.text(t("unknown.words", words=", ".join(words)))


def labelled(view: RunView, index: int) -> str:
    """A recorded sentence with its number and, if the task has classes, its class."""
    probe = view.probes[index]
    cut = probe.text if len(probe.text) <= MAX_LABEL else probe.text[: MAX_LABEL - 1] + "…"
    label = [t("probe.typed")] if probe.label is None else [view.classes[probe.label]] if view.classes else []
    return " · ".join([str(index + 1), *label, cut])


def watched(view: RunView, status: Status) -> Pick | None:
    """The section of the chosen sentence. Returns what the reader has picked in its picture."""
    text = choose(view, "probe", lambda index: labelled(view, index))
    return player(view, text, status, key="player", opens=True) if text else None


def player(
    view: RunView,
    sentence: str,
    status: Status,
    *,
    key: str,
    words: Mapping[str, str] | None = None,
    label: int | None = None,
    opens: bool = False,
) -> Pick | None:
    """Draws masks, attention and predictions for the sentence, over all recorded epochs.

    While the run goes on, a sentence that is not recorded is added to its recordings; otherwise the trained models
    compute it, if the run can open them with their masks. words: replace the player's own texts, by key. label: the
    class of a sentence that is not recorded, None if unknown. opens: what is picked is shown below.
    """
    can_open = view.config.task.opened_masked
    probe = next((known for known in view.probes if known.text == sentence), None)
    running = status.state in ACTIVE
    final: dict[str, ProbeRecord] | None = None
    if probe is None:
        if running:
            view.run.add_probe(sentence)
            st.caption(t("probe.soon"))
        elif not can_open:
            st.caption(t("mlm.player.unknown"))
        elif can_stand(view.run):
            final = _final_records(view.run, sentence, status.epoch)
            st.caption(t("probe.after"))
        if not can_open:
            return None  # nothing is known about the sentence
        probe = Probe(sentence, label)
    data = view.player(probe, running=running, final=final)
    if not data.spans:
        st.caption(t("probe.empty"))
        return None
    if said := look_here(data):
        st.text(said)
    if len(data.spans) < (words_in := len(view.reader.show(sentence).spans)):
        st.caption(t("probe.cut", shown=len(data.spans), all=words_in))
    return mask_player(data, lang=lang(), strings=templates(STRING_KEYS) | dict(words or {}), key=key, opens=opens)


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs={Run: lambda run: run.name})
def _final_records(run: Run, sentence: str, epoch: int) -> dict[str, ProbeRecord]:
    # Imported here: only this needs torch, which takes seconds to load.
    from dynmask_core.analysis.subject import Subject

    return {arm: Subject.open(run, arm).records([sentence])[0] for arm in run.config().arms}

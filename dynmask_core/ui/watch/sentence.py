"""The mask player of one sentence."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dynmask_core.analysis.standing import At, at, can_stand
from dynmask_core.events import Probe, ProbeRecord
from dynmask_core.runs import ACTIVE, Run, Status, equal
from dynmask_core.ui.components.player import STRING_KEYS, Pick, mask_player
from dynmask_core.ui.i18n import lang, t, templates
from dynmask_core.ui.look_here import look_here
from dynmask_core.ui.question.subjects import BY_NAME, subject
from dynmask_core.ui.watch.run_view import RunView


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

    While the run goes on, a sentence that is not recorded is added to its recordings, unless others look on (see
    runs.equal); otherwise the trained models compute it, if the run can open them with their masks. words: replace the
    player's own texts, by key. label: the class of a sentence that is not recorded, None if unknown. opens: what is
    picked is shown below.
    """
    can_open = view.config.task.opened_masked
    probe = next((known for known in view.probes if known.text == sentence), None)
    running = status.state in ACTIVE
    final: dict[str, ProbeRecord] | None = None
    if probe is None:
        if running:
            # Others who are led to the run would read it.
            kept = equal.leave(view.run)
            if kept:
                view.run.add_probe(sentence)
            st.caption(t("probe.soon" if kept else "probe.not_kept"))
        elif not can_open:
            st.caption(t("mlm.player.unknown"))
        elif can_stand(view.run):
            final = _final_records(view.run, sentence, at(view.run))
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


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs=BY_NAME)
def _final_records(run: Run, sentence: str, stands: At) -> dict[str, ProbeRecord]:
    return {arm: subject(run, arm, stands).records([sentence])[0] for arm in run.config().arms}

"""What questions to the models of a run share: they are answered when the reader asks, with a progress bar; the answers
are kept in the run's folder."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dynmask_core.analysis.standing import at, can_stand
from dynmask_core.errors import InputError
from dynmask_core.runs import Run, Status
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.watch.run_view import RunView

Result = TypeVar("Result")


@st.cache_resource(show_spinner=False, max_entries=256)
def _one_at_a_time(run: str, question: str) -> threading.Lock:
    """A class that clicks together has one question computed once."""
    return threading.Lock()


def asked(
    view: RunView,
    status: Status,
    name: str,
    known: Callable[[Run], dict[str, Result]],
    compute: Callable[..., dict[str, Result]],
) -> dict[str, Result] | None:
    """The answers by arm, of all arms; None while there are none, and then says why, or offers to compute them.

    name: of the question; its sentences are NAME.ask, NAME.computing, NAME.early, NAME.later. known: the kept answers.
    compute(run, tick=…): makes the missing ones.
    """
    run = view.run
    if status.state in ("queued", "starting", "training") or not can_stand(run):
        st.caption(t(f"{name}.later"))
        return None
    found = known(run)
    if set(found) != set(view.arms):
        place = st.empty()
        if not place.button(t(f"{name}.ask"), icon=":material/help:", key=f"{name}_ask"):
            return None
        bar = place.progress(0.0, text=t(f"{name}.computing"))
        try:
            with _one_at_a_time(run.name, name):  # whoever waited finds what the first reader has computed
                found = compute(run, tick=lambda share: bar.progress(min(share, 1.0), text=t(f"{name}.computing")))
        except InputError as error:
            st.error(plain(error.sentence(lang())), icon=":material/error:")
            return None
        finally:
            place.empty()
    epoch, early = at(run)
    if early:
        st.warning(t(f"{name}.early", epoch=epoch), icon=":material/hourglass_bottom:")
    return found

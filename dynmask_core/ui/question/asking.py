"""What questions to the models of a run share: they are answered when the reader asks, with a progress bar; the answers
are kept in the run's folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from dynmask_core.analysis.standing import at, can_stand
from dynmask_core.errors import InputError
from dynmask_core.runs import Run, Status
from dynmask_core.studies import Study
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.watch.run_view import RunView

Result = TypeVar("Result")


PACE = 0.2
"""Seconds between two looks at the work."""


class Work:
    """The computing of one question about a run or a study, in a thread of its own: a reader who does something else
    meanwhile interrupts the page, not the work, and a class that asks together has it computed once."""

    def __init__(self) -> None:
        self.share = 0.0
        self.error: Exception | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, compute: Callable[..., Any], of: Any) -> None:
        """Begins, unless it runs already. compute(of, tick=…) keeps its results in the folder of a run or a study."""
        with self._lock:
            if self.running:
                return
            self.share, self.error = 0.0, None
            self._thread = threading.Thread(target=self._do, args=(compute, of), daemon=True)
            self._thread.start()

    def _do(self, compute: Callable[..., Any], of: Any) -> None:
        try:
            compute(of, tick=self._tick)
        except Exception as error:  # told by whoever looks at the work
            self.error = error

    def _tick(self, share: float) -> None:
        self.share = share


@st.cache_resource(show_spinner=False, max_entries=256)
def _work(name: str, question: str) -> Work:
    """One per run or study and question on this server."""
    return Work()


def work_out(of: Run | Study, question: str, compute: Callable[..., Any], ask: str, computing: str) -> bool:
    """Offers to compute what is missing, and shows the progress of the work. True when it has just been done.

    compute(of, tick=…): see `Work.start`. ask, computing: the words of the button, and those beside the progress.
    """
    work, place = _work(of.name, question), st.empty()
    if not work.running:
        if not place.button(ask, icon=":material/help:", key=f"{question}_ask"):
            return False
        work.start(compute, of)
    while work.running:
        place.progress(min(work.share, 1.0), text=computing)
        time.sleep(PACE)
    place.empty()
    if isinstance(work.error, InputError):
        st.error(plain(work.error.sentence(lang())), icon=":material/error:")
        return False
    if work.error is not None:
        raise work.error
    return True


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
    if status.state in ("queued", "starting", "training"):
        st.caption(t(f"{name}.later"))
        return None
    if not can_stand(run):
        st.caption(t("act.nothing"))
        return None
    found = known(run)
    if set(found) != set(view.arms):
        if not work_out(run, name, compute, t(f"{name}.ask"), t(f"{name}.computing")):
            return None
        found = known(run)
        if set(found) != set(view.arms):
            return None  # the run has gone on meanwhile: its models are others now
    epoch, early = at(run)
    if early:
        st.warning(t(f"{name}.early", epoch=epoch), icon=":material/hourglass_bottom:")
    return found

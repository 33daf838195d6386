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
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.watch.run_view import RunView

Result = TypeVar("Result")


PACE = 0.2
"""Seconds between two looks at the work."""


class Work:
    """The computing of one question about one run, in a thread of its own: a reader who does something else meanwhile
    interrupts the page, not the work, and a class that asks together has it computed once."""

    def __init__(self) -> None:
        self.share = 0.0
        self.error: Exception | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, compute: Callable[..., Any], run: Run) -> None:
        """Begins, unless it runs already. compute(run, tick=…) keeps its results in the run's folder."""
        with self._lock:
            if self.running:
                return
            self.share, self.error = 0.0, None
            self._thread = threading.Thread(target=self._do, args=(compute, run), daemon=True)
            self._thread.start()

    def _do(self, compute: Callable[..., Any], run: Run) -> None:
        try:
            compute(run, tick=self._tick)
        except Exception as error:  # told by whoever looks at the work
            self.error = error

    def _tick(self, share: float) -> None:
        self.share = share


@st.cache_resource(show_spinner=False, max_entries=256)
def _work(run: str, question: str) -> Work:
    """One per run and question on this server."""
    return Work()


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
        work, place = _work(run.name, name), st.empty()
        if not work.running:
            if not place.button(t(f"{name}.ask"), icon=":material/help:", key=f"{name}_ask"):
                return None
            work.start(compute, run)
        while work.running:
            place.progress(min(work.share, 1.0), text=t(f"{name}.computing"))
            time.sleep(PACE)
        place.empty()
        if isinstance(work.error, InputError):
            st.error(plain(work.error.sentence(lang())), icon=":material/error:")
            return None
        if work.error is not None:
            raise work.error
        found = known(run)
        if set(found) != set(view.arms):
            return None  # the run has gone on meanwhile: its models are others now
    epoch, early = at(run)
    if early:
        st.warning(t(f"{name}.early", epoch=epoch), icon=":material/hourglass_bottom:")
    return found

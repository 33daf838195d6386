"""The trained models of runs, opened once for all readers of this server.

Nothing waits for anything here: a subject keeps nothing of a question, so that several readers can ask it at the same
time. Work that changes a model, as moving its threshold does, opens one of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from dynmask_core.analysis.standing import At, at, require_classes
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject

BY_NAME: dict[str | type, Any] = {Run: lambda run: run.name}
"""For caches of what is known of runs."""


@st.cache_resource(show_spinner=False, max_entries=32, hash_funcs=BY_NAME)
def subject(run: Run, arm: str, when: int | At) -> Subject:
    """The model of an arm. when: one of the kept epochs, or where the run stands, for the best epoch so far."""
    # Loaded here: only this needs torch, which takes seconds to load.
    from dynmask_core.analysis.subject import Subject

    return Subject.open(run, arm, when if isinstance(when, int) else None)


def subjects(run: Run, stands: At) -> tuple[Subject, ...]:
    """The models of all arms at their best epochs. Raises InputError `no_classes`."""
    require_classes(run)
    return tuple(subject(run, arm, stands) for arm in run.config().arms)


def best(run: Run) -> Callable[[str], Subject]:
    """Gives the model of an arm at its best epoch so far."""
    stands = at(run)
    return lambda arm: subject(run, arm, stands)

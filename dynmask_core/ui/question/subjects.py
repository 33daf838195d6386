"""The trained models of a run, opened once for all readers."""

from __future__ import annotations

import functools
import gc
import threading
from typing import TYPE_CHECKING

import streamlit as st

from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject

ASKING = threading.Lock()
"""A subject answers one reader at a time: its mask keeps the plan that it has just made."""


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Run: lambda run: run.name})
def subjects(run: Run, stands: tuple[int, bool]) -> tuple[Subject, ...]:
    """The models of all arms. stands: see `standing.at`; models of a run that has gone on are others."""
    # Loaded here: only this needs torch, which takes seconds to load.
    from dynmask_core.analysis.act import open_arms

    opened = open_arms(run)
    _settle()
    return opened


@functools.cache
def _settle() -> None:
    """Takes what is loaded by now out of the search for garbage, once per process.

    Streamlit searches all objects after every run of a script. With torch loaded these are 300,000: 0.15 s, in which
    the answer to a click is not sent.
    """
    gc.collect()
    gc.freeze()

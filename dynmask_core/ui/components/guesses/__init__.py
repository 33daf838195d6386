"""A reader's guesses in a lesson, kept by the browser: they survive a reload, and are there tomorrow.

They lie in the browser's own storage, of this address alone, and its tabs share them. The server writes them nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dynmask_core.ui.web import component

_mount = component("guesses")


@dataclass(frozen=True)
class Kept:
    """What was guessed in one step. at: when, in milliseconds; of two, the later one counts. shape: of the questions.

    answers: one for each question; None if the guess was forgotten. From a browser, both can be anything: check them.
    """

    at: int
    shape: Any
    answers: Any


def kept_guesses(lesson: str, guesses: Mapping[int, Kept], *, key: str) -> dict[int, Kept]:
    """Has the browser add the guesses of this visit, by step, to those that it keeps of the lesson; returns those that
    it keeps then. Empty until it answers, and where a browser forbids storage."""
    said = {str(step): {"at": one.at, "shape": one.shape, "answers": one.answers} for step, one in guesses.items()}
    state = _mount(
        data={"lesson": lesson, "guesses": said}, default={"kept": None}, on_kept_change=lambda: None, key=key
    )
    kept = getattr(state, "kept", None)
    if not isinstance(kept, dict) or kept.get("lesson") != lesson or not isinstance(kept.get("guesses"), dict):
        return {}
    return {
        int(step): Kept(one["at"], one.get("shape"), one.get("answers"))
        for step, one in kept["guesses"].items()
        if step.isdecimal() and len(step) < 4 and isinstance(one, dict) and type(one.get("at")) is int
    }

"""A row of small pictures, of which one is chosen: the samples of a run that can be watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from dynmask_core.ui.web import component

_mount = component("thumbs")


@dataclass(frozen=True)
class Thumb:
    """url: a picture as a data URL. label: below it, and how it is called by those who do not see it."""

    url: str
    label: str


def choose_thumb(thumbs: Sequence[Thumb], *, title: str, of: str, key: str) -> int:
    """Draws them; returns the index of the chosen one, the first at the beginning. title: the name of the whole row.

    of: what the pictures belong to; among others the choice begins again.
    """
    data = {"thumbs": [asdict(thumb) for thumb in thumbs], "title": title, "of": of}
    state = _mount(data=data, key=key, on_chosen_change=lambda: None).get("chosen")
    return chosen(state, of, len(thumbs))


def chosen(state: object, of: str, count: int) -> int:
    """The index that the browser's `state` names; 0 for anything that is none."""
    if not isinstance(state, dict) or state.get("of") != of:
        return 0
    index = state.get("index")
    return index if type(index) is int and 0 <= index < count else 0

"""What this browser remembers from visit to visit: the names of runs, which are the keys to find them again.

The server keeps no list of who has started what. Names are kept in the browser's own storage, of this address alone,
and shared by its tabs: each adds its own, and what one forgets, all forget.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dynmask_core.ui.web import component

_mount = component("remembered")


class Memory(NamedTuple):
    """names: newest first, which may be anything: check them. cleared: when they were last forgotten, in milliseconds,
    0 for never."""

    names: list[str]
    cleared: int


def remembered(names: Sequence[str], *, cleared: int | None, key: str) -> Memory | None:
    """Has the browser add `names` to those that it remembers. Returns what it remembers then; None until it answers.

    cleared: when the reader has last asked to forget, None if this page does not know yet. A later time than the
    browser's makes it forget everything but `names`; an earlier one means that another tab has forgotten meanwhile,
    and `names` are not added.
    """
    state = _mount(
        data={"names": list(names), "cleared": cleared},
        default={"kept": None},
        on_kept_change=lambda: None,
        key=key,
    )
    kept = getattr(state, "kept", None)
    if not isinstance(kept, dict) or not isinstance(kept.get("names"), list) or type(kept.get("cleared")) is not int:
        return None
    return Memory([name for name in kept["names"] if isinstance(name, str)], kept["cleared"])

"""What this browser remembers from visit to visit: the names of runs, which are the keys to find them again.

The server keeps no list of who has started what. Names are kept in the browser's own storage, of this address alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from dynmask_core.ui.web import component

_mount = component("remembered")


def remembered(names: Sequence[str], *, forgotten: int, key: str) -> list[str]:
    """Has the browser remember `names`, newest first. Returns what it remembers, which may be anything: check it.

    forgotten: how often the reader has asked to forget; when it grows, the browser keeps nothing but `names`. The
    answer takes a moment: until then [] is returned.
    """
    state = _mount(
        data={"names": list(names), "forgotten": forgotten},
        default={"kept": None},
        on_kept_change=lambda: None,
        key=key,
    )
    kept = getattr(state, "kept", None)
    if not isinstance(kept, dict) or kept.get("forgotten") != forgotten or not isinstance(kept.get("names"), list):
        return []
    return [name for name in kept["names"] if isinstance(name, str)]

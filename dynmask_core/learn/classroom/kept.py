"""Files of a class, read again only when they have changed: thirty browsers ask every two seconds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Signature = tuple[int, int, int] | None
MOST = 400
"""Files whose content is held; a class has five."""
_held: dict[Path, tuple[Signature, Any]] = {}


def signature(path: Path) -> Signature:
    """Another one after every change; None without the file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def held(path: Path, read: Callable[[Path], T]) -> T:
    """What `read` makes of the file, which must not be changed by who gets it."""
    now = signature(path)
    before = _held.get(path)
    if before is not None and before[0] == now:
        known: T = before[1]
        return known
    value = read(path)
    if len(_held) >= MOST:
        _held.clear()
    # The signature is older than the value or as old: a change in between is read once more.
    _held[path] = now, value
    return value

"""Runs and studies of visitors, deleted when nobody has looked at them for long, or when they take too much room.

Only what was begun on a page of a server that sweeps is `entrusted` to it: never what the command line has made, nor
what a teacher made on the same machine before.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dynmask_core.runs.files import NAME
from dynmask_core.runs.folder import Folder

USED = "visited"
"""In the folder of what is entrusted; touched when somebody looks at it."""
SAFE = 86_400.0
"""Seconds after its last use for which nothing is deleted, however little room there is: its page may be open."""
NOTED = 3_600.0
"""Seconds for which the last use is not noted again."""
DOOMED = ".swept-"
"""What is being deleted has no name by which a run is found."""


@dataclass(frozen=True)
class Swept:
    """folders: deleted. size: bytes that they took. kept, left: the same for what is entrusted and stays."""

    folders: int = 0
    size: int = 0
    kept: int = 0
    left: int = 0


def entrust(folder: Folder) -> None:
    """Lets `sweep` delete the folder of a run or study one day."""
    (folder.path / USED).touch()


def use(folder: Folder) -> None:
    """Notes that somebody looks at it, if it is entrusted."""
    if isinstance(folder.folder, Path) and NOTED < folder.silence(USED) < float("inf"):
        with suppress(OSError):
            (folder.path / USED).touch()


def sweep(root: Path, days: float, size: int, spared: Collection[str] = ()) -> Swept:
    """Deletes what is entrusted under `root` and was not used for so many `days`; then, from what was used least
    recently on, what takes more than `size` bytes altogether. 0 for no such limit.

    Never what somebody works on, what was used within `SAFE` seconds, and what `spared` names.
    """
    for path in root.glob(f"{DOOMED}*"):  # a sweep that was cut off
        shutil.rmtree(path, ignore_errors=True)
    entrusted = [Folder(path.parent) for path in root.glob(f"*/{USED}") if NAME.fullmatch(path.parent.name)]
    total, gone, freed, kept, full = 0, 0, 0, 0, False
    for one in sorted(entrusted, key=_unused_for):
        takes = _size(one.path)
        old = 0 < days * 86_400 < _unused_for(one)
        full = full or 0 < size < total + takes
        if (old or full) and one.name not in spared and _may_go(one) and _delete(one):
            gone, freed = gone + 1, freed + takes
        else:
            total, kept = total + takes, kept + 1
    return Swept(gone, freed, kept, total)


def _unused_for(one: Folder) -> float:
    """Seconds since somebody looked at it or worked on it."""
    return min(one.silence(name) for name in (USED, "lease", "alive", "watched"))


def _may_go(one: Folder) -> bool:
    try:
        return _unused_for(one) > SAFE and not one.is_held()
    except OSError:
        return False


def _delete(one: Folder) -> bool:
    doomed = one.path.with_name(DOOMED + one.name)
    try:
        one.path.rename(doomed)
    except OSError:
        return False
    shutil.rmtree(doomed, ignore_errors=True)
    return True


def _size(folder: Path) -> int:
    """Bytes of all files in a folder; one that is deleted meanwhile does not count."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total

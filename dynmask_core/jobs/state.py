"""How a server does, for who runs it: a small file in its runs folder, which only the server's user can read.

No page and no address shows it, so there is no door to guard.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from dynmask_core.errors import InputError
from dynmask_core.runs import files

FILE = "server/state.json"
"""Under the runs folder, in which no run can have this name."""
PACE = 10.0
"""Seconds between two states."""


@dataclass(frozen=True)
class State:
    """at: when it was written, since: when the server began, in seconds of the clock. sessions: open pages; None if
    that cannot be told. training, waiting: runs. memory: bytes of the process that serves pages, workers: of its
    processes; 0 where the system does not tell. free: bytes on the disk of the runs folder. swept: runs and studies
    deleted since the server began; kept, left: those of visitors that are there, and their bytes."""

    pid: int
    since: float
    at: float
    sessions: int | None
    training: int
    waiting: int
    memory: int
    workers: int
    free: int
    swept: int = 0
    kept: int = 0
    left: int = 0


def write(root: Path, state: State) -> None:
    """Raises OSError."""
    files.write_json(root / FILE, asdict(state))


def read(root: Path) -> State:
    """Raises InputError `no_server` if none has written it lately."""
    state: State | None = files.wish(root / FILE, lambda stored: State(**stored))
    if state is None or time.time() - state.at > 3 * PACE:
        raise InputError("no_server", root=root)
    return state


def memory(pid: int) -> int:
    """Bytes in use by a process; 0 where there is no /proc."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def memory_of_children(pid: int) -> int:
    """Bytes in use by the processes that this one has started, and theirs; 0 where there is no /proc."""
    total = 0
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in path.read_text().split():
                total += memory(int(child)) + memory_of_children(int(child))
    return total


def free(root: Path) -> int:
    """Bytes on the disk of a folder."""
    with suppress(OSError):
        return shutil.disk_usage(root).free
    return 0

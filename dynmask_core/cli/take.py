"""What `dynmask runs export` writes: the ending of the file and --what decide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dynmask_core.errors import InputError
from dynmask_core.runs import Run
from dynmask_core.runs.store import export_run

WHOLE = ".zip"


def write(run: Run, to: Path, what: str | None, arm: str | None) -> None:
    """Writes the file `to`. what: None where the ending says it: a replay, a script, or the whole run.

    Raises InputError: `export_what`, `export_kind`, and what the makers of the files raise.
    """
    ending = to.suffix.casefold()
    if what is None and ending == WHOLE:
        export_run(run, to)
        return
    to.write_bytes(_maker(ending, to.name)(run))


def _maker(ending: str, name: str) -> Callable[[Run], bytes]:
    if ending == ".html":
        return _replay
    raise InputError("export_what", name=name)


def _replay(run: Run) -> bytes:
    # Imported here: the pictures come with what draws the pages.
    from dynmask_core.ui.replay import replay

    return replay(run).encode()

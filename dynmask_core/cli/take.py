"""What `dynmask runs export` writes: the ending of the file and --what decide."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from dynmask_core.errors import InputError
from dynmask_core.runs import Run
from dynmask_core.runs.store import export_run

WHATS = ("replay", "script", "masks", "words", "attention", "predictions", "model")
ENDINGS = {"replay": (".html",), "script": (".py",), "model": (".zip",)}
"""Of what is not a table."""


def write(run: Run, to: Path, what: str | None, arm: str | None) -> None:
    """Writes the file `to`. what: one of WHATS, or None where the ending says it: a replay, a script, or the whole run.
    arm: of the model, None for the last one.

    Raises InputError: `export_what`, `export_kind`, and those of what is written.
    """
    ending = to.suffix.casefold()
    if what is None:
        if ending == ".zip":
            export_run(run, to)
            return
        what = next((name for name, endings in ENDINGS.items() if endings == (ending,)), None)
        if what is None:
            raise InputError("export_what", name=to.name)
    to.write_bytes(_made(run, to, what, ending, arm))


def _made(run: Run, to: Path, what: str, ending: str, arm: str | None) -> bytes:
    # Imported here: listing runs needs neither torch nor what draws the pages.
    from dynmask_core.analysis import tables

    endings = ENDINGS.get(what) or tuple(f".{kind}" for kind in get_args(tables.Kind))
    if ending not in endings:
        raise InputError("export_kind", what=what, endings=", ".join(endings), name=to.name)
    if what == "replay":
        from dynmask_core.ui.replay import replay

        return replay(run).encode()
    if what == "script":
        from dynmask_core.analysis.script import script

        return script(run).encode()
    if what == "model":
        from dynmask_core.analysis.model_file import ModelFile

        return ModelFile.of_run(run, arm or run.config().arms[-1]).to_bytes()
    return tables.written(tables.table(run, what), ending.removeprefix("."))  # type: ignore[arg-type]

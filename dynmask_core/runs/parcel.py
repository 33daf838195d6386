"""A run as a zip file in memory, for a machine that cannot access its folder."""

from __future__ import annotations

import io
import re
import zipfile

from dynmask_core.runs import files
from dynmask_core.runs.run import Run

_AWAY = "away"
SENT = re.compile(
    r"(config|status|command|controls|asked_probes|probes|vocabulary|tokenizer)\.json"
    r"|(dataset|split)\.npz|events\.jsonl|checkpoint\.safetensors|weights/frozen\.safetensors"
)
"""Files that a trainer needs to start or resume."""
FETCHED = re.compile(
    r"(status|probes|vocabulary|tokenizer|result)\.json|events\.jsonl|checkpoint\.safetensors|failure\.txt|predictions\.npz"
    r"|snapshots/epoch_[0-9]{4,}\.npz|kept/epoch_[0-9]{4,}\.safetensors|weights/[A-Za-z0-9_.~%-]+\.safetensors"
)
"""Files that a trainer writes. Files that viewers write meanwhile (their requests) are not overwritten."""
LAST = ("events.jsonl", "checkpoint.safetensors", "result.json", "status.json")
"""Unpacked last, in this order, so that nothing is announced before it exists."""


def pack(run: Run, names: re.Pattern[str]) -> bytes:
    """Zips the files of the run whose path within the folder matches."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(run.path.rglob("*")):
            name = path.relative_to(run.path).as_posix()
            if names.fullmatch(name):
                archive.writestr(name, path.read_bytes())
    return buffer.getvalue()


def unpack(run: Run, parcel: bytes, names: re.Pattern[str]) -> None:
    """Writes the matching files into the run's folder, each one atomically.

    Skips all others, because their names could point outside the folder.
    """
    with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
        found = [name for name in archive.namelist() if names.fullmatch(name)]
        for name in sorted(found, key=lambda name: LAST.index(name) if name in LAST else -1):
            files.write_bytes(run.path / name, archive.read(name))


def set_away(run: Run, away: bool) -> None:
    """Notes that the run trains in a copy elsewhere, of which nothing is seen before its end; or that it is back."""
    if away:
        (run.path / _AWAY).touch()
    else:
        (run.path / _AWAY).unlink(missing_ok=True)


def is_away(run: Run) -> bool:
    return bool((run.folder / _AWAY).exists())

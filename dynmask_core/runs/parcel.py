"""A run as one zip file in memory, for a machine that does not see its folder."""

from __future__ import annotations

import io
import re
import zipfile

from dynmask_core.runs import files
from dynmask_core.runs.run import Run

SENT = re.compile(
    r"(config|status|command|controls|asked_probes|probes|vocabulary)\.json"
    r"|(dataset|split)\.npz|events\.jsonl|checkpoint\.safetensors"
)
"""What a trainer needs in order to begin, or to go on."""
FETCHED = re.compile(
    r"(status|probes|vocabulary|result)\.json|events\.jsonl|checkpoint\.safetensors|failure\.txt|predictions\.npz"
    r"|snapshots/epoch_[0-9]{4,}\.npz|kept/epoch_[0-9]{4,}\.safetensors|weights/[A-Za-z0-9_.~%-]+\.safetensors"
)
"""What a trainer writes; what viewers write meanwhile (their wishes) is not overwritten."""
LAST = ("events.jsonl", "checkpoint.safetensors", "result.json", "status.json")
"""Unpacked in this order behind all others: nothing is announced before it is there."""


def pack(run: Run, names: re.Pattern[str]) -> bytes:
    """The run's files whose name within the folder matches."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(run.path.rglob("*")):
            name = path.relative_to(run.path).as_posix()
            if names.fullmatch(name):
                archive.writestr(name, path.read_bytes())
    return buffer.getvalue()


def unpack(run: Run, parcel: bytes, names: re.Pattern[str]) -> None:
    """Puts what matches into the run's folder, each file complete or absent. Any other member is passed over: its
    name could lead out of the folder."""
    with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
        found = [name for name in archive.namelist() if names.fullmatch(name)]
        for name in sorted(found, key=lambda name: LAST.index(name) if name in LAST else -1):
            files.write_bytes(run.path / name, archive.read(name))

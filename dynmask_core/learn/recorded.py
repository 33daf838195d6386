"""Runs that lessons carry, unpacked on this server so that they can be looked at and asked; never trained on."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import time
import zipfile
from hashlib import blake2b
from pathlib import Path

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.kept import FOLDER, KEEP_DAYS
from dynmask_core.runs import Run, files
from dynmask_core.runs.run import RECORDED

MOST = 100
"""Runs on this server; above, those that were looked at least recently go first."""
_DAY = 86_400.0


def unpacked(bundle: Bundle, root: Path) -> Run:
    """The run that a checked lesson carries, in a folder under `root` that is named after its content: readers of the
    same lesson share it, with all answers that its models have given.

    Raises InputError: `lesson_carries_no_run`, `not_kept` if it cannot be written.
    """
    if not bundle.lesson.run:
        raise InputError("lesson_carries_no_run", title=bundle.lesson.title)
    run = Run(runs_of(root) / name_of(bundle))
    try:
        if not run.exists():
            _tidy(root)
            _unpack(bundle.run, run.path)
        elif run.silence(Run.HEAD) > _DAY:
            (run.path / Run.HEAD).touch()
    except OSError:
        raise InputError("not_kept") from None
    return run


def name_of(bundle: Bundle) -> str:
    """The name of the run that a lesson carries, the same on every server."""
    return RECORDED + blake2b(bundle.run, digest_size=8).hexdigest()


def runs_of(root: Path) -> Path:
    """Where they lie: `find_run` looks there, too."""
    return root / FOLDER / "runs"


def _unpack(parcel: bytes, to: Path) -> None:
    """Into a folder beside it first, which is then renamed: nobody sees a half of a run."""
    files.make_folder(to.parent)
    beside = Path(tempfile.mkdtemp(dir=to.parent, prefix=".part-"))
    try:
        with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
            for one in archive.infolist():  # the names were checked with the lesson: see `Bundle.check`
                (beside / one.filename).parent.mkdir(exist_ok=True)
                (beside / one.filename).write_bytes(archive.read(one))
        os.rename(beside, to)
    except OSError:
        if not Run(to).exists():  # else another reader was faster
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _tidy(root: Path) -> None:
    found = sorted(Run.listed(runs_of(root)), key=lambda run: run.silence(Run.HEAD))
    for place, run in enumerate(found):
        if place >= MOST - 1 or run.silence(Run.HEAD) > KEEP_DAYS * _DAY:
            shutil.rmtree(run.path, ignore_errors=True)
    for path in runs_of(root).glob(".part-*"):
        if time.time() - path.stat().st_mtime > _DAY:
            shutil.rmtree(path, ignore_errors=True)

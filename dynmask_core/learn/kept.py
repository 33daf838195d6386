"""Lessons that visitors bring, kept on this server: whoever has the name of one, which cannot be guessed, opens it."""

from __future__ import annotations

import functools
import shutil
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.runs import files
from dynmask_core.runs.folder import NAME, Folder

FOLDER = "lessons"
"""Its name under the runs folder; no run can have this name."""
KEEP_DAYS = 90
"""Days for which a lesson is kept after its last use."""
MOST = 300
MOST_BYTES = 2 * 2**30
"""Above these limits, the lessons that were used least recently go first."""
_DAY = 86_400.0


class KeptLesson(Folder):
    """A lesson as a zip file in a folder of its own. Its name cannot be guessed, and is the only way to find it."""

    HEAD: ClassVar[str] = "lesson.zip"

    @classmethod
    def create(cls, root: Path, bundle: Bundle, name: str = "") -> KeptLesson:
        """Keeps a lesson under the runs folder `root`; in the place of the one called `name`, if that is there.

        Raises InputError: what `Bundle.to_bytes` raises, `not_kept` if writing fails.
        """
        content = bundle.to_bytes()
        tidy(root, room=len(content))
        kept = cls.at(root / FOLDER, name) or cls.new(root / FOLDER)
        try:
            files.write_bytes(kept.path / cls.HEAD, content)
            kept.path.chmod(0o700)
        except OSError:
            kept.forget()
            raise InputError("not_kept") from None
        return kept

    @classmethod
    def find(cls, root: Path, name: str) -> KeptLesson | None:
        """The lesson with this name, or None. To find it is to use it."""
        kept = cls.at(root / FOLDER, name)
        if kept is None or kept.is_old():
            return None
        if kept.silence(cls.HEAD) > _DAY:
            (kept.path / cls.HEAD).touch()
        return kept

    def bundle(self) -> Bundle:
        """The lesson, checked as if it came from a stranger: files on a disk can be changed by others.

        Raises InputError: `lesson_gone`, and what `Bundle.read` raises.
        """
        try:
            at = (self.path / self.HEAD).stat()
            return _read(self.path / self.HEAD, at.st_ino, at.st_mtime_ns, at.st_size)
        except OSError:
            raise InputError("lesson_gone", days=KEEP_DAYS) from None

    def is_old(self) -> bool:
        """Whether nobody has used it for `KEEP_DAYS`."""
        return self.silence(self.HEAD) > KEEP_DAYS * _DAY

    def size(self) -> int:
        """Bytes of the file; 0 if it is gone."""
        try:
            return (self.path / self.HEAD).stat().st_size
        except OSError:
            return 0

    def forget(self) -> None:
        """Deletes the lesson."""
        shutil.rmtree(self.path, ignore_errors=True)


def is_kept_name(name: str) -> bool:
    """Whether a lesson's name is that of a kept one, which may be gone. No ready lesson is called so."""
    return bool(NAME.fullmatch(name))


# Thirty readers open the same lesson again at every click; an unchanged file is checked once.
@functools.lru_cache(maxsize=4)
def _read(path: Path, inode: int, changed: int, size: int) -> Bundle:
    return replace(Bundle.read(path.read_bytes(), path.name), name=path.parent.name)


def tidy(root: Path, room: int = 0) -> None:
    """Deletes old lessons, and above the limits those that were used least recently. room: bytes about to be added."""
    size = room
    found = KeptLesson.listed(root / FOLDER)
    for place, kept in enumerate(sorted(found, key=lambda one: one.silence(KeptLesson.HEAD))):
        size += kept.size()
        if kept.is_old() or place >= MOST - bool(room) or size > MOST_BYTES:
            kept.forget()
    for path in (root / FOLDER).glob("*-*"):
        # What a write that was cut off has left.
        with suppress(FileNotFoundError):  # another session has been quicker
            if not KeptLesson(path).exists() and time.time() - path.stat().st_mtime > _DAY:
                shutil.rmtree(path, ignore_errors=True)

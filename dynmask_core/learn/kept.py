"""Lessons that visitors bring, kept on this server: whoever has the name of one, which cannot be guessed, opens it."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.runs import files
from dynmask_core.runs.files import NAME
from dynmask_core.runs.kept import Kept

FOLDER = "lessons"
KEEP_DAYS = 90
OWNER = "owner.json"
"""In its folder: who brought it, as a hash in which the visitor is joined with this lesson, so that it joins no two."""


class KeptLesson(Kept):
    """A lesson as a zip file."""

    HEAD: ClassVar[str] = "lesson.zip"
    SHELF: ClassVar[str] = FOLDER
    CONTENT: ClassVar[str] = HEAD
    KEEP_DAYS: ClassVar[int] = KEEP_DAYS
    MOST: ClassVar[int] = 300

    @classmethod
    def create(cls, root: Path, bundle: Bundle, visitor: str = "", name: str = "") -> KeptLesson:
        """Keeps a lesson under the runs folder `root`; in the place of the one called `name`, if that is there and the
        visitor brought it, too. visitor: who may have it deleted, "" for nobody.

        Raises InputError: what `Bundle.to_bytes` raises, `not_kept` if writing fails.
        """
        before = cls.at(root / FOLDER, name)
        kept = cls._keep(root, bundle.to_bytes(), {}, name if before and before.brought_by(visitor) else "")
        if visitor:
            try:
                files.write_json(kept.path / OWNER, kept.mark_of(visitor))
            except OSError:
                kept.forget()
                raise InputError("not_kept") from None
        return kept

    def brought_by(self, visitor: str) -> bool:
        """Whether this visitor brought it, and so can have it deleted."""
        return bool(visitor) and files.wish(self.folder / OWNER) == self.mark_of(visitor)

    def bundle(self) -> Bundle:
        """The lesson, checked as if it came from a stranger: files on a disk can be changed by others.

        Raises InputError: `lesson_gone`, and what `Bundle.read` raises.
        """
        try:
            at = (self.path / self.HEAD).stat()
            return _read(self.path / self.HEAD, at.st_ino, at.st_mtime_ns, at.st_size)
        except OSError:
            raise InputError("lesson_gone", days=KEEP_DAYS) from None


def is_kept_name(name: str) -> bool:
    """Whether a lesson's name is that of a kept one, which may be gone. No ready lesson is called so."""
    return bool(NAME.fullmatch(name))


# Thirty readers open the same lesson again at every click; an unchanged file is checked once.
@functools.lru_cache(maxsize=4)
def _read(path: Path, inode: int, changed: int, size: int) -> Bundle:
    return replace(Bundle.read(path.read_bytes(), path.name), name=path.parent.name)

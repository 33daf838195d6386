"""What visitors bring, kept on the server until it is forgotten, grows old, or newer things need its place."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Self

from dynmask_core.errors import InputError
from dynmask_core.runs import files
from dynmask_core.runs.folder import Folder

_DAY = 86_400.0


class Kept(Folder):
    """One thing in a folder of its own. Its name cannot be guessed, and is the only way to find it.

    SHELF: name of the folder of all such things under the runs folder; no run can have this name. CONTENT: the file
    with what was brought; HEAD tells when it was used last. KEEP_DAYS: for so long it is kept after its last use. MOST,
    MOST_BYTES: above these limits, what was used least recently goes first.
    """

    SHELF: ClassVar[str]
    CONTENT: ClassVar[str]
    KEEP_DAYS: ClassVar[int]
    MOST: ClassVar[int]
    MOST_BYTES: ClassVar[int] = 2 * 2**30

    @classmethod
    def _keep(cls, root: Path, content: bytes, others: dict[str, object], name: str = "") -> Self:
        """Writes `content`, then the JSON files `others`; in the place of the one called `name`, if that is there.

        Raises InputError `not_kept` if writing fails.
        """
        cls.tidy(root, room=len(content))
        kept = cls.at(root / cls.SHELF, name) or cls.new(root / cls.SHELF)
        try:
            files.write_bytes(kept.path / cls.CONTENT, content)
            kept.path.chmod(0o700)
            for file, value in others.items():
                files.write_json(kept.path / file, value)
        except OSError:
            kept.forget()
            raise InputError("not_kept") from None
        return kept

    @classmethod
    def find(cls, root: Path, name: str) -> Self | None:
        """The thing with this name, or None. To find it is to use it."""
        kept = cls.at(root / cls.SHELF, name)
        if kept is None or kept.is_old():
            return None
        if kept.silence(cls.HEAD) > _DAY / 24:
            with suppress(FileNotFoundError):  # another session has forgotten it
                (kept.path / cls.HEAD).touch()
        return kept

    @classmethod
    def tidy(cls, root: Path, room: int = 0) -> None:
        """Deletes what is old, and above the limits what was used least recently. room: bytes about to be added."""
        size = room
        found = sorted(cls.listed(root / cls.SHELF), key=lambda one: one.silence(cls.HEAD))
        for place, kept in enumerate(found):
            size += kept.size()
            if kept.is_old() or place >= cls.MOST - bool(room) or size > cls.MOST_BYTES:
                kept.forget()
        for path in (root / cls.SHELF).glob("*-*"):
            # What a write that was cut off has left.
            with suppress(FileNotFoundError):  # another session has been quicker
                if not cls(path).exists() and time.time() - path.stat().st_mtime > _DAY:
                    shutil.rmtree(path, ignore_errors=True)

    def exists(self) -> bool:
        return super().exists() and bool((self.folder / self.CONTENT).exists())

    def is_old(self) -> bool:
        """Whether nobody has used it for `KEEP_DAYS`."""
        return self.silence(self.HEAD) > self.KEEP_DAYS * _DAY

    def size(self) -> int:
        """Bytes of what was brought; 0 if it is gone."""
        try:
            return (self.path / self.CONTENT).stat().st_size
        except OSError:
            return 0

"""What runs and studies share: a folder with a secret name, signs of life, and a command for the worker."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, Self

from filelock import FileLock, Timeout

from dynmask_core.errors import InputError
from dynmask_core.runs import files
from dynmask_core.runs.files import NAME

LETTING_GO = 1.0
"""Seconds in which who has written that the work is done lets go of the folder."""
NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS)
"""What a file system says that knows no locks."""
ALIVE_FOR = 6.0
"""After this many seconds without a sign of life, the worker counts as dead; signs come every second."""


class Folder:
    """Files that one process writes and many read, at any time.

    HEAD: the file that every folder of this kind has, written last. BEFORE: one that is written before it, "" for none:
    where that stands without HEAD, HEAD was lost. HELD: code of the error for who comes second, see `held`.
    """

    HEAD: ClassVar[str]
    BEFORE: ClassVar[str] = ""
    HELD: ClassVar[str] = "run_active"

    def __init__(self, folder: files.Readable) -> None:
        self.folder = folder

    @classmethod
    def new(cls, root: Path) -> Self:
        """A folder under `root`, not created yet. Nobody can guess its name, which is the key to find it again."""
        return cls(root / (time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(8)))

    @classmethod
    def listed(cls, root: Path) -> list[Self]:
        """All folders of this kind under `root`, newest first."""
        return [one for one in cls._under(root) if one.exists()]

    @classmethod
    def headless(cls, root: Path) -> list[Self]:
        """The folders under `root` that have lost their HEAD, newest first: they can be named, and no more."""
        return [one for one in cls._under(root) if one.lost_head()]

    @classmethod
    def _under(cls, root: Path) -> list[Self]:
        if not root.is_dir():
            return []
        return [cls(path) for path in sorted(root.iterdir(), reverse=True) if NAME.fullmatch(path.name)]

    @classmethod
    def at(cls, root: Path, name: str) -> Self | None:
        """The folder `name` under `root`, or None. The name is checked before it is used as a path."""
        if not NAME.fullmatch(name):
            return None
        found = cls(root / name)
        return found if found.exists() else None

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def path(self) -> Path:
        """The folder as a path to write to. Raises TypeError if it is inside a zip file."""
        if not isinstance(self.folder, Path):
            raise TypeError("an exported run cannot be written to")
        return self.folder

    def exists(self) -> bool:
        return bool((self.folder / self.HEAD).exists())

    @contextmanager
    def made(self) -> Iterator[None]:
        """Around the writing of a new folder: if it fails, nothing is left of it."""
        new = not self.path.exists()
        try:
            yield
        except BaseException:
            if new:
                shutil.rmtree(self.path, ignore_errors=True)
            raise

    def forget(self) -> None:
        """Deletes it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def lost_head(self) -> bool:
        """Whether it was of this kind before its HEAD was deleted."""
        return bool(self.BEFORE) and not self.exists() and bool((self.folder / self.BEFORE).exists())

    @classmethod
    def refuse_headless(cls, root: Path, name: str) -> None:
        """Raises InputError `file_missing` if the folder of that name is one that has lost its HEAD."""
        if NAME.fullmatch(name) and (torn := cls(root / name)).lost_head():
            raise files.missing(torn.folder / cls.HEAD)

    def mark_of(self, visitor: str) -> str:
        """A hash that only this visitor and this folder have together: it does not tell what else is of the same
        visitor."""
        return blake2b(f"{self.name} {visitor}".encode(), digest_size=16).hexdigest()

    def sign_of_life(self) -> None:
        """Shows that a worker is alive. Raises FileNotFoundError if the folder was removed: it is not made again."""
        (self.path / "alive").touch()

    @contextmanager
    def living(self) -> Iterator[None]:
        """Gives a sign of life now and, from its own thread, every second: a long step or a slow disk is not death."""
        self.sign_of_life()
        done = threading.Event()

        def live() -> None:
            while not done.wait(1.0):
                with suppress(OSError):  # whoever does the work hears of it there
                    self.sign_of_life()

        thread = threading.Thread(target=live, daemon=True, name="signs of life")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()  # a later sign would look like work

    @contextmanager
    def held(self, patience: float = 0.0) -> Iterator[None]:
        """Keeps the folder for who works on it, until the end of the block or of the process, however that ends.

        patience: seconds to wait for another one to let go. Raises InputError, with the code `HELD`, for who comes
        second, in this process or another; OSError. A file system that knows no locks is no hindrance.
        """
        os.stat(self.path)  # a lock would make the folder
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            raise InputError(self.HELD, name=self.name) from None
        except NotImplementedError:
            pass
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        try:
            yield
        finally:
            lock.release()

    def is_held(self, patience: float = 0.0) -> bool:
        """Whether somebody works on the folder now, and still after `patience` seconds: who ends writes that first, and
        lets go then."""
        try:
            with self.held(patience):
                return False
        except InputError:
            return True

    def silence(self, name: str = "alive") -> float:
        """Seconds since the file `name` was last touched; infinite if there is none, or in a zip file."""
        try:
            return time.time() - os.stat(self.path / name).st_mtime
        except (OSError, TypeError):
            return float("inf")

    def ask(self, wish: Any) -> None:
        """Leaves a command for the worker; it replaces the last one."""
        files.write_json(self.path / "command.json", wish)

    def asked(self) -> Any:
        """The last command, or None."""
        return files.wish(self.folder / "command.json")

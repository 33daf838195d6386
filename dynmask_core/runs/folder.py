"""What runs and studies share: a folder with a secret name, signs of life, and a command for the worker."""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, Self

from dynmask_core.runs import files

NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{16}")
ALIVE_FOR = 6.0
"""After this many seconds without a sign of life, the worker counts as dead; signs come every second."""


class Folder:
    """Files that one process writes and many read, at any time.

    HEAD: the file that every folder of this kind has.
    """

    HEAD: ClassVar[str]

    def __init__(self, folder: files.Readable) -> None:
        self.folder = folder

    @classmethod
    def new(cls, root: Path) -> Self:
        """A folder under `root`, not created yet. Nobody can guess its name, which is the key to find it again."""
        return cls(root / (time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(8)))

    @classmethod
    def listed(cls, root: Path) -> list[Self]:
        """All folders of this kind under `root`, newest first."""
        if not root.is_dir():
            return []
        found = (cls(path) for path in sorted(root.iterdir(), reverse=True) if NAME.fullmatch(path.name))
        return [one for one in found if one.exists()]

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

    def mark_of(self, visitor: str) -> str:
        """A hash that only this visitor and this folder have together: it does not tell what else is of the same
        visitor."""
        return blake2b(f"{self.name} {visitor}".encode(), digest_size=16).hexdigest()

    def sign_of_life(self) -> None:
        """Shows that a worker is alive."""
        files.make_folder(self.path)
        (self.path / "alive").touch()

    @contextmanager
    def living(self) -> Iterator[None]:
        """Gives a sign of life now and, from its own thread, every second: a long step or a slow disk is not death."""
        self.sign_of_life()
        done = threading.Event()

        def live() -> None:
            while not done.wait(1.0):
                self.sign_of_life()

        thread = threading.Thread(target=live, daemon=True, name="signs of life")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()  # a later sign would look like work

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
        return files.read_json(self.folder / "command.json")

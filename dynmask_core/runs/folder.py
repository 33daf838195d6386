"""What a run and a study share: a folder with a name that nobody can guess, a sign of life, and a command to obey."""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from dynmask_core.runs import files

NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{16}")
ALIVE_FOR = 6.0
"""Seconds without a sign of life after which nobody is taken to be at work; signs come every second."""


class Folder:
    """Files that one process writes and many read, at any time.

    HEAD: the file without which the folder is not one of its kind.
    """

    HEAD: ClassVar[str]

    def __init__(self, folder: files.Readable) -> None:
        self.folder = folder

    @classmethod
    def new(cls, root: Path) -> Self:
        """Not made yet, under `root`. Its name cannot be guessed: it is the key by which a page finds it again."""
        return cls(root / (time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(8)))

    @classmethod
    def listed(cls, root: Path) -> list[Self]:
        """All there are under `root`, newest first."""
        if not root.is_dir():
            return []
        found = (cls(path) for path in sorted(root.iterdir(), reverse=True) if NAME.fullmatch(path.name))
        return [one for one in found if one.exists()]

    @classmethod
    def at(cls, root: Path, name: str) -> Self | None:
        """The one of that name under `root`, None where there is none. A name is never used as a path unchecked."""
        if not NAME.fullmatch(name):
            return None
        found = cls(root / name)
        return found if found.exists() else None

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def path(self) -> Path:
        """The folder as a real one, for those who write. Raises TypeError for one inside a zip file."""
        if not isinstance(self.folder, Path):
            raise TypeError("an exported run cannot be written to")
        return self.folder

    def exists(self) -> bool:
        return bool((self.folder / self.HEAD).exists())

    def sign_of_life(self) -> None:
        """Says that somebody works on it."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "alive").touch()

    @contextmanager
    def living(self) -> Iterator[None]:
        """Gives a sign of life every second, from a thread of its own: a long step or a slow disk is no end."""
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
            thread.join()  # a sign given later would look like work

    def silence(self, name: str = "alive") -> float:
        """Seconds since that file was last touched; infinite where there is none, or in a zip file."""
        try:
            return time.time() - os.stat(self.path / name).st_mtime
        except (OSError, TypeError):
            return float("inf")

    def ask(self, wish: Any) -> None:
        """Leaves a command for the one who works on it, in the place of the last one."""
        files.write_json(self.path / "command.json", wish)

    def asked(self) -> Any:
        """The last command, None where there was none."""
        return files.read_json(self.folder / "command.json")

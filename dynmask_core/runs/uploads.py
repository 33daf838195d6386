"""Texts that visitors of the app bring. Each is kept in a folder of its own until it is forgotten or grows old."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from typing import Any, ClassVar, cast

from dynmask_core.config import DataConfig
from dynmask_core.data.limits import check_size
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.data.samples import PREFIX
from dynmask_core.errors import InputError
from dynmask_core.runs import files
from dynmask_core.runs.folder import Folder

FOLDER = "uploads"
"""Its name under the runs folder; no run can have this name."""
KEEP_DAYS = 30
"""Days for which a text is kept after its last use."""
MOST = 200
MOST_BYTES = 2 * 2**30
"""Above these limits, the texts that were used least recently go first."""
LONGEST_NAME = 120
_DAY = 86_400.0
_COLUMNS = ("text_column", "label_column", "split_column")


@dataclass(frozen=True)
class Reading:
    """name: of the file, "" for pasted text. read: how the file is read. config: which of its columns are used."""

    name: str
    read: ReadOptions
    config: DataConfig

    def changed(self, read: Mapping[str, Any] | None = None, config: Mapping[str, Any] | None = None) -> Reading:
        """With these options set; None as an option's value means: detect it."""
        options = cast(ReadOptions, {**self.read, **(read or {})})
        return replace(self, read=options, config=replace(self.config, **(config or {})))

    def with_columns_of(self, columns: Iterable[str]) -> Reading:
        """Without chosen columns that are not among `columns`: the same file, read in another way, may lack them."""
        known = {None, "", *columns}
        return self.changed(config={role: None for role in _COLUMNS if getattr(self.config, role) not in known})


class Upload(Folder):
    """The bytes of a text, and how they are read. Its name cannot be guessed, and is the only way to find it."""

    HEAD: ClassVar[str] = "upload.json"

    @classmethod
    def create(cls, root: Path, data: bytes, reading: Reading) -> Upload:
        """Keeps a text under the runs folder `root`. Raises InputError: `too_large`, `not_kept` if writing fails."""
        check_size(len(data))
        tidy(root, room=len(data))
        upload = cls.new(root / FOLDER)
        try:
            files.write_bytes(upload.path / "content", data)
            upload.path.chmod(0o700)
            files.write_json(upload.path / cls.HEAD, asdict(reading))
        except OSError:
            upload.forget()
            raise InputError("not_kept") from None
        return upload

    @classmethod
    def find(cls, root: Path, key: str) -> Upload | None:
        """The text with this name, or None. To find it is to use it."""
        upload = cls.at(root / FOLDER, key)
        if upload is None or upload.is_old() or upload.reading() is None:
            return None
        if upload.silence(cls.HEAD) > _DAY / 24:
            (upload.path / cls.HEAD).touch()
        return upload

    def exists(self) -> bool:
        return super().exists() and bool((self.folder / "content").exists())

    def is_old(self) -> bool:
        """Whether nobody has used it for `KEEP_DAYS`."""
        return self.silence(self.HEAD) > KEEP_DAYS * _DAY

    def reading(self) -> Reading | None:
        """None if the text is gone, or if another version of the app wrote settings that this one does not know."""
        stored = files.read_json(self.folder / self.HEAD)
        try:
            return stored and Reading(stored["name"], stored["read"], DataConfig(**stored["config"]))
        except (KeyError, TypeError, ValueError):
            return None

    def read_as(self, reading: Reading) -> None:
        """Replaces how the text is read. Raises InputError `own_text_gone`, `not_kept`."""
        if not self.exists():
            raise InputError("own_text_gone")
        try:
            files.write_json(self.path / self.HEAD, asdict(reading))
        except OSError:
            raise InputError("not_kept") from None

    def content(self) -> bytes:
        """The text's bytes. Raises InputError `own_text_gone` if it was forgotten."""
        try:
            return (self.path / "content").read_bytes()
        except OSError:
            raise InputError("own_text_gone") from None

    def size(self) -> int:
        """Bytes of the text; 0 if it is gone."""
        try:
            return (self.path / "content").stat().st_size
        except OSError:
            return 0

    def forget(self) -> None:
        """Deletes the text."""
        shutil.rmtree(self.path, ignore_errors=True)


def safe_name(name: str) -> str:
    """A file's name as it is kept and shown, never used as a path: no control characters, not like that of a sample."""
    shown = "".join(character for character in name if character.isprintable())
    shown = shown.replace(PREFIX, PREFIX.replace(":", "_"))
    # The ending tells the format: shorten what stands before it.
    ending = PurePath(shown).suffix[:20]
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - len(ending)] + ending


def tidy(root: Path, room: int = 0) -> None:
    """Deletes old texts, and above the limits those that were used least recently. room: bytes about to be added."""
    size = room
    for place, upload in enumerate(sorted(Upload.listed(root / FOLDER), key=lambda one: one.silence(Upload.HEAD))):
        size += upload.size()
        if upload.is_old() or place >= MOST - bool(room) or size > MOST_BYTES:
            upload.forget()
    for path in (root / FOLDER).glob("*-*"):
        # What a write that was cut off has left.
        if not Upload(path).exists() and time.time() - path.stat().st_mtime > _DAY:
            shutil.rmtree(path, ignore_errors=True)

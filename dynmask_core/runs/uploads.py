"""Texts that visitors of the app bring. Each is kept in a folder of its own until it is forgotten or grows old."""

from __future__ import annotations

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
from dynmask_core.runs.kept import Kept

FOLDER = "uploads"
KEEP_DAYS = 30
OWNER = "owner.json"
"""Whose text it is, as `mark_of` tells it: other texts are not known by it to be of the same visitor."""
LONGEST_NAME = 120
_COLUMNS = ("text_column", "label_column", "split_column", "target_column")


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


class Upload(Kept):
    """The bytes of a text, and how they are read."""

    HEAD: ClassVar[str] = "upload.json"
    SHELF: ClassVar[str] = FOLDER
    CONTENT: ClassVar[str] = "content"
    KEEP_DAYS: ClassVar[int] = KEEP_DAYS
    MOST: ClassVar[int] = 200

    @classmethod
    def create(cls, root: Path, data: bytes, reading: Reading, visitor: str = "", most: int | None = None) -> Upload:
        """Keeps a text under the runs folder `root`. Above `most` texts of the visitor, those that the visitor used
        least recently are deleted. Raises InputError: `too_large`, `not_kept` if writing fails."""
        check_size(len(data))
        kept = cls._keep(root, data, {cls.HEAD: asdict(reading)})
        if visitor and most is not None:
            try:
                files.write_json(kept.path / OWNER, kept.mark_of(visitor))
            except OSError:
                kept.forget()
                raise InputError("not_kept") from None
            own = [one for one in cls.listed(root / cls.SHELF) if files.wish(one.path / OWNER) == one.mark_of(visitor)]
            for other in sorted(own, key=lambda one: (one.name != kept.name, one.silence(cls.HEAD)))[most:]:
                other.forget()
        return kept

    @classmethod
    def find(cls, root: Path, name: str) -> Upload | None:
        """As `Kept.find`; None also for one that this version cannot read."""
        upload = super().find(root, name)
        return None if upload is None or upload.reading() is None else upload

    def reading(self) -> Reading | None:
        """None if the text is gone, or if another version of the app wrote settings that this one does not know."""
        found: Reading | None = files.wish(
            self.folder / self.HEAD,
            lambda stored: Reading(stored["name"], stored["read"], DataConfig(**stored["config"])),
        )
        return found

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
            return (self.path / self.CONTENT).read_bytes()
        except OSError:
            raise InputError("own_text_gone") from None


def safe_name(name: str) -> str:
    """A file's name as it is kept and shown, never used as a path: no control characters, not like that of a sample."""
    shown = "".join(character for character in name if character.isprintable())
    shown = shown.replace(PREFIX, PREFIX.replace(":", "_"))
    # The ending tells the format: shorten what stands before it.
    ending = PurePath(shown).suffix[:20]
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - len(ending)] + ending

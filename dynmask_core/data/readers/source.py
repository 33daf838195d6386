"""What a reader is given, and what a reader is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import TypedDict

from dynmask_core.data.encoding import Decoded, decode
from dynmask_core.data.limits import check_lines
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError


class ReadOptions(TypedDict, total=False):
    """What the caller knows of a file; what is None or left out is found out.

    format: that of a reader in `readers.READERS`. encoding: a Python codec. delimiter: one character. has_header:
    whether the first row names the columns.
    """

    format: str | None
    encoding: str | None
    delimiter: str | None
    has_header: bool | None


@dataclass(eq=False)
class Source:
    """A file's content with its name, and what the caller knows of it (see `ReadOptions`)."""

    data: bytes
    name: str = ""
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix.casefold()

    @cached_property
    def decoded(self) -> Decoded:
        """The content as text. Raises `InputError`: `empty_file`, `too_many_lines`, and what `decode` raises."""
        decoded = decode(self.data, self.encoding)
        if not decoded.text.strip():
            raise InputError("empty_file")
        check_lines(decoded.text)
        return decoded

    @property
    def text(self) -> str:
        return self.decoded.text

    def lines(self) -> list[str]:
        """The text's lines that are not blank, whatever their ends."""
        lines = self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return [line for line in lines if line.strip()]


def _never(_: object) -> bool:
    return False


@dataclass(frozen=True)
class Reader:
    """How files of one format are recognised and read.

    format: its name. suffixes: endings of file names. read: the table of a source; it raises InputError. is_binary:
    whether bytes are of this format beyond doubt, for formats that are no text. is_text: whether the text of a source
    whose name tells nothing is. shared_suffix: files of other formats bear the suffixes as often, so that the text
    decides.
    """

    format: str
    suffixes: tuple[str, ...]
    read: Callable[[Source], Table]
    is_binary: Callable[[bytes], bool] = _never
    is_text: Callable[[Source], bool] = _never
    shared_suffix: bool = False

    @property
    def binary(self) -> bool:
        """Whether its files are no text."""
        return self.is_binary is not _never

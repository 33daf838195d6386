"""The input and the interface of a reader."""

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
    """What the caller knows about a file; what is None or missing is detected.

    format: name of a reader in `readers.READERS`. encoding: a Python codec. delimiter: one character. has_header:
    whether the first row names the columns. sheet: name of a workbook's sheet. replace_bytes: whether bytes that the
    encoding does not know become U+FFFD; else they are an error.
    """

    format: str | None
    encoding: str | None
    delimiter: str | None
    has_header: bool | None
    sheet: str | None
    replace_bytes: bool


@dataclass(eq=False)
class Source:
    """The content and name of a file, and what the caller knows about it (see `ReadOptions`)."""

    data: bytes
    name: str = ""
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None
    sheet: str | None = None
    replace_bytes: bool = False

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix.casefold()

    @cached_property
    def decoded(self) -> Decoded:
        """The content as text. Raises `InputError`: `empty_file`, `too_many_lines`, and what `decode` raises."""
        decoded = decode(self.data, self.encoding, replace=self.replace_bytes)
        if not decoded.text.strip():
            raise InputError("empty_file")
        check_lines(decoded.text)
        return decoded

    @property
    def text(self) -> str:
        return self.decoded.text

    def lines(self) -> list[str]:
        """The lines that are not blank, for any kind of line end."""
        lines = self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return [line for line in lines if line.strip()]


def _never(_: object) -> bool:
    return False


@dataclass(frozen=True)
class Reader:
    """Recognises and reads files of one format.

    format: its name. suffixes: endings of file names. read: Source → Table; may raise InputError. is_binary: for
    formats that are not text, whether bytes certainly have this format. is_text: whether the text of a source has this
    format, if its name does not tell. shared_suffix: other formats use the suffixes too, so the text decides.
    """

    format: str
    suffixes: tuple[str, ...]
    read: Callable[[Source], Table]
    is_binary: Callable[[bytes], bool] = _never
    is_text: Callable[[Source], bool] = _never
    shared_suffix: bool = False

    @property
    def binary(self) -> bool:
        """Whether its files are not text."""
        return self.is_binary is not _never

"""The input and the interface of a reader."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any, TypedDict

from dynmask_core.data.encoding import Decoded, decode
from dynmask_core.data.limits import check_lines
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError
from dynmask_core.remedies import Remedy


class ReadOptions(TypedDict, total=False):
    """What the caller knows about a file; what is None or missing is detected.

    format: name of a reader in `readers.READERS`. encoding: a Python codec. delimiter: one character. has_header:
    whether the first row names the columns. sheet: name of a workbook's sheet. replace_bytes: whether bytes that the
    encoding does not know become U+FFFD; else they are an error. columns: names of columns that the caller is going to
    use; the row in which they stand is the header.
    """

    format: str | None
    encoding: str | None
    delimiter: str | None
    has_header: bool | None
    sheet: str | None
    replace_bytes: bool
    columns: tuple[str, ...]


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
    columns: tuple[str, ...] = ()

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


TEXT_OPTIONS = ("encoding", "replace_bytes")
_REFUSABLE = ("encoding", "delimiter", "has_header", "sheet", "replace_bytes")


def refuse_unused(options: Mapping[str, Any], uses: Container[str], format: str) -> None:
    """Raises `InputError` `option_unused` for an option that is given and means nothing for a format."""
    for name in _REFUSABLE:
        given = options.get(name) is not None and (name != "replace_bytes" or options[name])
        if given and name not in uses:
            shown = {"has_header": "header", "replace_bytes": "replaced bytes"}.get(name, name)
            nothing = False if name == "replace_bytes" else None
            without = Remedy("without_option", {"option": shown}, read={name: nothing})
            raise InputError("option_unused", option=shown, format=format).mended_by(without)


def _never(_: object) -> bool:
    return False


@dataclass(frozen=True)
class Reader:
    """Recognises and reads files of one format.

    format: its name. suffixes: endings of file names. read: Source → Table; may raise InputError. is_binary: for
    formats that are not text, whether bytes certainly have this format. is_text: whether the text of a source has this
    format, if its name does not tell. shared_suffix: other formats use the suffixes too, so the text decides. uses: the
    fields of `ReadOptions` that mean something for this format; a file of it is not read with any other.
    """

    format: str
    suffixes: tuple[str, ...]
    read: Callable[[Source], Table]
    is_binary: Callable[[bytes], bool] = _never
    is_text: Callable[[Source], bool] = _never
    shared_suffix: bool = False
    uses: tuple[str, ...] = TEXT_OPTIONS

    @property
    def binary(self) -> bool:
        """Whether its files are not text."""
        return self.is_binary is not _never

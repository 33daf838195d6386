"""Reads files of any format. To add a format, add a module to this package and its reader to `READERS`."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from dynmask_core.data.limits import check_size
from dynmask_core.data.readers.delimited import CSV, TSV
from dynmask_core.data.readers.jsonlines import JSONL
from dynmask_core.data.readers.plain import TEXT
from dynmask_core.data.readers.source import Reader, ReadOptions, Source
from dynmask_core.data.readers.spreadsheet import XLSX
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

READERS = (JSONL, CSV, TSV, XLSX, TEXT)
"""They are tried in this order on a text whose name does not tell the format."""

_BINARY_MAGIC = (
    b"PK\x03\x04", b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh",
)  # fmt: skip


def read_path(path: str | os.PathLike[str], **options: Unpack[ReadOptions]) -> Table:
    """Reads a file; see `read_bytes`.

    Raises `InputError`: `file_not_found`, `is_directory`, `file_unreadable`, `too_large`, and what `read_bytes` raises.
    """
    shown = os.fspath(path)
    try:
        file = Path(path)
        if file.is_dir():
            raise InputError("is_directory", path=shown)
        if file.exists() and not file.is_file():
            raise InputError("file_unreadable", path=shown)
        check_size(file.stat().st_size)
        data = file.read_bytes()
    except FileNotFoundError:
        raise InputError("file_not_found", path=shown) from None
    except InputError:
        raise
    except (OSError, ValueError):
        raise InputError("file_unreadable", path=shown) from None
    return read_bytes(data, file.name, **options)


def read_bytes(data: bytes, name: str = "", **options: Unpack[ReadOptions]) -> Table:
    """Reads the content of a file; options that are not given are detected.

    name: the file's name; its ending tells the format. Without a header, columns are named `column_1`, ….

    Raises `InputError`: `empty_file`, `too_large` (20 MB), `binary_file`, `unknown_format`, `bad_delimiter`,
    `broken_quoting`, `all_malformed`, `no_rows`, `too_many_columns`, `too_many_lines`, `json_no_rows`, and what
    `encoding.decode` and `readers.spreadsheet` raise.
    """
    began = time.perf_counter()
    check_size(len(data))
    if not data.strip():
        raise InputError("empty_file")
    source = Source(data, name, **options)
    if source.delimiter is not None and (len(source.delimiter) != 1 or source.delimiter in '"\r\n\0'):
        raise InputError("bad_delimiter")
    table = _reader(source).read(source)
    return replace(table, name=name, seconds=time.perf_counter() - began)


def _reader(source: Source) -> Reader:
    """Chosen by the caller's format, the first bytes, the file's ending or the text, in this order."""
    if source.format is not None:
        by_format = {reader.format: reader for reader in READERS}
        if source.format not in by_format:
            raise InputError("unknown_format", format=source.format, formats=", ".join(by_format))
        return by_format[source.format]
    shown = next((reader for reader in READERS if reader.is_binary(source.data)), None)
    named = next((reader for reader in READERS if source.suffix in reader.suffixes), None)
    if shown is None and named is not None and named.binary:
        shown = named
    if shown is not None:
        return shown
    if source.data.startswith(_BINARY_MAGIC):
        raise InputError("binary_file")
    if named is not None and (not named.shared_suffix or source.delimiter is not None):
        return named
    return next(reader for reader in READERS if reader.is_text(source))

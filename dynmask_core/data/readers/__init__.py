"""Reads files of any format. To add a format, add a module to this package and its reader to `READERS`."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from dynmask_core.data.limits import check_size
from dynmask_core.data.readers.annotations import label_of
from dynmask_core.data.readers.class_folders import CLASS_FOLDERS
from dynmask_core.data.readers.columnar import ARROW, PARQUET
from dynmask_core.data.readers.conll import CONLL
from dynmask_core.data.readers.delimited import CSV, TSV
from dynmask_core.data.readers.jsonlines import JSONL
from dynmask_core.data.readers.packed import PACKED_SUFFIXES, refuse_other_formats, unpack
from dynmask_core.data.readers.plain import FASTTEXT, TEXT, TOUTIAO
from dynmask_core.data.readers.source import Reader, ReadOptions, Source, refuse_unused
from dynmask_core.data.readers.spreadsheet import WORKBOOKS
from dynmask_core.data.readers.web_page import HTML
from dynmask_core.data.table import Table
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError

READERS = (CONLL, JSONL, HTML, *WORKBOOKS, PARQUET, ARROW, CLASS_FOLDERS, FASTTEXT, TOUTIAO, CSV, TSV, TEXT)
"""They are tried in this order on a text whose name does not tell the format."""

SUFFIXES = tuple(suffix for reader in READERS for suffix in reader.suffixes) + PACKED_SUFFIXES
"""All endings of files that can be read."""


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

    name: the file's name; its ending tells the format, unless the content is clearly something else. Packed files are
    unpacked. Without a header, columns are named `column_1`, ….

    Raises `InputError`: `empty_file`, `too_large` (20 MB), `option_unused`, `binary_file`,
    `unknown_format`, `bad_delimiter`, `no_rows`, `too_many_lines`, and what the readers, `packed.unpack`,
    `packed.refuse_other_formats` and `encoding.decode` raise.
    """
    began = time.perf_counter()
    check_size(len(data))
    content, inner = unpack(data, name, SUFFIXES, _is_own)
    if not content.strip():
        raise InputError("empty_file")
    source = Source(content, inner, **options)
    if source.delimiter is not None and (len(source.delimiter) != 1 or source.delimiter in '"\r\n\0'):
        raise InputError("bad_delimiter")
    reader = _reader(source)
    refuse_unused(options, reader.uses, reader.format)
    table = reader.read(source)
    for column in table.columns:
        cells = table.frame[column].tolist()  # pandas' own search takes ten times as long, which tells in wide tables
        if any(cell.startswith('{"') for cell in cells):
            table.frame[column] = list(map(label_of, cells))
    warnings = (*_misnamed(source, reader), *table.warnings)
    return replace(table, name=name, warnings=warnings, seconds=time.perf_counter() - began)


def _is_own(data: bytes) -> bool:
    return any(reader.is_binary(data) for reader in READERS)


def _named(source: Source) -> Reader | None:
    return next((reader for reader in READERS if source.suffix in reader.suffixes), None)


def _reader(source: Source) -> Reader:
    """Chosen by the caller's format, the content, the file's ending or the text, in this order."""
    if source.format is not None:
        by_format = {reader.format: reader for reader in READERS}
        if source.format not in by_format:
            raise InputError("unknown_format", format=source.format, formats=", ".join(by_format))
        return by_format[source.format]
    shown = next((reader for reader in READERS if reader.is_binary(source.data)), None)
    if shown is not None:
        return shown
    refuse_other_formats(source.data)
    named = _named(source)
    if named is not None and not named.binary and not named.shared_suffix:
        # JSON is never a good CSV file, nor the other way round; for all else the ending must be believed.
        json_begins = source.text.lstrip()[:1] in "[{"
        other = (not json_begins and CSV.is_text(source)) if named is JSONL else JSONL.is_text(source)
        if not other and not HTML.is_text(source):
            return named
    return next(reader for reader in READERS if not reader.binary and reader.is_text(source))


def _misnamed(source: Source, reader: Reader) -> tuple[DataWarning, ...]:
    """A warning if the file's ending is that of another format."""
    named = _named(source)
    if source.format is not None or named is None or named is reader or named.shared_suffix:
        return ()
    return (DataWarning("misnamed", {"ending": source.suffix, "format": reader.format.upper()}),)

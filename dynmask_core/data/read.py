"""One reader for CSV, TSV, JSON lines, XLSX and plain text."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from dynmask_core.data import delimited, jsonlines, spreadsheet
from dynmask_core.data.encoding import decode
from dynmask_core.data.limits import MAX_BYTES, check_lines, check_shape, check_size
from dynmask_core.errors import InputError

Format = Literal["csv", "tsv", "jsonl", "xlsx", "text"]
FORMATS: tuple[Format, ...] = get_args(Format)

_BY_SUFFIX: dict[str, Format] = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".txt": "text",
}  # fmt: skip
_BINARY_MAGIC = (
    b"PK\x03\x04", b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Table:
    """A file as read: nothing dropped but rows that cannot be read, nothing changed inside a cell.

    frame: every cell a str as written, "" where missing; column names are stripped and unique. encoding and
    delimiter are None where the format has none. malformed: rows left out because of a wrong number of fields
    or bad JSON. tokens, rationale: for token-labelled JSON lines, one list per row of `frame`, whose `text`
    is the tokens joined by single spaces; a rationale has a 0 or a 1 per token. seconds: time taken to read.
    """

    frame: pd.DataFrame
    format: Format
    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool = True
    malformed: int = 0
    name: str = ""
    tokens: list[list[str]] | None = None
    rationale: list[list[int]] | None = None
    seconds: float = field(default=0.0)

    def __len__(self) -> int:
        return len(self.frame)


def read_path(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
) -> Table:
    """Reads a file; see `read_bytes`.

    Raises `InputError`: `file_not_found`, `is_directory`, `file_unreadable`, `too_large`, and what
    `read_bytes` raises.
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
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("file_unreadable", path=shown) from None
    return read_bytes(data, file.name, format=format, encoding=encoding, delimiter=delimiter, has_header=has_header)


def read_bytes(
    data: bytes,
    name: str = "",
    *,
    format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
) -> Table:
    """Reads a file's content; what is not given is found out.

    name: the file's name; its ending tells the format. format: one of `FORMATS`. encoding: a Python codec.
    delimiter: one character. has_header: whether the first row names the columns; without a header they are
    `column_1`, …. Plain text has one example per line, one column `text` and no label.

    Raises `InputError`: `empty_file`, `too_large` (20 MB), `binary_file`, `unknown_format`, `bad_delimiter`,
    `broken_quoting`, `all_malformed`, `no_rows`, `too_many_columns`, `too_many_lines`, and what `encoding.decode`,
    `jsonlines.parse` and `spreadsheet.records` raise.
    """
    began = time.perf_counter()
    check_size(len(data))
    if not data.strip():
        raise InputError("empty_file")
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise InputError("bad_delimiter")
    kind = _format(data, name, format)
    if kind == "xlsx":
        rows = spreadsheet.records(data, MAX_BYTES)
        # A spreadsheet has no ragged rows: what is missing at the end of a row is empty.
        width = max(map(len, rows), default=0)
        check_shape(len(rows), width)
        rows = [row + [""] * (width - len(row)) for row in rows]
        header = delimited.has_header(rows) if has_header is None else has_header
        frame, malformed = _frame(rows, header, 0)
        return Table(frame, "xlsx", None, None, header, malformed, name, seconds=time.perf_counter() - began)
    text, found = decode(data, encoding)
    if not text.strip():
        raise InputError("empty_file")
    check_lines(text)
    if kind is None:
        kind, delimiter = _sniff_format(text, delimiter)
    elif kind == "text" and format is None and delimiter is None:
        # Files that end in .txt are tables as often as not; only a clear one is read as a table.
        kind, delimiter = _sniff_format(text, None)
    if kind == "jsonl":
        parsed = jsonlines.parse(text)
        return Table(
            pd.DataFrame(parsed.columns, dtype=object), "jsonl", found, None, True, parsed.malformed, name,
            parsed.tokens, parsed.rationale, time.perf_counter() - began,
        )  # fmt: skip
    if kind == "text":
        lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
        frame = pd.DataFrame({"text": lines}, dtype=object)
        return Table(frame, "text", found, None, False, 0, name, seconds=time.perf_counter() - began)
    if delimiter is None:
        delimiter, text = delimited.declared(text)
    if delimiter is None:
        delimiter = "\t" if kind == "tsv" else delimited.sniff(text)[0]
    # A glance first: a line of nothing but delimiters would be split into millions of cells.
    check_shape(1, delimited.usual_width(delimited.sample(text, delimiter or delimited.NO_DELIMITER)))
    rows, broken = delimited.records(text, delimiter or delimited.NO_DELIMITER)
    header = delimited.has_header(rows) if has_header is None else has_header
    frame, malformed = _frame(rows, header, broken)
    kind = "tsv" if delimiter == "\t" else "csv"
    return Table(frame, kind, found, delimiter, header, malformed, name, seconds=time.perf_counter() - began)


def _format(data: bytes, name: str, given: str | None) -> Format | None:
    """The format, if the caller, the first bytes or the file's ending tell it."""
    if given is not None:
        if given not in FORMATS:
            raise InputError("unknown_format", format=given, formats=", ".join(FORMATS))
        return given
    by_suffix = _BY_SUFFIX.get(Path(name).suffix.casefold())
    if by_suffix == "xlsx" or data.startswith(spreadsheet.OLE_MAGIC):
        return "xlsx"
    if data.startswith(spreadsheet.ZIP_MAGIC) and spreadsheet.is_workbook(data):
        return "xlsx"
    if data.startswith(_BINARY_MAGIC):
        raise InputError("binary_file")
    return by_suffix


def _sniff_format(text: str, delimiter: str | None) -> tuple[Format, str | None]:
    """The format of a text that nobody named, and its delimiter if the search has found one."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        try:
            parsed = jsonlines.parse(text)
            if parsed.malformed <= parsed.rows:
                return "jsonl", None
        except InputError:
            pass
    if delimiter is not None:
        return "csv", delimiter
    found, score = delimited.sniff(text)
    # Above 1: a header with known names, or a column of labels in rows that are nearly all of one width.
    return ("csv", found) if found is not None and score > 1.05 else ("text", None)


def _frame(rows: list[list[str]], header: bool, broken: int) -> tuple[pd.DataFrame, int]:
    """Rows of the right width as a frame of str, and the number of those left out."""
    width = len(rows[0]) if header and rows else delimited.usual_width(rows)
    check_shape(len(rows), width)
    body = rows[1:] if header else rows
    if not body:
        raise InputError("no_rows")
    kept = [row for row in body if len(row) == width]
    if not kept:
        raise InputError("all_malformed", columns=width, fields=delimited.usual_width(body))
    names = delimited.unique_names(rows[0] if header else [""] * width)
    columns = dict(zip(names, map(list, zip(*kept, strict=True)), strict=True))
    return pd.DataFrame(columns, dtype=object), len(body) - len(kept) + broken

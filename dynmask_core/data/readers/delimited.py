"""CSV, TSV and their kin: the delimiter and the rows."""

from __future__ import annotations

import csv
import io
import re
from functools import partial

from dynmask_core.data.columns import is_known_name
from dynmask_core.data.limits import check_shape
from dynmask_core.data.readers.grid import SAMPLE_ROWS, frame_of, has_header, label_columns, usual_width
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

DELIMITERS = ("\t", ";", "|", ",")
_SNIFF_CHARACTERS = 65_536
_TABLE = 1.05
"""The score of `sniff` above which a text is a table: just above 1, which commas in a few lines of prose reach."""
NO_DELIMITER = "\x1f"  # a separator that no text holds, for files of one column

# The default of 131,072 characters would refuse a long document; a file's own size limits its fields.
csv.field_size_limit(max(csv.field_size_limit(), 2**26))


def _read(source: Source, usual: str | None = None) -> Table:
    """usual: the delimiter of files with this ending, None to find it out."""
    text, delimiter = source.text, source.delimiter
    if delimiter is None:
        delimiter, text = declared(text)
    delimiter = delimiter or usual or sniff(text)[0]
    between = delimiter or NO_DELIMITER
    # A glance first: a line of nothing but delimiters would be split into millions of cells.
    check_shape(1, usual_width(sample(text, between)))
    rows, broken = records(text, between)
    header = has_header(rows) if source.has_header is None else source.has_header
    frame, malformed = frame_of(rows, header)
    return Table(
        frame,
        "tsv" if delimiter == "\t" else "csv",
        source.decoded.encoding,
        delimiter,
        header,
        malformed + broken,
        warnings=source.decoded.warnings,
    )


def _is_table(source: Source) -> bool:
    return source.delimiter is not None or sniff(source.text)[1] > _TABLE


def records(text: str, delimiter: str) -> tuple[list[list[str]], int]:
    """All records of `text`, blank lines left out, and the number of lines lost to a stray quote.

    A tab-separated text whose quotes do not pair is read without quoting, as most programs write it. Raises
    `InputError` `broken_quoting` with the line where a quote opens that swallows the next lines.
    """
    try:
        rows, broken = _quoted(text, delimiter)
    except InputError:
        if delimiter != "\t":
            raise
        broken = 1
    if delimiter == "\t" and broken:
        unquoted = csv.reader(io.StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in unquoted if row], 0
    return rows, broken


def _quoted(text: str, delimiter: str) -> tuple[list[list[str]], int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    broken: list[int] = []
    while True:
        start = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            # A record over several lines has swallowed its neighbours: what follows can no longer be trusted.
            if reader.line_num > start:
                raise InputError("broken_quoting", line=start) from None
            broken.append(start)
            continue
        if row:
            rows.append(row)
    if len(broken) >= max(len(rows), 1):
        raise InputError("broken_quoting", line=broken[0])
    return rows, len(broken)


def sniff(text: str) -> tuple[str | None, float]:
    """The delimiter that divides `text` most evenly, and a score; (None, 0) where none does.

    The score is the share of records with the usual number of fields (0 to 1), plus 1 where the first record
    names known columns, plus 0.2 where one column has few distinct values, as a label has. Above 1 means a
    table.
    """
    best: tuple[float, str] | None = None
    for delimiter in DELIMITERS:
        rows = sample(text, delimiter)
        width = usual_width(rows)
        named = bool(rows) and any(is_known_name(cell) for cell in rows[0])
        # A known name alone in the first line is the header of a single column.
        if (width < 2 and not named) or (named and len(rows[0]) == 1):
            continue
        even = sum(len(row) == width for row in rows) / len(rows)
        if even < 0.5 and not named:
            continue
        score = even + named + 0.2 * bool(label_columns([row for row in rows if len(row) == width]))
        if best is None or score > best[0]:
            best = (score, delimiter)
    return (best[1], best[0]) if best else (None, 0.0)


def declared(text: str) -> tuple[str | None, str]:
    """The delimiter that a first line `sep=;` declares to spreadsheet programs, and the text after it."""
    first = re.match(r'"?sep=([^"\r\n])"?(?:\r\n|\n|\r)', text)
    return (first[1], text[first.end() :]) if first else (None, text)


def sample(text: str, delimiter: str) -> list[list[str]]:
    """The first records, a whole number of them unless there is only one."""
    reader = csv.reader(io.StringIO(text[:_SNIFF_CHARACTERS], newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    # The sample may end in the middle of a record.
    return rows[:-1] if len(text) > _SNIFF_CHARACTERS and len(rows) > 1 else rows


CSV = Reader("csv", (".csv",), _read, is_text=_is_table)
TSV = Reader("tsv", (".tsv", ".tab"), partial(_read, usual="\t"))

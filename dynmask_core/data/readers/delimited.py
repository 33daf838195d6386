"""CSV, TSV and similar: finds the delimiter and reads the rows."""

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
"""A text is a table if `sniff` scores above this. Commas in a few lines of prose can reach 1."""
NO_DELIMITER = "\x1f"  # does not occur in texts; for files of one column

# The default limit of 131,072 characters would refuse a long document; the file size limits fields anyway.
csv.field_size_limit(max(csv.field_size_limit(), 2**26))


def _read(source: Source, usual: str | None = None) -> Table:
    """usual: the delimiter of files with this ending; None to detect it."""
    text, delimiter = source.text, source.delimiter
    if delimiter is None:
        delimiter, text = declared(text)
    delimiter = delimiter or usual or sniff(text)[0]
    between = delimiter or NO_DELIMITER
    # Check a sample first: a line of only delimiters would give millions of cells.
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
    """All records of `text` without blank lines, and the number of lines lost to a stray quote.

    A tab-separated text with unpaired quotes is read without quoting, because most programs write it so. Raises
    `InputError` `broken_quoting` with the line of the quote if it swallows the next lines, or if at least half
    of the lines are lost.
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
            # The record has swallowed the next lines: the rest cannot be trusted.
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
    """The delimiter that divides `text` most evenly, and its score; (None, 0) if there is none.

    The score is the share of records with the usual number of fields (0 to 1), plus 1 if the first record names known
    columns, plus 0.2 if a column has few distinct values, like a label.
    """
    best: tuple[float, str] | None = None
    for delimiter in DELIMITERS:
        rows = sample(text, delimiter)
        width = usual_width(rows)
        named = bool(rows) and any(is_known_name(cell) for cell in rows[0])
        # A first line with only a known name is the header of a single column.
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
    """The delimiter from a first line like `sep=;` (for spreadsheet programs) or None, and the text after that line."""
    first = re.match(r'"?sep=([^"\r\n])"?(?:\r\n|\n|\r)', text)
    return (first[1], text[first.end() :]) if first else (None, text)


def sample(text: str, delimiter: str) -> list[list[str]]:
    """The first records; all are complete unless there is only one."""
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
    # The last record of the sample may be incomplete.
    return rows[:-1] if len(text) > _SNIFF_CHARACTERS and len(rows) > 1 else rows


CSV = Reader("csv", (".csv",), _read, is_text=_is_table)
TSV = Reader("tsv", (".tsv", ".tab"), partial(_read, usual="\t"))

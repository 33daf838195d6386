"""CSV, TSV and their kin: the delimiter, the header, the rows."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from dynmask_core.data.columns import is_known_name
from dynmask_core.errors import InputError

DELIMITERS = ("\t", ";", "|", ",")
_SNIFF_CHARACTERS = 65_536
_SNIFF_ROWS = 200
_LABEL_LENGTH = 40
NO_DELIMITER = "\x1f"  # a separator that no text holds, for files of one column

# The default of 131,072 characters would refuse a long document; a file's own size limits its fields.
csv.field_size_limit(max(csv.field_size_limit(), 2**26))


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
        score = even + named + 0.2 * bool(_label_columns([row for row in rows if len(row) == width]))
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
            if len(rows) > _SNIFF_ROWS:
                break
    except csv.Error:
        pass
    # The sample may end in the middle of a record.
    return rows[:-1] if len(text) > _SNIFF_CHARACTERS and len(rows) > 1 else rows


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The most frequent number of fields, the greater of two as frequent ones; 0 without rows."""
    widths = Counter(len(row) for row in rows)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _label_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Columns of few distinct short values among rows of equal width."""
    found = []
    for column in range(len(rows[0]) if rows else 0):
        values = {row[column].strip() for row in rows}
        if len(values) <= max(2, len(rows) // 4) and max(map(len, values)) <= _LABEL_LENGTH:
            found.append(column)
    return found


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names columns rather than being data.

    Known column names decide. Otherwise a header has distinct, short, non-numeric cells, and none of them is
    found again among the values of a column with few distinct values: `I liked it,positive` is data where
    `positive` comes back below.
    """
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    if any(is_known_name(cell) for cell in first):
        return True
    body = [row for row in rows[1 : _SNIFF_ROWS + 1] if len(row) == len(first)]
    if not body or len(set(first)) < len(first):
        return False
    if not all(_could_be_name(cell) for cell in first):
        return False
    labels = _label_columns(body)
    if not labels or len(first) < 2:
        return False
    return all(first[column] not in {row[column].strip() for row in body} for column in labels)


def _could_be_name(cell: str) -> bool:
    """Short, of three words at most, and no number."""
    try:
        float(cell)
    except ValueError:
        return 0 < len(cell) <= _LABEL_LENGTH and len(cell.split()) <= 3
    return False


def unique_names(cells: Sequence[str]) -> list[str]:
    """Column names from a header: stripped, `column_3` for an empty one, `_2`, … for repeats."""
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        stem = name = cell.strip() or f"column_{position}"
        count = 1
        while name in names:
            count += 1
            name = f"{stem}_{count}"
        names.append(name)
    return names

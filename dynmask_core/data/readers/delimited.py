"""CSV, TSV and similar: finds the delimiter and reads the rows."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from functools import partial

from dynmask_core.data.limits import MAX_LOST, check_shape
from dynmask_core.data.names import is_known_name
from dynmask_core.data.readers.dialect import records
from dynmask_core.data.readers.grid import table_of, usual_width
from dynmask_core.data.readers.header import SAMPLE_ROWS, label_columns
from dynmask_core.data.readers.source import TEXT_OPTIONS, Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.data.warning import DataWarning

DELIMITERS = ("\t", ";", "|", ",")
_SNIFF_CHARACTERS = 65_536
_TABLE = 1.05
"""A text is a table if `sniff` scores above this. Commas in a few lines of prose can reach 1."""
NO_DELIMITER = "\x1f"  # does not occur in texts; for files of one column
_TITLE_ROWS = 10


def _read(source: Source, usual: str | None = None) -> Table:
    """usual: the delimiter of files with this ending, taken if it occurs; None to detect it."""
    text, delimiter = source.text, source.delimiter
    if delimiter is None:
        delimiter, text = declared(text)
    if delimiter is None:
        delimiter = usual if usual is not None and usual in text else sniff(text, source.columns)[0]
    whole = None if delimiter else _lines_in_quotes(text)
    if whole is not None:
        text, delimiter = whole, sniff(whole, source.columns)[0]
    between = delimiter or NO_DELIMITER
    # Check a sample first: a line of only delimiters would give millions of cells.
    check_shape(1, usual_width(sample(text, between)))
    found = records(text, between)
    table = table_of(found.rows, source, "tsv" if delimiter == "\t" else "csv")
    name = "whole" if whole is not None else found.style.name
    quoting = (DataWarning(f"quoting_{name}"),) if name else ()
    return replace(
        table,
        encoding=source.decoded.encoding,
        delimiter=delimiter,
        malformed=table.malformed + found.broken,
        warnings=(*source.decoded.warnings, *quoting, *table.warnings),
        lost=[*table.lost, *found.lost][:MAX_LOST],
    )


def _lines_in_quotes(text: str) -> str | None:
    """The lines of a table each of which, as a whole, was quoted once more; None if it is not so."""
    rows = sample(text, NO_DELIMITER)
    if not rows or not all(
        len(row) == 1 and line.startswith('"') for row, line in zip(rows, text.split("\n"), strict=False)
    ):
        return None
    inner = "\n".join(row[0] for row in records(text, NO_DELIMITER).rows)
    return inner if sniff(inner)[1] > _TABLE else None


def _is_table(source: Source) -> bool:
    return source.delimiter is not None or sniff(source.text, source.columns)[1] > _TABLE


def sniff(text: str, columns: tuple[str, ...] = ()) -> tuple[str | None, float]:
    """The delimiter that divides `text` most evenly, and its score; (None, 0) if there is none.

    The score is the share of records with the usual number of fields (0 to 1), plus 1 if one of the first records names
    known columns or some of `columns`, plus 0.2 if a column has few distinct values, like a label.
    """

    def names_column(cell: str) -> bool:
        return is_known_name(cell) or cell.strip() in columns

    best: tuple[float, str] | None = None
    for delimiter in DELIMITERS:
        rows = sample(text, delimiter)
        width = usual_width(rows)
        # There may be titles above the header, but a known word alone in a line is a header only in the first.
        heads = [row for row in rows[:_TITLE_ROWS] if len(row) > 1] if width > 1 else rows[:1]
        named = any(names_column(cell) for row in [*rows[:1], *heads] for cell in row)
        # A first line with only a known name is the header of a single column.
        if (width < 2 and not named) or (named and len(rows[0]) == 1 and names_column(rows[0][0])):
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


_OPTIONS = (*TEXT_OPTIONS, "delimiter", "has_header")
CSV = Reader("csv", (".csv",), _read, is_text=_is_table, uses=_OPTIONS)
TSV = Reader("tsv", (".tsv", ".tab"), partial(_read, usual="\t"), uses=_OPTIONS)

"""Rows of cells, from delimited text or spreadsheets → table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from dynmask_core.data.invisible import name_of
from dynmask_core.data.limits import MAX_LOST, check_shape
from dynmask_core.data.readers.header import lay_out
from dynmask_core.data.readers.source import Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError


def table_of(rows: list[list[str]], source: Source, format: str) -> Table:
    """The table in rows of cells; without a header, columns are `column_1`, …. Rows of another width are malformed.

    A short row is filled up with empty cells, and empty cells beyond the last column are ignored. Raises `InputError`:
    `no_rows`, `all_malformed`, `too_many_columns`.
    """
    names, body, warnings = lay_out(rows, source.has_header, source.columns)
    if not body:
        raise InputError("no_rows")
    usual = usual_width(body)
    if names is not None and usual == len(names) + 1 and all(row[0].isdigit() for row in body):
        names = ["", *names]  # R numbers the rows and does not name that column
    width = len(names) if names is not None else usual
    check_shape(len(body), width)
    kept: list[list[str]] = []
    lost: list[list[str]] = []
    count = 0
    for row in body:
        fitted = row if len(row) == width else _fitted(row, width)
        if fitted is not None:
            kept.append(fitted)
        else:
            count += 1
            if len(lost) < MAX_LOST:
                lost.append(row)
    # Where each row is a single field, the delimiter is wrong.
    if not kept or (width > 1 and all(len(row) == 1 for row in body)):
        raise InputError("all_malformed", columns=width, fields=usual)
    columns = list(map(list, zip(*kept, strict=True)))
    header = list(names) if names is not None else [""] * width
    while len(columns) > 1 and not header[-1].strip() and not any(map(str.strip, columns[-1])):
        columns.pop()
        header.pop()
    frame = pd.DataFrame(dict(zip(unique_names(header), columns, strict=True)), dtype=object)
    return Table(frame, format, has_header=names is not None, malformed=count, warnings=warnings, lost=lost)


def _fitted(row: list[str], width: int) -> list[str] | None:
    """The row with `width` cells; None if it has more that are not empty."""
    if any(cell.strip() for cell in row[width:]):
        return None
    return row[:width] + [""] * (width - len(row))


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The most frequent number of fields, the greater one in a tie; 0 without rows."""
    widths = Counter(len(row) for row in rows)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def unique_names(cells: Sequence[str]) -> list[str]:
    """Column names from a header: stripped, see `name_of`; an empty one becomes `column_3`; repeats get `_2`, …."""
    names: dict[str, None] = {}
    for position, cell in enumerate(cells, start=1):
        stem = name = name_of(cell) or f"column_{position}"
        count = 1
        while name in names:
            count += 1
            name = f"{stem}_{count}"
        names[name] = None
    return list(names)

"""Rows of cells, from delimited text or spreadsheets → frame: header, column names, width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from dynmask_core.data.columns import is_known_name
from dynmask_core.data.limits import check_shape
from dynmask_core.errors import InputError

SAMPLE_ROWS = 200
_LABEL_LENGTH = 40


def frame_of(rows: list[list[str]], header: bool) -> tuple[pd.DataFrame, int]:
    """A frame of str with the rows of the right width, and the number of other rows.

    header: whether the first row names the columns; if not, they are `column_1`, …. Raises `InputError`: `no_rows`,
    `all_malformed`, `too_many_columns`.
    """
    width = len(rows[0]) if header and rows else usual_width(rows)
    check_shape(len(rows), width)
    body = rows[1:] if header else rows
    if not body:
        raise InputError("no_rows")
    kept = [row for row in body if len(row) == width]
    if not kept:
        raise InputError("all_malformed", columns=width, fields=usual_width(body))
    names = unique_names(rows[0] if header else [""] * width)
    columns = dict(zip(names, map(list, zip(*kept, strict=True)), strict=True))
    return pd.DataFrame(columns, dtype=object), len(body) - len(kept)


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The most frequent number of fields, the greater one in a tie; 0 without rows."""
    widths = Counter(len(row) for row in rows)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def label_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Indices of columns with few distinct, short values; rows have equal width."""
    found = []
    for column in range(len(rows[0]) if rows else 0):
        values = {row[column].strip() for row in rows}
        if len(values) <= max(2, len(rows) // 4) and max(map(len, values)) <= _LABEL_LENGTH:
            found.append(column)
    return found


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns.

    True if it has a known column name. Otherwise its cells must be distinct, short and not numbers, and there must be
    columns with few distinct values, none of which repeats its first cell: `I liked it,positive` is data if `positive`
    occurs again below.
    """
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    if any(is_known_name(cell) for cell in first):
        return True
    body = [row for row in rows[1 : SAMPLE_ROWS + 1] if len(row) == len(first)]
    if not body or len(set(first)) < len(first) or not all(map(_could_be_name, first)):
        return False
    labels = label_columns(body)
    if not labels or len(first) < 2:
        return False
    return all(first[column] not in {row[column].strip() for row in body} for column in labels)


def _could_be_name(cell: str) -> bool:
    """Short, at most three words, and not a number."""
    try:
        float(cell)
    except ValueError:
        return 0 < len(cell) <= _LABEL_LENGTH and len(cell.split()) <= 3
    return False


def unique_names(cells: Sequence[str]) -> list[str]:
    """Column names from a header: stripped; an empty one becomes `column_3`; repeats get `_2`, …."""
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        stem = name = cell.strip() or f"column_{position}"
        count = 1
        while name in names:
            count += 1
            name = f"{stem}_{count}"
        names.append(name)
    return names

"""Where a table begins: the row that names its columns, and what exports write above and below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from dynmask_core.data.invisible import name_of
from dynmask_core.data.missing import NO_VALUES
from dynmask_core.data.names import LABEL, TEXT, is_known_name, named
from dynmask_core.data.warning import DataWarning
from dynmask_core.remedies import Remedy

SAMPLE_ROWS = 200
_LABEL_LENGTH = 40
_PREAMBLE_ROWS = 10
# What survey tools write in the line below the questions.
_SUBHEADERS = frozenset({"response", "open-ended response", "回复", "答复", "开放式回答", "开放式答复"})
# A number, or a date with a time zone: no name begins like this.
_NUMBER = re.compile(r"[+\-]?[$€£¥]?\.?\d[\d\s.,:/%+\-eETZ]*(?:[ap]m)?(?: ?(?:GMT|UTC)[+\-\d:]*)?", re.IGNORECASE)


class Layout(NamedTuple):
    """names: the header, or None. rows: the others. warnings: what was guessed or left out."""

    names: list[str] | None
    rows: list[list[str]]
    warnings: tuple[DataWarning, ...] = ()


def lay_out(rows: list[list[str]], has_header: bool | None = None, columns: Sequence[str] = ()) -> Layout:
    """Divides the rows of a file into header and body.

    has_header: whether the first row names the columns; None: guess. columns: names that the caller knows to be
    columns: the row in which they stand is the header, unless `has_header` is given.
    """
    if has_header is False or not rows:
        return Layout(None, rows)
    start, warnings = 0, []
    if has_header is None:
        named = _row_with(rows[:_PREAMBLE_ROWS], columns)
        start = _titles(rows) if named is None else named
        header, certain = (True, True) if named is not None else guess_header(rows[start:])
        if not certain:
            warnings.append(_guessed(header, rows[start]))
        if not header:
            return Layout(None, rows, tuple(warnings))
    names, body = rows[start], rows[start + 1 :]
    lines = _survey_lines(names, body)
    if start + lines:
        as_data = Remedy("first_row_is_data", read={"has_header": False})
        warnings.append(DataWarning("preamble", {"rows": start + lines}, (as_data,)))
    if lines == 1:
        # Of a question with several answers, only the line below names the columns.
        below = body[0] + [""] * len(names)
        names = [name if name.strip() else under for name, under in zip(names, below, strict=False)]
    plain = _stripped(rows[start])
    first = rows[start][0].strip()
    kept = [row for row in body[lines:] if row[0].strip() != first or _stripped(row) != plain]
    if len(plain) > 1 and len(kept) < len(body) - lines:
        warnings.append(DataWarning("repeated_header", {"rows": len(body) - lines - len(kept)}))
        body, lines = kept, 0
    return Layout(names, body[lines:], tuple(warnings))


def guess_header(rows: Sequence[Sequence[str]]) -> tuple[bool, bool]:
    """Whether the first row names the columns, and whether that is certain.

    It is certain if the row has a known name, or a number among numbers, or none above numbers, or a label that occurs
    again below: `I liked it,positive` is data if `positive` does. Else the row is a header if its cells differ and
    one of them stands above a column of few values.
    """
    if not rows:
        return False, True
    first = _stripped(rows[0])
    width = len(first)
    others = [[cell.strip() for cell in row[:width]] for row in rows[1 : SAMPLE_ROWS + 1]]
    body = [row + [""] * (width - len(row)) for row in others]
    # Files that were joined repeat their header; a few rows that repeat the first say nothing about it.
    distinct = [row for row in body if row != first]
    if len(body) - len(distinct) <= max(1, len(body) // 10):
        body = distinct
    columns = list(zip(*body, strict=True)) if body else [()] * width
    if any(is_known_name(cell) and cell not in column for cell, column in zip(first, columns, strict=True)):
        return True, True
    if not body:
        return False, True
    labels = label_columns(body)
    if any(first[column] and first[column] in columns[column] for column in labels):
        return False, True
    signs = {_kind_sign(cell, column) for cell, column in zip(first, columns, strict=True)}
    if signs & {True, False}:
        return False not in signs, len(signs - {None}) == 1
    filled = [cell for cell in first if cell]
    named = any(first[column] and first[column].casefold() not in NO_VALUES for column in labels)
    return named and width > 1 and len(set(filled)) == len(filled), False


def label_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Indices of columns with few distinct, short values; rows have equal width."""
    found = []
    for column in range(len(rows[0]) if rows else 0):
        values = {row[column].strip() for row in rows}
        if len(values) <= max(2, len(rows) // 4) and 0 < max(map(len, values)) <= _LABEL_LENGTH:
            found.append(column)
    return found


def _kind_sign(cell: str, column: Sequence[str]) -> bool | None:
    """Above a column of numbers: False if the cell is one too, True if it is words; else None."""
    filled = [value for value in column if value]
    numbers = sum(bool(_NUMBER.fullmatch(value)) for value in filled)
    if not cell or cell.casefold() in NO_VALUES or not filled or numbers < 0.9 * len(filled):
        return None
    return not _NUMBER.fullmatch(cell)


def _row_with(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> int | None:
    """The first row in which most of the named columns stand."""
    found = [sum(name.strip() in _stripped(row) for name in columns) for row in rows]
    return found.index(max(found)) if any(found) else None


def _titles(rows: Sequence[Sequence[str]]) -> int:
    """Number of rows above the header: they fill far fewer cells than the table does, or name groups of columns."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:SAMPLE_ROWS]]
    usual = max(filled, key=lambda count: (filled.count(count), count))
    titles = 0
    while titles < min(_PREAMBLE_ROWS, len(filled)) and filled[titles] <= max(1, (usual - 1) // 2):
        titles += 1
    first = _stripped(rows[0])
    if not titles and len(set(filter(None, first))) < len(first):
        titles = int(len(rows) > 1 and any(map(is_known_name, rows[1])))
    if not titles or usual < 2 or titles >= len(rows) - 1 or any(map(is_known_name, first)):
        return 0
    # Among the titles may be a row as full as the table: a department, its head, the month.
    later = range(titles, min(_PREAMBLE_ROWS, len(rows) - 1))
    titles = next((row for row in later if _names_roles(rows[row])), titles)
    return titles if guess_header(rows[titles:]) == (True, True) else 0


def _names_roles(row: Sequence[str]) -> bool:
    """Whether a cell is the name of a text column and another one that of a label column, and neither can be both."""
    texts = {cell for cell in row if named(cell, TEXT).full}
    labels = {cell for cell in row if (says := named(cell, LABEL)).strength and not says.about}
    return bool(texts - labels) and bool(labels - texts)


def _survey_lines(names: Sequence[str], body: Sequence[Sequence[str]]) -> int:
    """Number of lines below the names that still describe the columns: questions, ids, kinds of answers."""
    for line, row in enumerate(body[:3], start=1):
        if any(cell.strip().startswith('{"ImportId"') for cell in row):
            return line
    first = [cell.casefold() for cell in _stripped(body[0])] if body else []
    return int(len(names) > 1 and not _SUBHEADERS.isdisjoint(first) and (not first[0] or first[0] in _SUBHEADERS))


def _stripped(row: Sequence[str]) -> list[str]:
    return [name_of(cell) for cell in row]


def _guessed(header: bool, row: Sequence[str]) -> DataWarning:
    shown = ", ".join(cell.strip() for cell in row)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    remedy = Remedy("first_row_is_data" if header else "first_row_is_header", read={"has_header": not header})
    return DataWarning("header_guessed" if header else "no_header_guessed", {"row": shown}, (remedy,))

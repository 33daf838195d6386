"""How a delimited text is quoted, told by its rows: the way of quoting that makes them even."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

from dynmask_core.data.limits import MAX_LOST
from dynmask_core.data.readers.grid import usual_width
from dynmask_core.errors import InputError

# The default limit of 131,072 characters would refuse a long document; the file size limits fields anyway.
csv.field_size_limit(max(csv.field_size_limit(), 2**26))


@dataclass(frozen=True)
class Style:
    r"""A way of quoting. name: `warning.quoting_<name>` tells it, "" for the standard. mark: a pattern without which a
    text is not in this style; `\0` stands for the delimiter. options: of `csv.reader`."""

    name: str
    mark: str
    options: dict[str, Any]


STANDARD = Style("", "", {})
# Each run of spaces and tabs is looked at once, from its start: a tab may be the delimiter, and there may be a million.
_BEFORE = r"(?:(?![ \t])|(?<![ \t]) *+)\0[ \t]"
_SINGLE = rf"(?:^|\n)[ \t]*+'|{_BEFORE}*+'"
_STYLES = (
    Style("spaced", rf'{_BEFORE}++"|"[ \t]+\0', {"skipinitialspace": True}),
    Style("backslash", r'\\"', {"escapechar": "\\"}),
    Style("single", _SINGLE, {"quotechar": "'", "skipinitialspace": True}),
    Style("single", r"\\'", {"quotechar": "'", "skipinitialspace": True, "escapechar": "\\"}),
)
_UNQUOTED = Style("none", '"', {"quoting": csv.QUOTE_NONE})


@dataclass(frozen=True)
class Records:
    """rows: all records without blank lines. lost: the first records that a stray quote destroyed. broken: how many
    there are. style: the way of quoting in which they were read."""

    rows: list[list[str]]
    lost: list[list[str]]
    broken: int
    style: Style = STANDARD


def records(text: str, delimiter: str) -> Records:
    """Reads in the standard way, and in others if that loses records and theirs loses fewer than half as many.

    A tab-separated text with unpaired quotes is read without quoting, because most programs write it so. Raises
    `InputError` `broken_quoting` with the line of a quote that swallows the next lines, or if at least half of the
    lines are lost, in every style.
    """
    problem: InputError | None = None
    best, fewest = None, float("inf")
    for style in (STANDARD, *_STYLES):
        if not fewest or not re.search(style.mark.replace(r"\0", re.escape(delimiter)), text):
            continue
        try:
            found = _parse(text, delimiter, style)
        except InputError as error:
            problem = problem or error
            continue
        if (left := _uneven(found)) < fewest / 2:
            best, fewest = found, left
    if delimiter == "\t" and (best is None or best.broken):
        return _parse(text, delimiter, _UNQUOTED)
    if best is None:
        raise problem or InputError("broken_quoting", line=1)
    return best


def _parse(text: str, delimiter: str, style: Style) -> Records:
    if "escapechar" in style.options:
        # The reader takes every backslash for an escape: those before other characters belong to the text.
        text = re.sub(r"""\\[\\"']|\\""", lambda found: found[0] if len(found[0]) == 2 else r"\\", text)
    if "skipinitialspace" in style.options:
        # The reader skips spaces before a quotation mark, but not behind it.
        mark = style.options.get("quotechar", '"')
        text = re.sub(rf"{mark}[ \t]+(?={re.escape(delimiter)}|[\r\n]|$)", mark, text)
    options = {"strict": style is not _UNQUOTED, **style.options}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **options)
    rows: list[list[str]] = []
    broken: list[int] = []
    while True:
        start = reader.line_num + 1
        try:
            for row in reader:
                if row:
                    rows.append(row)
                start = reader.line_num + 1
            break
        except csv.Error:
            # The record has swallowed the next lines: the rest cannot be trusted.
            if reader.line_num > start:
                raise InputError("broken_quoting", line=start) from None
            broken.append(start)
    if len(broken) >= max(len(rows), 1):
        raise InputError("broken_quoting", line=broken[0])
    lost = []
    if broken:
        lines = io.StringIO(text, newline="").readlines()
        lost = [lines[line - 1].rstrip("\r\n").split(delimiter) for line in broken[:MAX_LOST]]
    return Records(rows, lost, len(broken), style)


def _uneven(found: Records) -> int:
    """Number of records that were not read as they were meant: of another width, or with quotes left around cells."""
    width = usual_width(found.rows)
    uneven = sum(len(row) != width for row in found.rows)
    # A title in single quotes is no sign; quotes in most rows are.
    quoted = sum(any(map(_in_quotes, row)) for row in found.rows[:1000])
    return uneven + found.broken + (quoted if quoted > min(len(found.rows), 1000) / 2 else 0)


def _in_quotes(cell: str) -> bool:
    plain = cell.strip()
    return len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'"

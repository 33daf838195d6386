"""Tables to take home as CSV, for spreadsheets and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# A spreadsheet runs a cell that begins so: OWASP, CSV Injection. East Asian versions take the wide forms, too.
_RUNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def csv_of(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a mark at its start, so that spreadsheets read every script; lines end with a line feed.

    Numbers have six digits, a missing one is an empty cell. Words that a spreadsheet would run as a formula begin with
    an apostrophe.
    """
    worded = {str(name): frame[name].map(_cell) for name in frame if not _numeric(frame[name])}
    safe = frame.assign(**worded).rename(columns=harmless)
    return safe.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it if a spreadsheet would run it as a formula."""
    return f"'{cell}" if cell.startswith(_RUNS) or cell.lstrip().startswith(_RUNS) else cell


def _numeric(column: pd.Series) -> bool:
    from pandas.api.types import is_numeric_dtype

    return bool(is_numeric_dtype(column))


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value

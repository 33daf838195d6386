"""The rows and columns of a file."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from dynmask_core.data.invisible import shows_nothing
from dynmask_core.data.warning import DataWarning


@dataclass(frozen=True, eq=False)
class Table:
    """A file as read: only unreadable rows are dropped, and cells are unchanged.

    frame: every cell is a str as written, "" if missing; column names are stripped and unique. format: the name of its
    reader in `readers.READERS`. encoding, delimiter: None if the format has none. malformed: number of rows left out
    for a wrong number of fields or bad JSON. tokens, rationale: only for token-labelled JSON lines, one list per row of
    `frame`; `text` is the tokens joined by single spaces, and a rationale has a 0 or 1 per token. seconds: time to
    read. warnings: what the reader was not sure of. sheet, sheets: of a workbook, the sheet that was read and all
    that have rows. lost: the fields of malformed rows as far as they could be told apart; the first 1,000 of them.
    targets: one per row of `frame`, see `Dataset.targets`; "" where it is not known.
    """

    frame: pd.DataFrame
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool = True
    malformed: int = 0
    name: str = ""
    tokens: list[list[str]] | None = None
    rationale: list[list[int]] | None = None
    seconds: float = 0.0
    warnings: tuple[DataWarning, ...] = ()
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    lost: list[list[str]] = field(default_factory=list)
    targets: list[str] | None = None

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def columns(self) -> list[str]:
        """Column names, from left to right."""
        return [str(name) for name in self.frame.columns]

    def cells(self, column: str) -> list[str]:
        """The stripped cells of a column, from top to bottom; "" for one of spaces and invisible characters alone."""
        plain = map(str.strip, self.frame[column].tolist())
        return ["" if not cell.isascii() and shows_nothing(cell) else cell for cell in plain]

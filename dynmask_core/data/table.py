"""A file as read."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dynmask_core.data.warning import DataWarning


@dataclass(frozen=True, eq=False)
class Table:
    """A file as read: nothing dropped but rows that cannot be read, nothing changed inside a cell.

    frame: every cell a str as written, "" where missing; column names are stripped and unique. format: that of its
    reader in `readers.READERS`. encoding and delimiter are None where the format has none. malformed: rows left out
    because of a wrong number of fields or bad JSON. tokens, rationale: for token-labelled JSON lines, one list per row
    of `frame`, whose `text` is the tokens joined by single spaces; a rationale has a 0 or a 1 per token. seconds: time
    taken to read. warnings: what its reader was not sure of.
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

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def columns(self) -> list[str]:
        """The names of the columns, from left to right."""
        return [str(name) for name in self.frame.columns]

    def cells(self, column: str) -> list[str]:
        """The cells of a column from top to bottom, without white space at their ends."""
        return [cell.strip() for cell in self.frame[column].tolist()]

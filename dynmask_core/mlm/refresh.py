"""When a text's mask changes: the only difference between static and dynamic masking."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dynmask_core.errors import InputError
from dynmask_core.masks.ops.sampling import turn

REFRESHES = ("static", "static:K", "dynamic")
MOST_PATTERNS = 1000


@dataclass(frozen=True)
class Refresh:
    """patterns: how many masks a text has. 1: always the same (BERT, on data that are not duplicated). k: k masks in
    turn (BERT's own data, k = 10). None: a new one in every epoch (RoBERTa)."""

    patterns: int | None

    @classmethod
    def read(cls, written: str) -> Refresh:
        """From "static", "static:10" or "dynamic". Raises InputError, which is a ValueError and names the choices."""
        match = re.fullmatch(r"(static|dynamic)(?::(\d{1,9}))?", str(written).strip().lower())
        if match and match[1] == "static" and 1 <= int(match[2] or 1) <= MOST_PATTERNS:
            return cls(int(match[2] or 1))
        if match and match[1] == "dynamic" and not match[2]:
            return cls(None)
        expected = f"{', '.join(REFRESHES)} (K = 1–{MOST_PATTERNS})"
        raise InputError("bad_setting", name="refresh", value=written, expected=expected)

    def __str__(self) -> str:
        """The text from which `read` makes an equal Refresh; equal refreshes have equal texts."""
        return "dynamic" if self.patterns is None else "static" if self.patterns == 1 else f"static:{self.patterns}"

    def turn(self, epoch: int) -> tuple[int, ...]:
        """The part of the random key that changes from epoch to epoch. Equal turns give equal masks."""
        if self.patterns is None:
            return turn("epoch", epoch, 0, 1)
        return turn("dataset" if self.patterns == 1 else "cycle", epoch, 0, self.patterns)

"""Size limits of files and data sets."""

from __future__ import annotations

from dynmask_core.errors import InputError
from dynmask_core.remedies import Remedy

MAX_BYTES = 20 * 2**20
MAX_COLUMNS = 1000
MAX_LINES = 1_000_000
# JSON and spreadsheets can leave out empty cells, so a small file can describe a huge table.
MAX_CELLS = 20_000_000
MAX_ROWS = 100_000
MAX_LOST = 1000
"""Of the rows that cannot be read, so many are kept to tell what was lost."""
MAX_TOKENS = 512
MAX_WORDS = 12_000_000
"""Tokens of all texts of a data set: 20 MB of English have about four million, of Chinese up to seven."""
FEWER_ROWS = 10_000
"""The sample that is proposed where there are too many tokens."""
MAX_COUNTED = 20_000
"""So many tokens of one text are looked at. Only its first `MAX_TOKENS` are used."""
MAX_JSON = 4_000_000
"""Values in a JSON file, counted by what stands between them."""
MAX_MEMBERS = 50_000
"""Entries of a ZIP archive."""
MAX_CLASSES = 1000
FEW_CLASSES = 100
"""The limit while there are fewer than `ROWS_PER_CLASS` rows per class on average."""
ROWS_PER_CLASS = 8


def check_size(size: int, limit: int = MAX_BYTES // 2**20) -> None:
    """Raises `InputError` `too_large` above `limit` units of 2^20 bytes."""
    if size > limit * 2**20:
        raise InputError("too_large", megabytes=f"{size / 2**20:.1f}", limit=limit)


def check_unpacked(size: int) -> None:
    """Raises `InputError` `unpacked_too_large` if a packed file holds more than `MAX_BYTES` bytes."""
    if size > MAX_BYTES:
        raise InputError("unpacked_too_large", limit=MAX_BYTES // 2**20)


def check_words(count: int) -> None:
    """Raises `InputError` `too_many_words` above `MAX_WORDS` tokens."""
    if count > MAX_WORDS:
        sample = Remedy("sample_rows", {"rows": FEWER_ROWS}, config={"max_rows": FEWER_ROWS})
        raise InputError("too_many_words", limit=MAX_WORDS).mended_by(sample)


def check_lines(text: str) -> None:
    """Raises `InputError` `too_many_lines` above `MAX_LINES` lines, even if rows are sampled."""
    if max(text.count("\n"), text.count("\r")) > MAX_LINES:
        raise InputError("too_many_lines", limit=MAX_LINES)


def check_json(text: str) -> None:
    """Raises `InputError` `too_many_values` for a text with so many values that memory would not do."""
    if sum(map(text.count, "[{,")) > MAX_JSON:
        raise InputError("too_many_values", limit=MAX_JSON)


def check_shape(rows: int, columns: int) -> None:
    """Raises `InputError` `too_many_columns` above `MAX_COLUMNS` columns or `MAX_CELLS` cells."""
    limit = min(MAX_COLUMNS, MAX_CELLS // max(rows, 1))
    if columns > limit:
        raise InputError("too_many_columns", columns=columns, limit=limit)


def check_rows(rows: int) -> None:
    """Raises `InputError` `too_many_rows` above `MAX_ROWS` texts to train on."""
    if rows > MAX_ROWS:
        sample = Remedy("sample_rows", {"rows": MAX_ROWS}, config={"max_rows": MAX_ROWS})
        raise InputError("too_many_rows", rows=rows, limit=MAX_ROWS).mended_by(sample)

"""Reads Parquet or Arrow: `python columnar_process.py FORMAT MOST_CELLS MOST_CHARACTERS < FILE` prints JSON.

See `apart`. This file imports nothing of the package, so that the process starts at once.
"""

import base64
import io
import json
import math
import sys
from collections.abc import Iterator
from typing import Any

_BATCH = 128  # a text of a megabyte may stand in every row of it
_PANDAS_INDEX = "__index_level_"


def content(data: bytes, format: str, most_cells: int, most_characters: int) -> dict[str, Any]:
    """rows: their number. names: of the columns. columns: their cells, None if there are too many cells or characters.

    A dictionary stores a long text once and repeats it for free: the size of the file says little.
    """
    names, rows, batches = _parquet(data) if format == "parquet" else _arrow(data)
    kept = [place for place, name in enumerate(names) if not name.startswith(_PANDAS_INDEX)]
    found: dict[str, Any] = {"rows": rows, "names": [names[place] for place in kept], "columns": None}
    if rows * len(names) > most_cells:
        return found
    columns: list[list[str]] = [[] for _ in kept]
    characters = 0
    for batch in batches:
        batch.validate(full=True)
        for cells, place in zip(columns, kept, strict=True):
            new = list(map(_cell, batch.column(place).to_pylist()))
            characters += sum(map(len, new))
            cells.extend(new)
        if characters > most_characters:
            return found
    return {**found, "columns": columns}


def _parquet(data: bytes) -> tuple[list[str], int, Iterator[Any]]:
    """Column names, number of rows, batches."""
    from pyarrow import parquet

    file = parquet.ParquetFile(io.BytesIO(data))
    return file.schema_arrow.names, file.metadata.num_rows, file.iter_batches(batch_size=_BATCH)


def _arrow(data: bytes) -> tuple[list[str], int, Iterator[Any]]:
    import pyarrow

    file = pyarrow.ipc.open_file(io.BytesIO(data))
    stored = [file.get_batch(number) for number in range(file.num_record_batches)]
    parts = (batch.slice(start, _BATCH) for batch in stored for start in range(0, batch.num_rows, _BATCH))
    return file.schema.names, sum(batch.num_rows for batch in stored), parts


def _cell(value: Any) -> str:
    """A cell as text: lists and structures as JSON."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool | int | float | list | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return str(value)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(content(sys.stdin.buffer.read(), sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))

"""Parquet, and Arrow files (Feather), by pyarrow."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pandas as pd

from dynmask_core.data.limits import MAX_BYTES, MAX_LINES, check_shape
from dynmask_core.data.readers.grid import unique_names
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

_BATCH = 1024
_PANDAS_INDEX = "__index_level_"


def _parquet(data: bytes) -> tuple[list[str], int, Iterator[Any]]:
    """Column names, number of rows, batches."""
    from pyarrow import parquet

    file = parquet.ParquetFile(io.BytesIO(data))
    return file.schema_arrow.names, file.metadata.num_rows, file.iter_batches(batch_size=_BATCH)


def _arrow(data: bytes) -> tuple[list[str], int, Iterator[Any]]:
    import pyarrow

    file = pyarrow.ipc.open_file(io.BytesIO(data))
    rows = sum(file.get_batch(number).num_rows for number in range(file.num_record_batches))
    batches = (file.get_batch(number) for number in range(file.num_record_batches))
    return file.schema.names, rows, (part for batch in batches for part in _cut(batch))


def _cut(batch: Any) -> Iterator[Any]:
    return (batch.slice(start, _BATCH) for start in range(0, batch.num_rows, _BATCH))


def _read(source: Source, format: str, open_file: Callable[[bytes], tuple[list[str], int, Iterator[Any]]]) -> Table:
    """Raises `InputError`: `columnar_invalid`, `too_many_lines`, `too_many_columns`, `unpacked_too_large`,
    `no_rows`."""
    try:
        names, count, batches = open_file(source.data)
        if count > MAX_LINES:
            raise InputError("too_many_lines", limit=MAX_LINES)
        check_shape(count, len(names))
        kept = [place for place, name in enumerate(names) if not name.startswith(_PANDAS_INDEX)]
        columns: list[list[str]] = [[] for _ in kept]
        size = 0
        for batch in batches:
            for cells, place in zip(columns, kept, strict=True):
                new = list(map(_cell, batch.column(place).to_pylist()))
                size += sum(map(len, new))
                cells.extend(new)
            # A dictionary stores a long text once and repeats it for free: the size of the file says little.
            if size > MAX_BYTES:
                raise InputError("unpacked_too_large", limit=MAX_BYTES // 2**20)
    except InputError:
        raise
    except Exception as error:
        # Whatever is wrong in the file, the user's fix is the same.
        raise InputError("columnar_invalid", format=format) from error
    if not count or not kept:
        raise InputError("no_rows")
    header = unique_names([names[place] for place in kept])
    return Table(pd.DataFrame(dict(zip(header, columns, strict=True)), dtype=object), format)


def _cell(value: Any) -> str:
    """A cell as text: lists and structures as JSON."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool | int | float | list | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return str(value)


PARQUET = Reader(
    "parquet",
    (".parquet", ".pq"),
    partial(_read, format="parquet", open_file=_parquet),
    is_binary=lambda data: data.startswith(b"PAR1"),
    uses=(),
)
ARROW = Reader(
    "arrow",
    (".arrow", ".feather"),
    partial(_read, format="arrow", open_file=_arrow),
    is_binary=lambda data: data.startswith(b"ARROW1"),
    uses=(),
)

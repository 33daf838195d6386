"""Parquet, and Arrow files (Feather), by pyarrow."""

from __future__ import annotations

from functools import partial

import pandas as pd

from dynmask_core.data.limits import MAX_BYTES, MAX_CELLS, MAX_LINES, check_shape
from dynmask_core.data.readers import columnar_process
from dynmask_core.data.readers.apart import CrashedError, run_apart
from dynmask_core.data.readers.grid import unique_names
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError


def _read(source: Source, format: str) -> Table:
    """Raises `InputError`: `columnar_invalid`, `too_many_lines`, `too_many_columns`, `unpacked_too_large`,
    `no_rows`."""
    try:
        found = run_apart(columnar_process, source.data, format, MAX_CELLS, MAX_BYTES)
    except CrashedError as error:
        # Whatever is wrong in the file, the user's fix is the same.
        raise InputError("columnar_invalid", format=format) from error
    if found["rows"] > MAX_LINES:
        raise InputError("too_many_lines", limit=MAX_LINES)
    check_shape(found["rows"], len(found["names"]))
    if found["columns"] is None:
        raise InputError("unpacked_too_large", limit=MAX_BYTES // 2**20)
    if not found["rows"] or not found["names"]:
        raise InputError("no_rows")
    columns = dict(zip(unique_names(found["names"]), found["columns"], strict=True))
    return Table(pd.DataFrame(columns, dtype=object), format)


def _reader(format: str, magic: bytes, *suffixes: str) -> Reader:
    return Reader(
        format, suffixes, partial(_read, format=format), is_binary=lambda data: data.startswith(magic), uses=()
    )


PARQUET = _reader("parquet", b"PAR1", ".parquet", ".pq")
ARROW = _reader("arrow", b"ARROW1", ".arrow", ".feather")

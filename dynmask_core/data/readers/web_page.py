"""HTML and spreadsheet XML: what many programs export under the ending .xls. The largest table in it is read."""

from __future__ import annotations

from dataclasses import replace

from dynmask_core.data.limits import MAX_COLUMNS, check_shape
from dynmask_core.data.readers import web_page_process
from dynmask_core.data.readers.apart import CrashedError, run_apart
from dynmask_core.data.readers.grid import table_of
from dynmask_core.data.readers.source import TEXT_OPTIONS, Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

_WORK = 30
"""Seconds of one core: a table of 100,000 rows takes a dozen."""
_BEGINNINGS = ("<!doctype html", "<html", "<table", "<head", "<meta", "<?xml")


def _read(source: Source) -> Table:
    """Raises `InputError`: `web_page` without a table of two rows and two columns, and what `table_of` raises."""
    try:
        found = run_apart(web_page_process, source.text.encode("utf-8", "replace"), MAX_COLUMNS, work=_WORK)
    except CrashedError as error:
        raise InputError("web_page") from error
    tables = [rows for rows in found if len(rows) > 1 and max(map(len, rows)) > 1]
    if not tables:
        raise InputError("web_page")
    rows = max(tables, key=len)
    width = max(map(len, rows))
    check_shape(len(rows), width)
    table = table_of([row + [""] * (width - len(row)) for row in rows], source, "html")
    decoded = source.decoded
    return replace(table, encoding=decoded.encoding, warnings=(*decoded.warnings, *table.warnings))


def _is_web_page(source: Source) -> bool:
    return source.text[:1000].lstrip().casefold().startswith(_BEGINNINGS)


HTML = Reader("html", (".html", ".htm"), _read, is_text=_is_web_page, uses=(*TEXT_OPTIONS, "has_header"))

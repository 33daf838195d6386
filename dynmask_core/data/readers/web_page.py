"""HTML and spreadsheet XML: what many programs export under the ending .xls. The largest table in it is read."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from dynmask_core.data.limits import check_shape
from dynmask_core.data.readers.grid import table_of
from dynmask_core.data.readers.source import TEXT_OPTIONS, Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

_BEGINNINGS = ("<!doctype html", "<html", "<table", "<head", "<meta", "<?xml")
_ROW, _CELL = ("tr", "row"), ("td", "th", "cell")
_BREAKS = ("br", "p", "div", "li")
_MOST_CELLS = 1000


class _Tables(HTMLParser):
    """tables: the rows of every table, in the order in which they end. In XML, tags may have the prefix `ss:`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._words: list[str] | None = None
        self._width = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = tag.removeprefix("ss:")
        if tag == "table":
            self._open.append([])
            self._words = None
        elif self._open and tag in _ROW:
            self._close_cell()
            self._open[-1].append([])
        elif self._open and self._open[-1] and tag in _CELL:
            self._close_cell()
            given = dict(attrs)
            # XML leaves out empty cells and gives the number of the next one.
            self._fill(_number(given.get("ss:index")) - 1)
            self._words, self._width = [], max(_number(given.get("colspan")), 1)
        elif self._words is not None and tag in _BREAKS and self._words:
            self._words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        tag = tag.removeprefix("ss:")
        if tag in _CELL or tag in _ROW or tag == "table":
            self._close_cell()
        if tag == "table" and self._open:
            self.tables.append([row for row in self._open.pop() if any(row)])

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def _close_cell(self) -> None:
        if self._words is not None and self._open and self._open[-1]:
            row = self._open[-1][-1]
            row.append("".join(self._words).strip())
            self._fill(len(row) + self._width - 1)
        self._words = None

    def _fill(self, width: int) -> None:
        row = self._open[-1][-1]
        row.extend([""] * (min(width, _MOST_CELLS) - len(row)))


def _number(value: str | None) -> int:
    return int(value) if value is not None and value.isdecimal() else 0


def _read(source: Source) -> Table:
    """Raises `InputError`: `web_page` without a table of two rows and two columns, and what `table_of` raises."""
    parser = _Tables()
    parser.feed(source.text)
    parser.close()
    tables = [rows for rows in parser.tables if len(rows) > 1 and max(map(len, rows)) > 1]
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

"""Finds the tables of a web page: `python web_page_process.py MOST_CELLS < PAGE` prints JSON.

See `apart`: on some pages Python's parser works for hours. This file imports nothing of the package, so that the
process starts at once.
"""

import json
import sys
from html.parser import HTMLParser

_ROW, _CELL = ("tr", "row"), ("td", "th", "cell")
_BREAKS = ("br", "p", "div", "li")


def tables(text: str, most_cells: int) -> list[list[list[str]]]:
    """The rows of every table, in the order in which they end. most_cells: of a row."""
    parser = _Tables(most_cells)
    parser.feed(text)
    parser.close()
    return parser.tables


class _Tables(HTMLParser):
    """In XML, tags may have the prefix `ss:`."""

    def __init__(self, most_cells: int) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._open: list[list[list[str]]] = []
        self._words: list[str] | None = None
        self._width = 1
        self._most_cells = most_cells

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
        row.extend([""] * (min(width, self._most_cells) - len(row)))


def _number(value: str | None) -> int:
    return int(value) if value is not None and value.isdecimal() and len(value) < 10 else 0


if __name__ == "__main__":
    sys.stdout.write(json.dumps(tables(sys.stdin.buffer.read().decode(), int(sys.argv[1]))))

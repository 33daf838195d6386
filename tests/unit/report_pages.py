"""What tests of reports share: an HTML page read back, and the tables of a Markdown file."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """tables: cells as read. tags: (name, attributes). code: what stands in <pre>."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.code = self.seen = ""
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        elif tag in ("meta", "wbr"):
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data
        if "code" in self._open:
            self.code += data
        if not {"script", "style"} & set(self._open):
            self.seen += data


def unfenced(markdown: str) -> str:
    """Without the code blocks."""
    return re.sub(r"^(`{3,}).*?^\1$", "", markdown, flags=re.M | re.S)


def tables_of(markdown: str) -> list[list[list[str]]]:
    """The cells of all tables, what was escaped read back."""
    found: list[list[list[str]]] = [[]]
    for line in unfenced(markdown).splitlines():
        if not line.startswith("|"):
            found += [[]] if found[-1] else []
        elif not line.startswith(("| :--", "| --:")):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            found[-1].append([html.unescape(re.sub(r"\\(.)", r"\1", cell.strip())) for cell in cells])
    return [table for table in found if table]

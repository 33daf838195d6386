"""What a report is made of, before it is HTML or Markdown. Its words are plain: who writes them out escapes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Words:
    """A paragraph. look: "", or "term" where the first sentence names what the others explain, or what sort of finding
    it is: better, worse, undetected, too_few, chosen, note.
    """

    text: str
    look: str = ""


@dataclass(frozen=True)
class Table:
    """rows: cells as they are shown. The first `left` columns are words, the others numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1


@dataclass(frozen=True)
class Picture:
    """A figure, drawn only by those who can show it, and the same in letters of one width ("" where a table says it).

    colored: cells with letters on them; their colour must stay.
    """

    draw: Callable[[], go.Figure]
    plain: str = ""
    colored: bool = False


@dataclass(frozen=True)
class Code:
    text: str


@dataclass(frozen=True)
class Folded:
    """What few readers look for: closed at first, where that is possible."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Section:
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Content:
    """lead: what was done, in one line, under the title."""

    title: str
    lead: str
    sections: Sequence[Section]


Block = Words | Table | Picture | Code | Folded


def head_of(words: Words) -> tuple[str, str]:
    """The sentence that names what a "term" explains, and the rest; ("", all) of other paragraphs."""
    ends = [place for mark in ".。" if (place := words.text.find(mark)) >= 0] if words.look == "term" else []
    return (words.text[: min(ends) + 1], words.text[min(ends) + 1 :]) if ends else ("", words.text)

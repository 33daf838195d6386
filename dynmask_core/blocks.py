"""What a study says, before it is a page, HTML or Markdown, and in no language yet.

Its words are plain: who draws them escapes them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dynmask_core.messages import Words

Form = Literal[
    "words", "setting", "percent", "points", "percent_span", "points_span", "p", "tenths", "hundredths", "count",
    "whole", "flops",
]  # fmt: skip
"""How a cell is written. Shares are in [0, 1] and shown in percent, differences of shares in points; a span is a pair
of ends; a setting is a number or a name."""
Look = Literal["better", "worse", "undetected", "too_few", "chosen", "note", "wait"]


@dataclass(frozen=True)
class Paragraph:
    """term: the first sentence names what the others explain."""

    words: Words
    term: bool = False


@dataclass(frozen=True)
class Finding:
    """What a study found, in words that stand out. look: what sort of finding it is."""

    words: Words
    look: Look


@dataclass(frozen=True)
class Column:
    """name: unique in its table. help: what the title means, where there is room to say it."""

    name: str
    title: Words
    form: Form = "words"
    help: Words = ""


@dataclass(frozen=True)
class Table:
    """rows: a value per column, of the kind that its form says; None for none. key: names the table on a page."""

    key: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Figure:
    """What the function `draw` of `report.figures` draws `of` a result with these options; `report.letters` has one of
    the same name where letters can show it, too.

    key: names the figure on a page. colored: its cells have letters on them, so that their colour must stay.
    """

    draw: str
    of: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    colored: bool = False


@dataclass(frozen=True)
class Beside:
    """Side by side where there is room, else one after another."""

    blocks: Sequence[Block]


@dataclass(frozen=True)
class Choice:
    """One of several, for the reader to choose on a page. options: (what it is called, its blocks).

    key: two choices of one key are one choice. on_paper: the first option, all, or all under what they are called.
    """

    key: str
    title: Words
    options: Sequence[tuple[Words, Sequence[Block]]]
    on_paper: Literal["first", "all", "titled"] = "first"


@dataclass(frozen=True)
class Code:
    text: str


@dataclass(frozen=True)
class Folded:
    """What few readers look for: closed at first, where that is possible."""

    title: Words
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Section:
    title: Words
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Content:
    """lead: what was done, in one line, under the title."""

    title: Words
    lead: Words
    sections: Sequence[Section]


Block = Paragraph | Finding | Table | Figure | Beside | Choice | Code | Folded


def on_paper(blocks: Sequence[Block]) -> Iterator[Paragraph | Finding | Table | Figure | Code | Folded]:
    """The blocks for a reader who can choose nothing and scroll only down."""
    for block in blocks:
        if isinstance(block, Beside):
            yield from on_paper(block.blocks)
        elif isinstance(block, Choice):
            for name, own in itertools.islice(block.options, 1 if block.on_paper == "first" else None):
                if block.on_paper == "titled":
                    yield Paragraph(name)
                yield from on_paper(own)
        else:
            yield block


def head_of(words: str) -> tuple[str, str]:
    """The sentence that names what a "term" explains, and the rest."""
    end = min((place for mark in ".。" if (place := words.find(mark)) >= 0), default=-1) + 1
    return words[:end], words[end:]

"""The content of a result, before it is drawn as a page, HTML or Markdown in some language.

Words are plain text: the code that draws them must escape them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dynmask_core.messages import Words

Form = Literal[
    "words", "setting", "percent", "points", "percent_span", "points_span", "p", "tenths", "hundredths", "thousandths",
    "estimate", "count", "whole", "flops", "path",
]  # fmt: skip
"""How a table cell is written. Shares in [0, 1] are shown in percent, differences of shares in points; a span is a
pair of ends; an estimate is a mean with the ends of its interval, shown in points; a setting is a number or a name; a
path is a sequence of numbers in [0, 1]."""
Look = Literal[
    "better", "worse", "undetected", "same", "too_few", "few_texts", "chosen", "note", "wait", "right", "wrong"
]  # fmt: skip


@dataclass(frozen=True)
class Paragraph:
    """term: the first sentence is a term that the others explain."""

    words: Words
    term: bool = False


@dataclass(frozen=True)
class Finding:
    """A result, highlighted. look: the kind of result."""

    words: Words
    look: Look


@dataclass(frozen=True)
class Column:
    """name: unique in its table. help: explains the title, where there is room."""

    name: str
    title: Words
    form: Form = "words"
    help: Words = ""


@dataclass(frozen=True)
class Table:
    """rows: one value per column, of the column's form, or None. key: names the table on a page."""

    key: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Figure:
    """A figure that the function named `draw` in `report.figures` draws from the result `of`, with these options. If
    text can show it too, `report.letters` has a function of the same name.

    key: names the figure on a page. colored: text stands on coloured cells, so its colour must not change.
    """

    draw: str
    of: Any
    options: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    colored: bool = False


@dataclass(frozen=True)
class Drawn:
    """A small picture. url: a PNG as a data URL, made by the app. alt: what it shows, for those who do not see it.
    letters: it drawn in characters, for readers of plain text."""

    url: str
    alt: Words
    letters: str


@dataclass(frozen=True)
class Pictures:
    """Rows of small pictures. columns: their titles. rows: the name of each, and a picture for each column."""

    columns: Sequence[Words]
    rows: Sequence[tuple[Words, Sequence[Drawn]]]


@dataclass(frozen=True)
class Beside:
    """Blocks side by side if there is room, else one below the other."""

    blocks: Sequence[Block]


@dataclass(frozen=True)
class Choice:
    """Several options of which the reader chooses one on a page. options: (name, blocks).

    key: choices with the same key change together. on_paper: the first option, all, or all with their names as titles.
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
    """Details that few readers need: closed at first, where possible."""

    title: Words
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Section:
    title: Words
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Content:
    """lead: one line under the title that says what was done."""

    title: Words
    lead: Words
    sections: Sequence[Section]


Block = Paragraph | Finding | Table | Figure | Pictures | Beside | Choice | Code | Folded


def on_paper(blocks: Sequence[Block]) -> Iterator[Paragraph | Finding | Table | Figure | Pictures | Code | Folded]:
    """The blocks for readers who cannot choose options: choices resolved, side-by-side blocks in sequence."""
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
    """(first sentence, rest) of a `Paragraph` with a term."""
    end = min((place for mark in ".。" if (place := words.find(mark)) >= 0), default=-1) + 1
    return words[:end], words[end:]

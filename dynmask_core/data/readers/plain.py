"""Plain text: one example per line; and two layouts in which every line carries its label."""

from __future__ import annotations

import json

import pandas as pd

from dynmask_core.data.limits import check_shape
from dynmask_core.data.readers.source import TEXT_OPTIONS, Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

_SAMPLE_LINES = 200
_FASTTEXT = "__label__"
_TOUTIAO = "_!_"
_TOUTIAO_COLUMNS = ("id", "code", "category", "title", "keywords")


def _read(source: Source) -> Table:
    lines = source.lines()
    name = lines.pop(0).strip() if source.has_header else "text"
    if not lines:
        raise InputError("no_rows")
    return _table(source, "text", {name: lines}, has_header=bool(source.has_header))


def _read_fasttext(source: Source) -> Table:
    """`__label__good A lovely film`; several labels of a line become a JSON list. The label may stand at the end."""
    labels, texts = [], []
    for line in source.lines():
        words = line.split()
        marks = [word.removeprefix(_FASTTEXT) for word in words if word.startswith(_FASTTEXT)]
        labels.append(json.dumps(marks, ensure_ascii=False) if len(marks) > 1 else "".join(marks))
        # Some files have a comma after the label.
        texts.append(" ".join(word for word in words if not word.startswith(_FASTTEXT)).lstrip(", "))
    return _table(source, "fasttext", {"label": labels, "text": texts})


def _read_toutiao(source: Source) -> Table:
    """Fields between `_!_`: id, code, category, title, keywords.

    The layout of github.com/aceimnorstuvwxz/toutiao-text-classfication-dataset.
    """
    rows = [line.split(_TOUTIAO) for line in source.lines()]
    width = max(map(len, rows))
    check_shape(len(rows), width)
    names = _TOUTIAO_COLUMNS if width == len(_TOUTIAO_COLUMNS) else [f"column_{place + 1}" for place in range(width)]
    columns = {name: [row[place] if place < len(row) else "" for row in rows] for place, name in enumerate(names)}
    return _table(source, "toutiao", columns)


def _table(source: Source, format: str, columns: dict[str, list[str]], has_header: bool = False) -> Table:
    decoded = source.decoded
    frame = pd.DataFrame(columns, dtype=object)
    return Table(frame, format, decoded.encoding, has_header=has_header, warnings=decoded.warnings)


def _most_lines(source: Source, mark: str) -> bool:
    """Whether nine of ten lines hold `mark`; labels stand at the beginning or the end."""
    lines = source.lines()[:_SAMPLE_LINES]
    return source.delimiter is None and sum(mark in line for line in lines) >= 0.9 * len(lines)


FASTTEXT = Reader("fasttext", (), _read_fasttext, is_text=lambda source: _most_lines(source, _FASTTEXT))
TOUTIAO = Reader("toutiao", (), _read_toutiao, is_text=lambda source: _most_lines(source, _TOUTIAO))
# Any text can be plain text, and .txt files are often tables.
TEXT = Reader(
    "text", (".txt",), _read, is_text=lambda source: True, shared_suffix=True, uses=(*TEXT_OPTIONS, "has_header")
)

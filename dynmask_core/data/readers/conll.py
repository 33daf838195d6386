"""A word and its tag per line, a blank line after every sentence: the layout of the CoNLL shared tasks."""

from __future__ import annotations

import json

import pandas as pd

from dynmask_core.data.limits import MAX_LOST
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

SUFFIXES = (".conll", ".bio", ".iob", ".iob2", ".bioes")
"""Only such an ending tells: to any other reader these lines look like a table, or like text."""
_DOCUMENT = "-DOCSTART-"


def _read(source: Source) -> Table:
    """The first column is the word, the last its tag; lines such as `# sent_id = 1` are comments, and so are those
    between documents. A sentence with a line of one column counts as malformed. Raises `InputError` `no_rows`."""
    tokens: list[list[str]] = []
    tags: list[list[str]] = []
    malformed, lost = 0, []
    text = source.text.replace("\r\n", "\n").replace("\r", "\n")
    for block in _sentences(text.split("\n")):
        columns = [line.split("\t") if "\t" in line else line.split() for line in block]
        if all(len(cells) > 1 for cells in columns):
            tokens.append([cells[0].strip() for cells in columns])
            tags.append([cells[-1].strip() for cells in columns])
        else:
            malformed += 1
            lost.append([" ".join(block)])
    if not tokens:
        raise InputError("no_rows")
    cells = {"text": [" ".join(words) for words in tokens], "tags": [json.dumps(own) for own in tags]}
    frame = pd.DataFrame(cells, dtype=object)
    decoded = source.decoded
    return Table(
        frame,
        "conll",
        decoded.encoding,
        malformed=malformed,
        tokens=tokens,
        warnings=decoded.warnings,
        lost=lost[:MAX_LOST],
    )


def _sentences(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in lines:
        if not line.strip():
            found.append([])
        elif not line.startswith(_DOCUMENT) and not (line.startswith("# ") and "=" in line):
            found[-1].append(line)
    return [block for block in found if block]


CONLL = Reader("conll", SUFFIXES, _read)

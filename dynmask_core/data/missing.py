"""Cells that hold no text and no label: errors of spreadsheets, and words that only say "missing"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

_NEVER_TEXT = ("nan", "null", "n/a", "<na>", "nat", "undefined", "\\n", "(null)", "[null]", "<null>")
# As a label or an answer these can be meant: a stance of "none", a region "NA", a dash.
_OFTEN_MISSING = (
    "none", "na", "n.a.", "nil", "-", "--", "---", "–", "—", "?", "??", "(blank)", "[blank]", "(empty)", "(none)",
    "not available", "not applicable", "no answer", "no response", "无", "空", "空值", "缺失", "未填", "未填写", "暂无",
    "（空）", "（空白）", "(空)", "(空白)",
)  # fmt: skip
MARKERS = frozenset((*_NEVER_TEXT, *_OFTEN_MISSING))
# What spreadsheet programs write, in the languages that translate it.
_ERRORS = """
#n/a #ref! #value! #div/0! #name? #num! #null! #spill! #calc! #field! #getting_data #error!
#nv #bezug! #wert! #zahl! #n/d #valeur! #nom? #nombre! #nul! #¡ref! #¡valor! #¿nombre? #¡num! #¡div/0!
#valore! #nome? #rif! #valor! #verw! #waarde! #naam? #getal!
"""
ERRORS = frozenset(_ERRORS.split())
NO_VALUES = MARKERS | ERRORS
"""In lower case, all that may stand where a value is missing."""
_LONGEST = max(map(len, NO_VALUES))


def is_missing(cell: str) -> bool:
    """Whether a stripped cell is an error or a word that no one writes as a text or label."""
    return len(cell) <= _LONGEST and (cell.casefold() in _NEVER_TEXT or cell.casefold() in ERRORS)


def is_error(cell: str) -> bool:
    """Whether a stripped cell is an error of a spreadsheet program, such as #REF!."""
    return cell.startswith("#") and len(cell) <= _LONGEST and cell.casefold() in ERRORS


def markers_among(cells: Iterable[str]) -> dict[str, int]:
    """The writings of `MARKERS` among stripped cells and how often each occurs, the most frequent first.

    A dash beside a plus sign is an answer, not a gap.
    """
    counts = Counter(cell for cell in cells if len(cell) <= _LONGEST)
    found = Counter({cell: count for cell, count in counts.items() if cell.casefold() in MARKERS})
    if "+" in counts:
        for dash in ("-", "–", "—"):
            found.pop(dash, None)
    return dict(found.most_common())


def emptied(cells: Sequence[str], words: Iterable[str] = ()) -> list[str]:
    """The cells, with "" for those that are an error or one of `words`."""
    gone = frozenset(words)
    return ["" if is_error(cell) or cell in gone else cell for cell in cells]

"""Labels as people and tools write them: in lists, several in a cell, one label in many writings, as numbers."""

from __future__ import annotations

import ast
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from dynmask_core.data.invisible import INVISIBLE

SEPARATORS = ("#", "|", ";", ",", "/", "、", "，", "；", "\n", "&", "+")
MOST_LABELS = 20_000
"""In a column of more values, which cannot be labels, nothing is looked for."""

_INVISIBLE = regex.compile(INVISIBLE)
_UNSEEN = regex.compile(rf"{INVISIBLE}|[\p{{Zs}}--[ ]]|  +", regex.V1)
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_DECIMAL = re.compile(r"\d+,(?:0|5|25|50|75)")
_QUOTES = str.maketrans("“”„‘’", '"""\'\'')


def labels_in(cell: str) -> list[str] | None:
    """The labels in a cell that is a list, as JSON, Python, numpy or Java write it, or an object whose `choices` are
    one; None for any other cell."""
    if not cell.startswith(("[", "{", "(")) or not cell.endswith(("]", "}", ")")) or len(cell) > 1000:
        return None
    for written in dict.fromkeys((cell, cell.translate(_QUOTES))):
        # numpy writes no commas, and Python would join the strings.
        commas = re.sub(r"""(?<=['"])\s+(?=['"])""", ", ", written)
        for read in (json.loads, ast.literal_eval):
            try:
                value = read(commas)
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                continue
            return _flat(value) if isinstance(value, list | tuple | set | dict) else None
    bare = re.fullmatch(r"""\[([^\[\]{}()"']*)\]""", cell)
    return [part.strip() for part in bare[1].split(",") if part.strip()] if bare else None


def _flat(value: Any) -> list[str] | None:
    if isinstance(value, dict):
        return _flat(value["choices"]) if "choices" in value else None
    if isinstance(value, list | tuple | set):
        inner = [_flat(part) for part in (sorted(value, key=str) if isinstance(value, set) else value)]
        return None if None in inner else [label for part in inner for label in part or []]
    if value is None:
        return []
    return [value.strip()] if isinstance(value, str) else [json.dumps(value)]


@dataclass(frozen=True)
class Several:
    """Cells with several labels. separator: None if they are lists. rows: how many there are. example: one of them."""

    separator: str | None
    rows: int
    example: str


def several_in(counts: Mapping[str, int]) -> Several | None:
    """Whether cells hold several labels; counts: rows of each label.

    A cell is one if it is a list, or if each of its parts is a label by itself or stands in another such cell: the
    label "Sci/Tech" is no combination of "Sci" and "Tech" as long as neither occurs apart from the other.
    """
    if len(counts) > MOST_LABELS:
        return None
    lists = {label: parts for label in counts if (parts := labels_in(label)) is not None and len(parts) > 1}
    found = [_several(None, counts, lists)] if lists else []
    for separator in SEPARATORS:
        apart = {label: parts for label in counts if len(parts := _parts(label, separator)) > 1}
        if not apart or (separator == "," and all(map(_DECIMAL.fullmatch, apart))):
            continue
        stands = Counter(part for parts in apart.values() for part in set(parts))
        known = {part for part in stands if part in counts or stands[part] > 1}
        joined = {label: parts for label, parts in apart.items() if known.issuperset(parts)}
        # Parts that only occur together, in whatever combination, may be words of one name.
        if any(part in counts for parts in joined.values() for part in parts) or len(joined) > 2:
            found.append(_several(separator, counts, joined))
    return max(found, key=lambda several: several.rows, default=None)


def _parts(label: str, separator: str) -> list[str]:
    parts = [part.strip() for part in label.split(separator)]
    return parts if all(parts) else [label]


def _several(separator: str | None, counts: Mapping[str, int], joined: Iterable[str]) -> Several:
    return Several(separator, sum(counts[label] for label in joined), max(joined, key=lambda label: counts[label]))


def writings_alike(counts: Mapping[str, int]) -> list[list[str]]:
    """Groups of labels that differ only in letter case, width, white space, characters that cannot be seen, the form of
    accents, or as numbers are written (1 and 1.0).

    counts: rows of each label. In a group the most frequent writing comes first, of equal ones the earlier one.
    """
    if len(counts) > MOST_LABELS:
        return []
    groups: dict[str, list[str]] = {}
    for label in counts:
        groups.setdefault(_key(label), []).append(label)
    return [sorted(group, key=lambda label: -counts[label]) for group in groups.values() if len(group) > 1]


def _key(label: str) -> str:
    """Equal for labels that look alike."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", label)).casefold())
    plain = " ".join(folded.split())
    return repr(float(plain) + 0.0) if _NUMBER.fullmatch(plain) else plain


def shown(label: str) -> str:
    """A label with what cannot be seen made visible: good<U+200B>, very<U+00A0>good."""
    visible = _UNSEEN.sub(lambda odd: "␣" * len(odd[0]) if odd[0][0] == " " else f"<U+{ord(odd[0]):04X}>", label)
    return visible if unicodedata.is_normalized("NFC", label) else f"{visible} (NFD)"


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """The labels in one order, whatever process they come from: numbers by value, then other labels by name, then
    those that are not a number, such as "nan"."""

    def place(label: str) -> tuple[int, float, str]:
        try:
            value = float(label)
        except ValueError:
            return 1, 0.0, label
        return (2, 0.0, label) if math.isnan(value) else (0, value, label)

    return tuple(sorted(labels, key=place))

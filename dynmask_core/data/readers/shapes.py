"""The shapes in which JSON holds a table → rows: lists of objects or cells, pandas' orients, wrapped in an object."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence, Set
from typing import Any

from dynmask_core.data.limits import check_shape
from dynmask_core.data.names import is_known_name
from dynmask_core.data.readers.grid import unique_names
from dynmask_core.data.readers.header import lay_out
from dynmask_core.data.split import UNKNOWN, split_codes

_WRAPPERS = ("data", "rows", "examples", "records", "items", "results", "instances", "documents")
_MOST_PARTS = 20
_NAMES = ("columns", "fields", "headers", "header")


def rows_of(value: Any, depth: int = 2) -> list[Any] | None:
    """The rows in a JSON value: objects, and whatever else stands among them; None if there is no table in it.

    Known are pandas' orients (records, columns, index, split, values, table), columns as lists, a part of a data set
    under each name ("train", "test": its name becomes the column `split`), and any of these inside another object, at
    most `depth` deep.
    """
    if isinstance(value, list):
        return _cells(value) if value and all(isinstance(row, list) for row in value) else value
    if not isinstance(value, dict):
        return None
    if (found := _named_cells(value)) is not None:
        return found
    inner = list(value.values())
    if inner and all(isinstance(column, dict) for column in inner):
        if (found := _nested(value)) is not None:
            return found
    elif _is_columns(inner):
        return [dict(zip(value, row, strict=True)) for row in zip(*inner, strict=True)]
    for shape in (_parts, _texts_by_label):
        if (found := shape(value)) is not None:
            return found
    return _wrapped(value, depth)


def as_cell(value: Any) -> str:
    """A string as it is, null, NaN and infinity as nothing, all else as JSON."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return json.dumps(value, ensure_ascii=False)


def _named_cells(value: dict[str, Any]) -> list[Any] | None:
    """The rows of {"columns": ["text", …], "data": [["…", …], …]}."""
    body = next((value[key] for key in _WRAPPERS if _are(list, value.get(key))), None)
    names = next((value[key] for key in _NAMES if _are(str, value.get(key)) or _are(dict, value.get(key))), None)
    if body is None or names is None:
        return None
    check_shape(len(body), len(names))
    plain = unique_names([str(name.get("name", "") if isinstance(name, dict) else name) for name in names])
    return [dict(zip(plain, row, strict=False)) for row in body]


def _texts_by_label(value: dict[str, Any]) -> list[Any] | None:
    """The rows of {"good": ["a text", …], "bad": [the next, …]}."""
    if len(value) < 2 or any(map(is_known_name, value)) or not all(_are(str, texts) for texts in value.values()):
        return None
    return [{"text": text, "label": label} for label, texts in value.items() for text in texts]


def _are(kind: type, values: Any) -> bool:
    """Whether `values` is a list of such values."""
    return isinstance(values, list) and bool(values) and all(isinstance(value, kind) for value in values)


def _is_columns(values: list[Any]) -> bool:
    """Whether they are lists of equal length, of plain cells."""
    if not values or not all(isinstance(column, list) for column in values):
        return False
    plain = not any(isinstance(cell, list | dict) for column in values for cell in column[:1])
    return plain and len({len(column) for column in values}) == 1


def _cells(rows: list[list[Any]]) -> list[Any]:
    """Rows of cells, with or without a row of names; lists of other things unchanged."""
    as_text = [[as_cell(value) for value in row] for row in rows]
    if not all(as_text):
        return rows
    names = lay_out(as_text[:200]).names
    width = max(map(len, rows))
    check_shape(len(rows), width)
    header = unique_names((names or []) + [""] * (width - len(names or [])))
    return [dict(zip(header, row, strict=False)) for row in rows[names is not None :]]


def _nested(value: dict[str, dict[str, Any]]) -> list[Any] | None:
    """Objects in an object: columns of rows, or rows of columns."""
    outer, sample = list(value), next(iter(value.values()))
    # A single object of lists is a wrapper.
    inside = (dict, list) if len(outer) == 1 else dict
    if not sample or any(isinstance(cell, inside) for cell in sample.values()):
        return None
    turned = not any(map(is_known_name, sample)) and len(sample) > len(outer)
    by_column = any(map(is_known_name, outer)) or turned
    if not by_column:
        return list(value.values())
    places = dict.fromkeys(place for column in value.values() for place in column)
    return [{name: column.get(place) for name, column in value.items()} for place in places]


def _parts(value: dict[str, Any]) -> list[Any] | None:
    """The rows of {"train": […], "test": […]}."""
    named = {name: rows for name, rows in value.items() if isinstance(rows, list) and rows}
    if len(named) < 2 or UNKNOWN in split_codes(named)[0]:
        return None
    found: list[Any] = []
    for name, rows in named.items():
        for row in rows_of(rows) or []:
            found.append({**row, "split": name} if isinstance(row, dict) else row)
    return found


def _wrapped(value: dict[str, Any], depth: int) -> list[Any] | None:
    """The rows under a usual name, or else the longest list of objects."""
    lists = {
        name: rows
        for name, rows in value.items()
        if isinstance(rows, list) and rows and isinstance(rows[0], dict | list)
    }
    key = next((name for name in _WRAPPERS if name in lists), max(lists, key=lambda name: len(lists[name]), default=""))
    if key:
        rows = rows_of(lists[key])
        # The datasets server of Hugging Face wraps every row once more.
        return [row["row"] if isinstance(row, dict) and isinstance(row.get("row"), dict) else row for row in rows or []]
    inner: Sequence[dict[str, Any]] = [part for part in value.values() if isinstance(part, dict)]
    found = [rows for part in inner if depth > 1 and (rows := rows_of(part, depth - 1)) is not None]
    return max(found, key=len, default=None)


def opened(rows: list[dict[str, Any]], answers: Set[str]) -> list[dict[str, Any]]:
    """The rows, with objects of plain values instead of one: `{"meta": {"lang": "en"}}` gets the column `meta.lang`.

    Objects of many keys, which are rather data than columns, and those with no keys but `answers` stay as they are.
    """
    keys: dict[str, dict[str, None]] = {}
    closed = set()
    for row in rows:
        for name, value in row.items():
            if isinstance(value, dict):
                keys.setdefault(name, {}).update(dict.fromkeys(value))
                if any(isinstance(cell, dict | list) for cell in value.values()):
                    closed.add(name)
            elif value is not None:
                closed.add(name)
    parts = {name: inner for name, inner in keys.items() if name not in closed and len(inner) <= _MOST_PARTS}
    parts = {name: inner for name, inner in parts.items() if inner and not inner.keys() <= answers}
    if not parts:
        return rows

    def cells(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, value in row.items():
            if name in parts:
                yield from ((f"{name}.{key}", (value or {}).get(key)) for key in parts[name])
            else:
                yield name, value

    return [dict(cells(row)) for row in rows]

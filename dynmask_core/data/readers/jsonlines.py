"""JSON: an object per line, or a table in any of the usual shapes; with optional tokens and marks."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

import pandas as pd

from dynmask_core.data.limits import MAX_LOST, check_json, check_shape
from dynmask_core.data.readers.annotations import ANSWERS, plain_rows
from dynmask_core.data.readers.shapes import as_cell, opened, rows_of
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

_NOT_JSON = object()
_SHOWN = 1000
"""Characters of a value that is no row."""


def _read(source: Source) -> Table:
    """Reads objects; anything else counts as malformed, and so does a row without tokens if others have them.

    `tokens` (a list of strings), joined by single spaces, becomes the cell `text`. `rationale` has a 0 or 1 per token;
    if any row has one, rows without it get zeros. Raises `InputError` `json_no_rows` if there is no usable object,
    `too_many_values`, `too_many_columns`, and what `annotations.plain_rows` raises.
    """
    values = _values(source)
    objects: list[dict[str, Any]] = [value for value in values if isinstance(value, dict) and value]
    others = (value for value in values if not (isinstance(value, dict) and value))
    lost = [[str(value)[:_SHOWN]] for value in islice(others, MAX_LOST)]
    malformed = len(values) - len(objects)
    rows, warnings = plain_rows(objects)
    rows = opened(rows, ANSWERS)
    tokenised = any("tokens" in row for row in rows)
    clean: list[dict[str, Any]] = []
    for row in rows:
        other = {key: value for key, value in row.items() if not tokenised or key not in ("tokens", "rationale")}
        cells = {str(key).strip() or "column": as_cell(value) for key, value in other.items()}
        valid = not tokenised or _valid_tokens(row)
        if tokenised and valid:
            cells = {"text": " ".join(row["tokens"]), **{k: v for k, v in cells.items() if k != "text"}}
        if valid and all(_encodable(cell) for item in cells.items() for cell in item):
            clean.append({"cells": cells, "tokens": row.get("tokens"), "rationale": row.get("rationale")})
        else:
            malformed += 1
            lost.append(list(cells.values()))
    if not clean:
        raise InputError("json_no_rows")
    names = dict.fromkeys(name for row in clean for name in row["cells"])
    check_shape(len(clean), len(names))
    columns = {name: [row["cells"].get(name, "") for row in clean] for name in names}
    tokens = rationale = None
    if tokenised:
        tokens = [row["tokens"] for row in clean]
        if any(row["rationale"] is not None for row in clean):
            rationale = [[int(mark) for mark in row["rationale"] or [0] * len(row["tokens"])] for row in clean]
    return Table(
        pd.DataFrame(columns, dtype=object),
        "jsonl",
        source.decoded.encoding,
        malformed=malformed,
        tokens=tokens,
        rationale=rationale,
        warnings=(*source.decoded.warnings, *warnings),
        lost=lost[:MAX_LOST],
    )


def _values(source: Source) -> list[Any]:
    """The rows of the table that the whole text is, or the value of every line; a line that is no JSON, as it is."""
    text = source.text
    check_json(text)
    if text.lstrip().startswith(("[", "{")):
        whole = _load(text)
        rows = None if whole is _NOT_JSON else rows_of(whole)
        if rows is not None:
            return rows
        if isinstance(whole, dict):
            return [whole]
    # Lines may be cut out of an array: with its brackets, and commas at their ends.
    lines = [line.strip().removesuffix(",") for line in source.lines()]
    values = [(line, _load(line)) for line in lines if line not in ("", "[", "]")]
    if not any(isinstance(value, dict) for _, value in values):
        return _sequence(text) or [line for line, _ in values]
    return [line if value is _NOT_JSON else value for line, value in values]


def _sequence(text: str) -> list[Any]:
    """Objects one after the other, each over several lines; as far as they can be read."""
    decoder, found, place = json.JSONDecoder(), [], 0
    blank = re.compile(r"[\s,\[\]\ufeff]*")
    while (place := blank.match(text, place).end()) < len(text):  # type: ignore[union-attr]
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        found.append(value)
    return found


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _valid_tokens(row: dict[str, Any]) -> bool:
    tokens, marks = row.get("tokens"), row.get("rationale")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        return False
    if marks is None:
        return True
    return isinstance(marks, list) and len(marks) == len(tokens) and all(mark in (0, 1) for mark in marks)


def _encodable(cell: str) -> bool:
    """No NUL and no lone surrogate: files cannot hold them."""
    if "\0" in cell:
        return False
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_json(source: Source) -> bool:
    """Whether a text starts like JSON and at least half of its values are valid rows."""
    if not source.text.lstrip().startswith(("{", "[")):
        return False
    try:
        table = _read(source)
    except InputError as error:
        # It is an export that cannot be used: the reader is to say so.
        return error.code == "annotation_spans"
    return table.malformed <= len(table)


JSONL = Reader("jsonl", (".jsonl", ".ndjson", ".json"), _read, is_text=_is_json)

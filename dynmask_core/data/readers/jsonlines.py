"""JSON lines, or one JSON array of objects, with optional tokens and marks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dynmask_core.data.limits import check_shape
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError


def _read(source: Source) -> Table:
    """Reads objects; anything else counts as malformed, and so does a row without tokens if others have them.

    `tokens` (a list of strings), joined by single spaces, becomes the cell `text`. `rationale` has a 0 or 1 per token;
    if any row has one, rows without it get zeros. Raises `InputError` `json_no_rows` if there is no usable object,
    `too_many_columns`.
    """
    values = list(_values(source))
    kept: list[dict[str, Any]] = [value for value in values if isinstance(value, dict) and value]
    if any("tokens" in row for row in kept):
        kept = [row for row in kept if _valid_tokens(row)]
    clean: list[dict[str, Any]] = []
    for row in kept:
        other = {key: value for key, value in row.items() if key not in ("tokens", "rationale")}
        cells = {key.strip() or "column": _cell(value) for key, value in other.items()}
        if "tokens" in row:
            cells = {"text": " ".join(row["tokens"]), **{k: v for k, v in cells.items() if k != "text"}}
        if all(_encodable(cell) for item in cells.items() for cell in item):
            clean.append({"cells": cells, "tokens": row.get("tokens"), "rationale": row.get("rationale")})
    if not clean:
        raise InputError("json_no_rows")
    names = dict.fromkeys(name for row in clean for name in row["cells"])
    check_shape(len(clean), len(names))
    columns = {name: [row["cells"].get(name, "") for row in clean] for name in names}
    tokens = rationale = None
    if clean[0]["tokens"] is not None:
        tokens = [row["tokens"] for row in clean]
        if any(row["rationale"] is not None for row in clean):
            rationale = [[int(mark) for mark in row["rationale"] or [0] * len(row["tokens"])] for row in clean]
    return Table(
        pd.DataFrame(columns, dtype=object),
        "jsonl",
        source.decoded.encoding,
        malformed=len(values) - len(clean),
        tokens=tokens,
        rationale=rationale,
        warnings=source.decoded.warnings,
    )


def _values(source: Source) -> Iterator[Any]:
    """All values of the array or of the lines; None for a line that is not JSON."""
    if source.text.lstrip().startswith("["):
        whole = _load(source.text)
        if isinstance(whole, list):
            yield from whole
            return
    yield from map(_load, source.lines())


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _valid_tokens(row: dict[str, Any]) -> bool:
    tokens, marks = row.get("tokens"), row.get("rationale")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        return False
    if marks is None:
        return True
    return isinstance(marks, list) and len(marks) == len(tokens) and all(mark in (0, 1) for mark in marks)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


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
    except InputError:
        return False
    return table.malformed <= len(table)


JSONL = Reader("jsonl", (".jsonl", ".ndjson", ".json"), _read, is_text=_is_json)

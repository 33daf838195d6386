"""Exports of annotation tools → plain rows: Label Studio, doccano, Prodigy. Each is known by its keys.

Formats: labelstud.io/guide/export, doccano.github.io/doccano/tutorial, prodi.gy/docs/api-interfaces.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from dynmask_core.data.readers.shapes import as_cell
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError

Row = dict[str, Any]
# Kinds of Label Studio results that say something of the whole text, and the key of their value.
_WHOLE = {"choices": "choices", "rating": "rating", "taxonomy": "taxonomy", "number": "number"}
ANSWERS = _WHOLE.keys()
"""The only key of an object that is an answer in Label Studio's JSON-MIN export."""
_DOCCANO_TEXT = ("data", "text")


def plain_rows(rows: list[Row]) -> tuple[list[Row], tuple[DataWarning, ...]]:
    """The rows with a text and a label each, and what was left out; other rows unchanged.

    Raises `InputError` `annotation_spans` for an export that marks places inside texts.
    """
    for recognised, convert in _TOOLS:
        if rows and all(map(recognised, rows)):
            return convert(rows)
    return rows, ()


def label_of(cell: str) -> str:
    """A cell of Label Studio's CSV or JSON-MIN export such as `{"choices": ["a", "b"]}`: its label, or a JSON list."""
    if not cell.startswith('{"'):
        return cell
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    known = isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _WHOLE
    return as_cell(_one(next(iter(value.values())))) if known else cell


def _one(value: Any) -> Any:
    """The only element of a list, None of an empty one, else the value."""
    if isinstance(value, list) and len(value) < 2:
        return value[0] if value else None
    return value


def _is_label_studio(row: Row) -> bool:
    return isinstance(row.get("data"), dict) and isinstance(row.get("annotations", row.get("completions")), list)


def _label_studio(rows: list[Row]) -> tuple[list[Row], tuple[DataWarning, ...]]:
    """The whole JSON export: of several annotations, the ground truth or else the first that was not cancelled."""
    found, differing, spans = [], 0, 0
    for row in rows:
        given = [entry for entry in row.get("annotations", row.get("completions")) or [] if isinstance(entry, dict)]
        valid = [entry for entry in given if not entry.get("was_cancelled")]
        valid.sort(key=lambda entry: not entry.get("ground_truth"))
        read = [_results(entry) for entry in valid]
        differing += any(other != read[0] for other in read[1:])
        spans += any(not values and entry.get("result") for values, entry in zip(read, valid, strict=True))
        found.append({**row["data"], **(read[0] if read else {})})
    if spans and spans >= len(rows) / 2:
        raise InputError("annotation_spans", tool="Label Studio")
    return found, (DataWarning("annotators_differ", {"texts": differing}),) if differing else ()


def _results(annotation: Row) -> Row:
    """The labels of a whole text, by the name of the question."""
    labels: Row = {}
    for result in annotation.get("result") or []:
        kind = _WHOLE.get(str(result.get("type"))) if isinstance(result, dict) else None
        value = result.get("value") if kind else None
        if kind and isinstance(value, dict) and kind in value:
            labels[str(result.get("from_name", "label"))] = _one(_one(value[kind]))
    return labels


def _is_doccano(row: Row) -> bool:
    has_text = any(isinstance(row.get(key), str) for key in _DOCCANO_TEXT)
    labels = row.get("label", row.get("labels", row.get("annotations")))
    return has_text and isinstance(labels, list) and all(isinstance(label, str | int | list | dict) for label in labels)


def _doccano(rows: list[Row]) -> tuple[list[Row], tuple[DataWarning, ...]]:
    key = next(key for key in ("label", "labels", "annotations") if key in rows[0])
    found = []
    for row in rows:
        labels = [entry.get("label", entry) if isinstance(entry, dict) else entry for entry in row.get(key) or []]
        # Spans: [begin, end, label].
        if any(isinstance(label, list) for label in labels) or any(
            isinstance(entry, dict) and "start_offset" in entry for entry in row.get(key) or []
        ):
            raise InputError("annotation_spans", tool="doccano")
        others = {name: value for name, value in row.items() if name != key}
        found.append({**others, "label": _one(labels)})
    return found, ()


def _is_prodigy(row: Row) -> bool:
    return row.get("answer") in ("accept", "reject", "ignore") and ("_task_hash" in row or "_input_hash" in row)


def _prodigy(rows: list[Row]) -> tuple[list[Row], tuple[DataWarning, ...]]:
    """The accepted choices or labels. With one label alone, accepted or rejected is what the texts differ in."""
    decided = [row for row in rows if row["answer"] != "ignore"]
    offered = {row["label"] for row in decided if isinstance(row.get("label"), str)}
    if len(offered) == 1 and not any("accept" in row for row in rows):
        found = [{"text": row.get("text"), "answer": row["answer"]} for row in decided]
        said = [DataWarning("prodigy_one_label", {"label": next(iter(offered))})]
        return found, (*said, *_left_out(len(rows) - len(found)))
    accepted = [row for row in rows if row["answer"] == "accept"]
    if any("spans" in row for row in accepted) and not any("accept" in row or "label" in row for row in accepted):
        raise InputError("annotation_spans", tool="Prodigy")
    found = [{"text": row.get("text"), "label": _one(row.get("accept", row.get("label")))} for row in accepted]
    return found, _left_out(len(rows) - len(found))


def _left_out(rows: int) -> tuple[DataWarning, ...]:
    return (DataWarning("prodigy_left_out", {"rows": rows}),) if rows else ()


_TOOLS: Sequence[tuple[Callable[[Row], bool], Callable[[list[Row]], tuple[list[Row], tuple[DataWarning, ...]]]]] = (
    (_is_label_studio, _label_studio),
    (_is_prodigy, _prodigy),
    (_is_doccano, _doccano),
)

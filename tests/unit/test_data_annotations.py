"""Exports of annotation tools become plain columns, or the export to take instead is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dynmask_core.data import Table, read_bytes
from dynmask_core.errors import InputError


def lines(rows: list[Any]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def whole(rows: list[Any]) -> bytes:
    return json.dumps(rows, indent=1).encode()


def columns(table: Table, *names: str) -> list[list[str]]:
    return [list(row) for row in table.frame[list(names)].itertuples(index=False)]


def said(table: Table) -> dict[str, dict[str, Any]]:
    return {warning.code: warning.params for warning in table.warnings}


def annotation(*choices: str, **more: Any) -> dict[str, Any]:
    value = {"value": {"choices": list(choices)}, "type": "choices", "from_name": "mood", "to_name": "text"}
    return {"result": [value], "was_cancelled": False, **more}


def task(text: str, *annotations: dict[str, Any]) -> dict[str, Any]:
    return {"id": 7, "data": {"text": text, "source": "mail"}, "annotations": list(annotations), "predictions": []}


def test_a_label_studio_export_gives_the_data_and_the_choice() -> None:
    data = whole([task("one", annotation("up")), task("two", annotation("up", "down")), task("three")])
    table = read_bytes(data, "a.json")
    assert columns(table, "text", "source", "mood") == [
        ["one", "mail", "up"],
        ["two", "mail", '["up", "down"]'],
        ["three", "mail", ""],
    ]


def test_of_several_annotations_the_reference_or_the_first_valid_one_counts_and_differences_are_said() -> None:
    data = whole(
        [
            task("one", annotation("up"), annotation("down", ground_truth=True)),
            task("two", annotation("up", was_cancelled=True), annotation("down")),
        ]
    )
    table = read_bytes(data, "a.json")
    assert table.cells("mood") == ["down", "down"]
    assert said(table) == {"annotators_differ": {"texts": 1}}


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_choices_in_cells_are_unwrapped(name: str) -> None:
    cells = ["up", '{"choices": ["down"]}', '{"choices": ["up", "down"]}', '{"rating": 4}', '{"a": 1, "b": 2}']
    rows = [{"text": f"said {i}", "label": cell} for i, cell in enumerate(cells)]
    if name == "a.csv":
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
        data = "\n".join(["text,label", *(f"said {i},{cell}" for i, cell in enumerate(quoted))]).encode()
    else:
        data = whole([{**row, "label": json.loads(c) if (c := row["label"])[0] == "{" else c} for row in rows])
    assert read_bytes(data, name).cells("label") == ["up", "down", '["up", "down"]', "4", '{"a": 1, "b": 2}']


@pytest.mark.parametrize("key", ["data", "text"])
def test_doccano_labels_are_unwrapped(key: str) -> None:
    table = read_bytes(lines([{"id": i, key: f"said {i}", "label": ["up"] * (i < 2)} for i in range(3)]), "a.jsonl")
    assert columns(table, key, "label") == [["said 0", "up"], ["said 1", "up"], ["said 2", ""]]
    older = lines([{"text": "said", "annotations": [{"label": 3, "user": 1}]}] * 4)
    assert read_bytes(older, "a.jsonl").cells("label") == ["3"] * 4


@pytest.mark.parametrize(
    ("tool", "row"),
    [
        ("doccano", {"id": 1, "text": "Ann came", "label": [[0, 3, "PERSON"]]}),
        ("doccano", {"id": 1, "text": "Ann", "annotations": [{"label": 1, "start_offset": 0, "end_offset": 3}]}),
        (
            "Prodigy",
            {"text": "Ann", "spans": [{"start": 0, "end": 3, "label": "A"}], "answer": "accept", "_task_hash": 1},
        ),
        (
            "Label Studio",
            task("Ann", {"result": [{"type": "labels", "value": {"start": 0, "labels": ["A"]}, "from_name": "x"}]}),
        ),
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a"])
def test_marks_inside_texts_are_refused_with_the_export_to_take(tool: str, row: dict[str, Any], name: str) -> None:
    with pytest.raises(InputError, match=f"{tool}.*one choice per text") as caught:
        read_bytes(lines([row] * 6), name)
    assert caught.value.code == "annotation_spans"


def prodigy(**row: Any) -> dict[str, Any]:
    return {"text": "said", "_input_hash": 1, "_task_hash": 2, **row}


def test_prodigy_choices_are_the_labels_and_undecided_rows_are_left_out_and_counted() -> None:
    options = [{"id": "UP", "text": "up"}, {"id": "DOWN", "text": "down"}]
    rows = [
        prodigy(options=options, accept=["UP"], answer="accept"),
        prodigy(options=options, accept=["DOWN"], answer="accept"),
        prodigy(options=options, accept=["UP"], answer="reject"),
        prodigy(options=options, accept=[], answer="ignore"),
    ]
    table = read_bytes(lines(rows), "a.jsonl")
    assert (table.columns, table.cells("label")) == (["text", "label"], ["UP", "DOWN"])
    assert (table.malformed, said(table)) == (0, {"prodigy_left_out": {"rows": 2}})


def test_with_one_prodigy_label_the_answer_is_what_texts_differ_in() -> None:
    rows = [prodigy(label="SPAM", answer=answer) for answer in ("accept", "reject", "ignore", "reject")]
    table = read_bytes(lines(rows), "a.jsonl")
    assert columns(table, "text", "answer") == [["said", "accept"], ["said", "reject"], ["said", "reject"]]
    assert said(table) == {"prodigy_one_label": {"label": "SPAM"}, "prodigy_left_out": {"rows": 1}}


def test_accepted_prodigy_labels_are_labels() -> None:
    rows = [prodigy(label=label, answer="accept") for label in ("UP", "DOWN")] + [prodigy(label="UP", answer="reject")]
    assert read_bytes(lines(rows), "a.jsonl").cells("label") == ["UP", "DOWN"]


def test_other_objects_with_an_answer_are_no_prodigy_export() -> None:
    rows = [{"question": "who?", "answer": "accept"}, {"question": "why?", "answer": "reject"}]
    assert read_bytes(lines(rows), "a.jsonl").columns == ["question", "answer"]


@pytest.mark.parametrize("name", ["a.txt", "", "train.ft"])
def test_fasttext_lines_are_labels_and_texts(name: str) -> None:
    said = [
        "__label__up it rose, again",
        "__label__down it fell",
        "__label__up __label__fast it flew",
        "well __label__up",
    ]
    table = read_bytes("\n".join(said).encode(), name)
    assert table.cells("label") == ["up", "down", '["up", "fast"]', "up"]
    assert table.cells("text") == ["it rose, again", "it fell", "it flew", "well"]


def test_fields_of_toutiao_lines_get_their_names() -> None:
    said = [f"65{i}_!_10{i % 2}_!_news_{'war' if i % 2 else 'art'}_!_第{i}条，标题_!_词" for i in range(20)]
    table = read_bytes("\n".join(said).encode(), "a.txt")
    assert columns(table, "category", "title")[:2] == [["news_art", "第0条，标题"], ["news_war", "第1条，标题"]]

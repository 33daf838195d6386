"""JSON in every shape in which people save tables."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from dynmask_core.data import read_bytes

FRAME = pd.DataFrame({"text": [f"noted {i}, äh, 好" for i in range(9)], "label": ["up", "down", "flat"] * 3})
ROWS = FRAME.to_dict("records")


def read(value: object, name: str = "a.json") -> list[list[str]]:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    table = read_bytes(text.encode(), name)
    assert (table.format, table.malformed) == ("jsonl", 0)
    return [list(row) for row in table.frame[["text", "label"]].itertuples(index=False)]


WHOLE = FRAME.to_numpy().tolist()


@pytest.mark.parametrize("orient", ["columns", "index", "records", "split", "table"])
@pytest.mark.parametrize("name", ["a.json", "a.txt", ""])
def test_the_shapes_of_pandas_are_read(orient: str, name: str) -> None:
    assert read(FRAME.to_json(orient=orient), name) == WHOLE  # type: ignore[arg-type]


def test_rows_without_names_get_them_from_their_first_row_or_by_number() -> None:
    assert read([["text", "label"], *WHOLE]) == WHOLE
    table = read_bytes(FRAME.to_json(orient="values").encode(), "a.json")
    assert (table.columns, len(table)) == (["column_1", "column_2"], 9)


@pytest.mark.parametrize("orient", ["columns", "index"])
def test_unknown_names_do_not_turn_the_table(orient: str) -> None:
    strange = FRAME.rename(columns={"text": "saying", "label": "mood"})
    table = read_bytes(strange.to_json(orient=orient).encode(), "a.json")  # type: ignore[arg-type]
    assert (table.columns, len(table)) == (["saying", "mood"], 9)


@pytest.mark.parametrize(
    "shape",
    [
        {"data": ROWS},
        {"version": "1.0", "labels": ["up", "down", "flat"], "rows": ROWS},
        {"meta": {"made": "today"}, "reviews": ROWS},
        {"response": {"count": 9, "items": ROWS}},
        {"features": [{"name": "text"}], "rows": [{"row_idx": i, "row": row} for i, row in enumerate(ROWS)]},
        {"fields": [{"name": "text", "type": "string"}, {"name": "label"}], "rows": WHOLE},
        {"header": ["text", "label"], "records": WHOLE},
        FRAME.to_dict("list"),
        {"data": FRAME.to_dict("list")},
    ],
)
def test_a_table_inside_an_object_is_found(shape: object) -> None:
    assert read(shape) == WHOLE


def test_texts_under_their_labels_are_rows() -> None:
    assert read({"up": ["it rose", "it flew"], "down": ["it fell"]}) == [
        ["it rose", "up"],
        ["it flew", "up"],
        ["it fell", "down"],
    ]


def test_parts_under_their_names_become_a_split_column() -> None:
    table = read_bytes(json.dumps({"train": ROWS[:6], "test": ROWS[6:]}).encode(), "a.json")
    assert table.cells("split") == ["train"] * 6 + ["test"] * 3


def test_nothing_and_no_number_are_empty_cells_and_lists_stay_json() -> None:
    lines = '{"text": NaN, "label": ["a", "b"]}\n{"text": null, "label": Infinity}\n{"text": "x", "label": 1.0}'
    table = read_bytes(lines.encode(), "a.jsonl")
    assert table.frame.to_numpy().tolist() == [["", '["a", "b"]'], ["", ""], ["x", "1.0"]]


def test_lines_of_joined_files_may_begin_with_a_mark() -> None:
    line = json.dumps(ROWS[0])
    assert len(read_bytes(f"\ufeff{line}\n{line}\n\ufeff{line}\n".encode(), "a.jsonl")) == 3


def test_lines_that_are_no_objects_are_kept_aside() -> None:
    lines = [json.dumps(row) for row in ROWS] + ["{broken", "[1, 2]"]
    table = read_bytes("\n".join(lines).encode(), "a.jsonl")
    assert (len(table), table.malformed, table.lost) == (9, 2, [["{broken"], ["[1, 2]"]])


@pytest.mark.parametrize("cut", ["[\n{}", "{}\n]", "{},"])
def test_lines_cut_out_of_an_array_are_rows(cut: str) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)
    assert read(cut.format(lines), "a.jsonl") == WHOLE


def test_objects_over_several_lines_are_rows() -> None:
    assert read("\n".join(json.dumps(row, ensure_ascii=False, indent=2) for row in ROWS)) == WHOLE


def test_objects_of_plain_values_become_columns() -> None:
    rows = [{"body": f"text {i}", "meta": {"mood": "pos" if i % 2 else "neg", "lang": "en"}} for i in range(8)]
    table = read_bytes("\n".join(json.dumps(row) for row in [*rows, {"body": "the last", "meta": None}]).encode())
    assert table.columns == ["body", "meta.mood", "meta.lang"]
    assert table.cells("meta.mood") == ["neg", "pos"] * 4 + [""]


@pytest.mark.parametrize(
    "inside",
    [[{"a": [1]}] * 8, [{f"user{i}{j}": 1 for j in range(4)} for i in range(8)], [{"a": 1}] * 7 + ["word"]],
    ids=["of lists", "of many keys", "in some rows only"],
)
def test_other_objects_stay_one_cell(inside: list[object]) -> None:
    rows = [{"text": f"text {i}", "more": more} for i, more in enumerate(inside)]
    assert read_bytes(json.dumps(rows).encode()).columns == ["text", "more"]


def test_an_answer_of_an_annotation_tool_is_no_column_of_its_own() -> None:
    rows = [{"text": f"text {i}", "mood": {"rating": i % 3}} for i in range(8)]
    table = read_bytes(json.dumps(rows).encode())
    assert (table.columns, table.cells("mood")[:4]) == (["text", "mood"], ["0", "1", "2", "0"])

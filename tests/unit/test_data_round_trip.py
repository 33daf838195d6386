"""Any table of texts and labels is read back as it was written, or a warning says that something was guessed."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dynmask_core.data import Table, read_bytes
from dynmask_core.data.invisible import shows_nothing

# A file has no way to hold control characters, and marks at the ends of a text are no part of it.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\ufeff\u2028\u2029")
TEXTS = st.text(CHARACTERS, min_size=1, max_size=60).map(str.strip).filter(lambda text: not shows_nothing(text))
LABELS = st.sampled_from(["up", "down", "no, never", '"so-so"', "it's"])
ROWS = st.lists(st.tuples(TEXTS, LABELS), min_size=1, max_size=12)
NAMES = ("text", "label")
QUICK = settings(max_examples=15, deadline=None, derandomize=True)

DIALECTS: dict[str, dict[str, Any]] = {
    "comma": {},
    "semicolon": {"delimiter": ";"},
    "tab": {"delimiter": "\t"},
    "bar": {"delimiter": "|"},
    "quoted": {"quoting": csv.QUOTE_ALL},
    "unix": {"lineterminator": "\n", "quoting": csv.QUOTE_NONNUMERIC, "delimiter": ";"},
    "single": {"quotechar": "'", "quoting": csv.QUOTE_ALL},
    "backslash": {"doublequote": False, "escapechar": "\\", "quoting": csv.QUOTE_ALL},
}
# Bytes of GB18030 can be told from those of other encodings only if they are Chinese.
CHINESE = st.lists(
    st.sampled_from(["这家酒店的房间很大", "服务也很好", "“不”", "a, b; c", "电影拍得真诚"]), min_size=2, max_size=6
)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]


def written(rows: list[tuple[str, str]], dialect: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, **DIALECTS[dialect]).writerows([NAMES, *rows])
    return buffer.getvalue()


def same_or_said(table: Table, rows: list[tuple[str, str]]) -> bool:
    found = (
        list(zip(table.cells("text"), table.cells("label"), strict=True)) if set(NAMES) <= set(table.columns) else []
    )
    return found == [(text.strip(), label) for text, label in rows] or bool(table.warnings)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("dialect", DIALECTS)
@settings(QUICK, max_examples=10)
@given(data=st.data())
def test_a_table_survives_every_dialect_and_encoding(dialect: str, encoding: str, data: st.DataObject) -> None:
    texts = CHINESE.map("，".join) if encoding == "gb18030" else TEXTS
    if dialect == "backslash":
        # Without an escaped quote in the file, nothing tells that a backslash is doubled.
        texts = texts.map(lambda text: text.replace("\\", "/"))
    rows = data.draw(st.lists(st.tuples(texts, LABELS), min_size=1, max_size=12))
    assert same_or_said(read_bytes(written(rows, dialect).encode(encoding), "a.csv"), rows)


@pytest.mark.parametrize("dialect", ["comma", "semicolon", "bar", "quoted"])
@QUICK
@given(rows=ROWS)
@example(rows=[("he said \"no\", 'twice'", "up"), ("'tis \\ fine; | \\", "it's")])
def test_what_is_written_by_the_standard_is_read_back_exactly(dialect: str, rows: list[tuple[str, str]]) -> None:
    table = read_bytes(written(rows, dialect).encode(), "a.csv")
    assert list(zip(table.cells("text"), table.cells("label"), strict=True)) == rows
    assert not table.warnings


@QUICK
@given(rows=ROWS)
def test_a_table_survives_a_workbook(rows: list[tuple[str, str]]) -> None:
    book = openpyxl.Workbook()
    for row in [NAMES, *rows]:
        book.active.append(row)
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s"  # a text that begins with = is no formula
    buffer = io.BytesIO()
    book.save(buffer)
    assert same_or_said(read_bytes(buffer.getvalue(), "a.xlsx"), rows)


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "lines"])
@QUICK
@given(rows=ROWS)
def test_a_table_survives_json_in_every_shape(orient: str, rows: list[tuple[str, str]]) -> None:
    frame = pd.DataFrame(rows, columns=NAMES)
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in frame.to_dict("records"))
    text = lines if orient == "lines" else frame.to_json(orient=orient, force_ascii=False)  # type: ignore[arg-type]
    assert same_or_said(read_bytes(text.encode(), "a.json"), rows)

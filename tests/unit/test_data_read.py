"""Reading: what goes in comes out, in every encoding, format and delimiter."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.data import Table, read_bytes, read_path
from dynmask_core.errors import InputError

ROWS = [
    ["这家酒店的房间很大，服务也很好", "好评"],
    ['她说：“再也不来了”, "never" again; no | way', "差评"],
    ["电影拍得非常真诚，我看了两遍", "好评"],
    ["送货太慢\n而且包装破了", "差评"],
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]


def as_csv(rows: list[list[str]], delimiter: str = ",", header: bool = True) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerows(([["text", "label"]] if header else []) + rows)
    return buffer.getvalue()


def cells(table: Table) -> list[list[str]]:
    return [list(row) for row in table.frame.itertuples(index=False)]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["data.csv", "data", "data.txt"])
def test_a_delimited_file_is_read_back_as_written(encoding: str, delimiter: str, name: str) -> None:
    table = read_bytes(as_csv(ROWS, delimiter).encode(encoding), name)
    assert cells(table) == ROWS
    assert (table.encoding, table.delimiter) == (encoding, delimiter)
    assert list(table.frame.columns) == ["text", "label"]
    assert table.malformed == 0


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", ["data.jsonl", "data", "data.json"])
def test_json_lines_and_a_json_array_are_read_back_as_written(encoding: str, name: str) -> None:
    objects = [{"text": text, "label": label} for text, label in ROWS]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in objects)
    for content in (lines, json.dumps(objects, ensure_ascii=False, indent=1)):
        table = read_bytes(content.encode(encoding), name)
        assert cells(table) == ROWS
        assert (table.format, table.encoding) == ("jsonl", encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_plain_text_is_one_example_per_line_without_a_label(encoding: str) -> None:
    lines = ["第一行，很短", "第二行在这里，比较长一些", "A third, in English."]
    table = read_bytes("\r\n".join(lines).encode(encoding), "data.txt")
    assert table.format == "text"
    assert table.frame["text"].tolist() == lines
    assert list(table.frame.columns) == ["text"]


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["data.xlsx", "data"])
def test_a_workbook_is_read_back_as_written(name: str) -> None:
    table = read_bytes(workbook([["text", "label"], *ROWS]), name)
    assert cells(table) == ROWS
    assert (table.format, table.encoding, table.delimiter) == ("xlsx", None, None)


def test_a_given_encoding_delimiter_format_and_header_are_obeyed() -> None:
    data = "a;b,1\nc;d,2\n".encode("gb18030")
    table = read_bytes(data, "x.txt", format="csv", delimiter=",", encoding="gbk", has_header=True)
    assert list(table.frame.columns) == ["a;b", "1"]
    assert cells(table) == [["c;d", "2"]]
    assert read_bytes(data, "x.csv", format="text").frame["text"].tolist() == ["a;b,1", "c;d,2"]


@pytest.mark.parametrize("name", ["a.csv", "a"])
def test_data_in_the_first_row_is_not_taken_for_a_header(name: str) -> None:
    table = read_bytes(b"I liked it,positive\nI hated it,negative\nLovely,positive\nDull,negative\n", name)
    assert not table.has_header
    assert list(table.frame.columns) == ["column_1", "column_2"]
    assert len(table) == 4


def test_column_names_are_stripped_and_made_unique() -> None:
    table = read_bytes(b" text ,text,,label\na,b,c,d\n", "a.csv")
    assert list(table.frame.columns) == ["text", "text_2", "column_3", "label"]


def test_a_stray_quote_costs_its_own_row_only() -> None:
    table = read_bytes(b'text,label\n"Great" film,1\nfine,1\ndull,0\n', "a.csv")
    assert table.frame["text"].tolist() == ["fine", "dull"]
    assert (table.malformed, table.lost) == (1, [['"Great" film', "1"]])


def test_tab_separated_text_may_hold_quotes_that_do_not_pair() -> None:
    table = read_bytes(b'text\tlabel\n"Great" film\t1\nhe said "no\t0\n', "a.tsv")
    assert table.frame["text"].tolist() == ['"Great" film', 'he said "no']


def test_a_declared_separator_line_is_not_data() -> None:
    table = read_bytes(b"sep=;\r\ntext;label\r\na;1\r\n", "a.csv")
    assert cells(table) == [["a", "1"]]


@pytest.mark.parametrize("name", ["a", "a.txt"])
def test_nor_is_it_where_no_name_tells_that_the_text_is_a_table(name: str) -> None:
    rows = [[f"text {i}", "ab"[i % 2]] for i in range(40)]
    table = read_bytes(("sep=;\n" + as_csv(rows, ";")).encode(), name)
    assert cells(table) == rows
    assert list(table.frame.columns) == ["text", "label"]


def test_one_column_may_hold_unquoted_commas() -> None:
    table = read_bytes(b"text\nHello, world\nFine\nWell, yes, ok\n", "a.csv")
    assert table.frame["text"].tolist() == ["Hello, world", "Fine", "Well, yes, ok"]


def test_bad_json_lines_are_left_out_and_counted() -> None:
    lines = [
        b'{"text": "a", "label": 1}',
        b"nope",
        b"[1]",
        b'{"text": "b", "label": null}',
        b'{"text": "\\ud800"}',
    ]
    table = read_bytes(b"\n".join(lines), "a.jsonl")
    assert cells(table) == [["a", "1"], ["b", ""]]
    assert table.malformed == 3


def test_tokens_and_marks_of_a_token_labelled_file_are_kept() -> None:
    lines = [
        {"tokens": ["not", "bad"], "label": 1, "rationale": [1, 1]},
        {"tokens": ["dull"], "label": 0},
        {"tokens": ["too", "few"], "label": 0, "rationale": [1]},
        {"text": "no tokens", "label": 0},
    ]
    table = read_bytes("\n".join(map(json.dumps, lines)).encode(), "a.jsonl")
    assert table.tokens == [["not", "bad"], ["dull"]]
    assert table.rationale == [[1, 1], [0]]
    assert table.frame["text"].tolist() == ["not bad", "dull"]
    assert table.malformed == 2


def test_a_path_and_its_bytes_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(as_csv(ROWS).encode("gb18030"))
    table = read_path(path)
    assert cells(table) == ROWS
    assert table.name == "data.csv"


BEGINNINGS = [
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"),
    b"PAR1",
    b"ARROW1\0\0",
    b"\x1f\x8b\x08\0\0\0\0\0",
    b"BZh9",
    b"<table><tr><td>a<td>b<tr>",
    b'{"columns": ["a", "b"], "data": [',
    b"__label__a b\n__label__",
    b"'a','b'\n'",
]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.tuples(st.sampled_from(BEGINNINGS), st.binary(max_size=100)).map(b"".join),
        st.binary(max_size=100).map(lambda data: b'text,label\n"' + data),
        st.binary(max_size=60).map(lambda data: b'{"tokens": ["' + data + b'"]}'),
    ),
    st.sampled_from(["", "a.csv", "a.tsv", "a.jsonl", "a.txt", "a.xlsx", "a.xls", "a.html", "a.parquet", "a.gz"]),
    st.sampled_from([None, "utf-8", "utf-16", "gb18030", "latin-1", "rot13", "idna", "\0"]),
)
def test_no_bytes_raise_anything_but_an_input_error(data: bytes, name: str, encoding: str | None) -> None:
    try:
        table = read_bytes(data, name, encoding=encoding)
    except InputError:
        return
    assert all(isinstance(cell, str) for row in cells(table) for cell in row)
    assert len(set(table.frame.columns)) == len(table.frame.columns)

"""What a file is decides how it is read, whatever it is called; an option that means nothing is refused."""

from __future__ import annotations

import bz2
import datetime
import gzip
import io
import lzma
import pickle
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow
import pytest
from pyarrow import feather, parquet

from dynmask_core.config import DataConfig
from dynmask_core.data import read_bytes, resolve
from dynmask_core.data.load import load_corpus
from dynmask_core.errors import InputError

ROWS = [(f"noted thing {i}, twice", "up" if i % 2 else "down") for i in range(20)]
CSV = "\n".join(["text,label", *(f'"{text}",{label}' for text, label in ROWS)]).encode()
JSON = "\n".join(f'{{"text": "{text}", "label": "{label}"}}' for text, label in ROWS).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def workbook() -> bytes:
    made = openpyxl.Workbook()
    for row in [("text", "label"), *ROWS]:
        made.active.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize(("data", "inner"), [(CSV, "a.csv"), (JSON, "a.jsonl"), (CSV, "a")])
def test_a_packed_file_reads_like_the_file_in_it(pack: Callable[[bytes], bytes], data: bytes, inner: str) -> None:
    ending = {gzip.compress: ".gz", bz2.compress: ".bz2", lzma.compress: ".xz"}[pack]
    table = read_bytes(pack(data), inner + ending)
    assert list(table.frame.itertuples(index=False, name=None)) == ROWS
    assert (table.name, table.warnings) == (inner + ending, ())


@pytest.mark.parametrize(
    "members",
    [
        {"folder/a.csv": CSV},
        {"a.csv": CSV, "__MACOSX/._a.csv": b"\0\0", ".DS_Store": b"\0"},
        {"a.csv": CSV, "README.txt": b"made by Ann", "LICENSE": b"free"},
        {"a.csv.gz": gzip.compress(CSV)},
        {"a.xlsx": workbook()},
    ],
)
def test_the_one_data_file_of_an_archive_is_read(members: dict[str, bytes]) -> None:
    assert read_bytes(zipped(members), "a.zip").cells("text") == [text for text, _ in ROWS]


def test_a_bomb_inside_a_bomb_is_not_unpacked() -> None:
    inner = gzip.compress(b"\0" * (60 * 2**20))
    with pytest.raises(InputError) as caught:
        read_bytes(gzip.compress(inner), "a.gz")
    assert caught.value.code == "unpacked_too_large"


@pytest.mark.parametrize(
    ("data", "name", "format"),
    [
        (CSV, "a.xlsx", "csv"),
        (CSV, "a.json", "csv"),
        (CSV, "a.parquet", "csv"),
        (JSON, "a.csv", "jsonl"),
        (workbook(), "a.csv", "xlsx"),
        (workbook(), "a.txt", "xlsx"),
        (workbook(), "a.parquet", "xlsx"),
    ],
)
def test_what_a_file_is_decides_and_a_wrong_name_is_said(data: bytes, name: str, format: str) -> None:
    table = read_bytes(data, name)
    assert table.format == format
    assert table.cells("label") == [label for _, label in ROWS]
    wrong = [warning.params["format"] for warning in table.warnings if warning.code == "misnamed"]
    assert wrong == ([] if name == "a.txt" else [format.upper()])


HTML = """<html><head><style>td {color: red}</style></head><body><table><tr><td>menu</td></tr></table>
<table border=1><tr><th colspan=2>Votes</th><tr><th>text<th>label</tr>%s</table></body></html>"""
XML = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>
 <Row><Cell><Data>text</Data></Cell><Cell><Data>by</Data></Cell><Cell><Data>label</Data></Cell></Row>%s
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a"])
@pytest.mark.parametrize("kind", ["html", "xml"])
def test_a_web_page_called_a_workbook_is_read_and_said(kind: str, name: str) -> None:
    if kind == "html":
        rows = "".join(f"<tr><td>{text} &amp; <b>more</b><td>{label}</tr>" for text, label in ROWS)
        page, said = HTML % rows, [f"{text} & more" for text, _ in ROWS]
    else:
        cell = '<Row><Cell><Data ss:Type="String">{}</Data></Cell><Cell ss:Index="3"><Data>{}</Data></Cell></Row>'
        page, said = XML % "".join(cell.format(*row) for row in ROWS), [text for text, _ in ROWS]
    table = read_bytes(page.encode(), name)
    assert (table.format, table.cells("text"), table.cells("label")) == ("html", said, [label for _, label in ROWS])
    assert ("misnamed" in [warning.code for warning in table.warnings]) == (name != "a")


def parts(table: pyarrow.Table, write: Callable[..., None]) -> bytes:
    sink = io.BytesIO()
    write(table, sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("format", "write"), [("parquet", parquet.write_table), ("arrow", feather.write_feather)], ids=["parquet", "arrow"]
)
def test_columns_of_every_type_become_text(format: str, write: Callable[..., None]) -> None:
    made = pyarrow.table(
        {
            "text": pyarrow.array(["很好", "bad"] * 2000).dictionary_encode(),
            "label": [1, None] * 2000,
            "score": [0.5, float("nan")] * 2000,
            "good": [True, False] * 2000,
            "when": [datetime.date(2024, 5, 1), None] * 2000,
            "tags": [["a", "b"], []] * 2000,
            "more": [{"by": "Ann"}, None] * 2000,
        }
    )
    table = read_bytes(parts(made, write), "a." + {"parquet": "parquet", "arrow": "feather"}[format])
    assert (table.format, len(table), table.columns) == (format, 4000, made.column_names)
    rows = table.frame.to_numpy().tolist()
    assert rows[-2] == ["很好", "1", "0.5", "true", "2024-05-01", '["a", "b"]', '{"by": "Ann"}']
    assert rows[-1] == ["bad", "", "", "false", "", "[]", ""]


def test_a_long_text_that_parquet_stores_once_counts_as_often_as_it_stands() -> None:
    made = pyarrow.table({"text": pyarrow.array(["x" * 100_000] * 5000).dictionary_encode()})
    data = parts(made, parquet.write_table)
    assert len(data) < 1_000_000
    with pytest.raises(InputError) as caught:
        read_bytes(data, "a.parquet")
    assert caught.value.code == "unpacked_too_large"


def database(folder: Path) -> bytes:
    with sqlite3.connect(folder / "a.db") as connection:
        connection.execute("create table texts (text)")
    return (folder / "a.db").read_bytes()


def array(_: Path) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.arange(9))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("PDF", lambda _: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"),
        ("Word", lambda _: zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"})),
        ("Word", lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le")),
        ("PowerPoint", lambda _: zipped({"ppt/presentation.xml": b"<a/>"})),
        ("JPEG", lambda _: b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("picture", lambda _: b"RIFF\0\0\0\0WEBPVP8 "),
        ("SQLite", database),
        ("pickle", lambda _: pickle.dumps({"text": ["a", "b"]})),
        ("HDF5", lambda _: b"\x89HDF\r\n\x1a\n\0\0"),
        ("RAR", lambda _: b"Rar!\x1a\x07\x01\0"),
        ("7z", lambda _: b"7z\xbc\xaf\x27\x1c\0\4"),
        ("NumPy", array),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a"])
def test_what_holds_no_table_is_named(kind: str, make: Callable[[Path], bytes], name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=kind):
        read_bytes(make(tmp_path), name)


@pytest.mark.parametrize(
    ("data", "name", "options"),
    [
        (JSON, "a.jsonl", {"delimiter": ";"}),
        (JSON, "a.jsonl", {"has_header": False}),
        (CSV, "a.csv", {"sheet": "Data"}),
        (workbook(), "a.xlsx", {"delimiter": ","}),
        (workbook(), "a.xlsx", {"encoding": "utf-8"}),
        (workbook(), "a.xlsx", {"replace_bytes": True}),
        (parts(pyarrow.table({"text": ["a"]}), parquet.write_table), "a.parquet", {"has_header": True}),
        (b"__label__a it\n__label__b is", "a.txt", {"sheet": "1"}),
    ],
)
def test_an_option_that_means_nothing_for_a_format_is_refused(
    data: bytes, name: str, options: dict[str, object]
) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(data, name, **options)  # type: ignore[arg-type]
    assert caught.value.code == "option_unused"
    (remedy,) = caught.value.remedies
    assert read_bytes(data, name, **{**options, **remedy.read}).name == name


def test_no_option_changes_a_sample() -> None:
    assert len(resolve("sample:fruit", delimiter=None, has_header=None, replace_bytes=False)) > 0
    with pytest.raises(InputError, match="delimiter"):
        resolve("sample:fruit", delimiter=";")


def test_a_delimiter_makes_a_text_file_a_table(tmp_path: Path) -> None:
    lines = "\n".join(f"{'up' if i % 2 else 'down'};thing {i}, and more" for i in range(20))
    table = read_bytes(lines.encode(), "a.txt", delimiter=";")
    assert (table.format, len(table), len(table.columns)) == ("csv", 20, 2)
    path = tmp_path / "a.txt"
    words = " ".join(f"word{i}" for i in range(30))
    path.write_text("id;said\n" + "".join(f"{i};{i}, {words}\n" for i in range(60)))
    corpus, _ = load_corpus(DataConfig(str(path), text_column="said"), "", 0, delimiter=";")
    assert corpus.texts[0] == f"0, {words}"


def test_a_header_is_taken_from_a_text_file_too() -> None:
    table = read_bytes(b"Remarks\nit was fine\nit was not\n", "a.txt", has_header=True)
    assert (table.columns, len(table)) == (["Remarks"], 2)

"""Workbooks: which sheet, merged cells, formulas, cells that are no text, and files that would eat the memory."""

from __future__ import annotations

import base64
import datetime
import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest

from dynmask_core.data import Table, build, read_bytes
from dynmask_core.data.readers import spreadsheet
from dynmask_core.errors import InputError

ROWS = [["text", "label"], *([f"noted thing {i}", "up" if i % 2 else "down"] for i in range(20))]
NOTES = [["How to fill this in"], ["Write one text per row", "and ask Ann"], ["Due", "soon"]]

# What a program of 2003 writes: a sheet "Data" with four columns of texts, numbers, a truth value and merged cells.
OLD = (
    "c-rk)O=uHA6#iy^@<*B`H5FQ+go0ITFXF{Z8x?I&mMVfj2zApeB280Sa!^67)_@m5@T7Pt^x~!J#UB*Wn+Kty2SE@LMX>ZFR1j>lzInTgsqUcx"
    "Emrnh=FQBTZ)V=kyf^#vYBp7wy4POCFX)4cnjJ-`PA4cuy-E_)Zrifx<q=ADfHj3^gf=py<8jl=u-rqr-&H8Mt34+Pe4um;r!Y8PG&8G+-E4y)"
    "qz%0!1#Xchfi||Ph2;p#bu8~N^9jqHthvgvm$(&i6tmgE?j5cdA67cKEde?11Mc&VHQUgN7t)I_ToVpg$1dxnQTR6-I<z>ZLHjmf7EQ}2RFI|("
    "oW@r>11xxv`YaRZS644U`ftniVITc<MFS>aA7=+IBaS&$wrJR6l#E66^N|{14NB(ek`5G%oLNvIt_+_$q8^M>6j-0f%uLSuUYIkfch1OD43C-C"
    "2{TXLGD0aIlLt2kdU9EyH*o;ON#@ba<rIfOlIC2z{pIz(+)#FyH4|)w^9a}|t%i+@vIliez#9+D?Pj@^<s}|<1DD%brpb9J?;2`#3;mPKxy-Fy"
    "G|zU%o9w2#@@6WR=l4JCD1Xduq4LZ?^=x|PZFUNs^hnB6e|b%!NA!rBHzXcqy<E7*#e0@*za1SBCF$C3yU)31EFs3l6icTjS4X&f;lmfqmm{86"
    "Vr)-}S4Hv_AHKqT)#W>@Kd(A`)rYS#U#`8bM5yN2BiWh{TVr;}wO(Vk?pmY!@O9=(*LX_ntGlCr;``FLF3_j6;J!4Qj@X}wAwYlt0RjXF5Fo&s"
    "fpA~iRp%pvUjyY!W7z$#vqY&D{3iKtaRB3VmFUBCFN%~~IMa~-tcNbVvBV1dc>fC}4$<ruMv-GXMjQ5D`m_`E_p{=T$v+oDjm}?d#LmAw{|_w2"
    "*|q"
)


def book(sheets: dict[str, Sequence[Sequence[object]]], *, merged: str = "", hidden: str = "") -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    for cells in merged.split():
        made.worksheets[0].merge_cells(cells)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def ods(rows: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Data">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return buffer.getvalue()


def said(table: Table) -> list[str]:
    return [warning.code for warning in table.warnings]


def test_sheets_of_instructions_are_passed_over_and_named() -> None:
    table = read_bytes(book({"Read me": NOTES, "Votes": ROWS}), "a.xlsx")
    assert (table.sheet, table.sheets, len(table)) == ("Votes", ("Read me", "Votes"), 20)
    (warning,) = table.warnings
    assert warning.params == {"sheet": "Votes", "others": "Read me"}
    assert [dict(remedy.read) for remedy in warning.remedies] == [{"sheet": "Read me"}]


def test_the_first_of_several_tables_is_read_and_the_others_are_offered() -> None:
    data = book({f"Wave {i}": [*ROWS, [f"only in {i}", "up"]] for i in range(8)})
    table = read_bytes(data, "a.xlsx")
    assert table.sheet == "Wave 0"
    assert [remedy.read["sheet"] for remedy in table.warnings[0].remedies] == [f"Wave {i}" for i in range(1, 6)]
    named = read_bytes(data, "a.xlsx", sheet="Wave 3")
    assert (named.sheet, named.cells("text")[-1], said(named)) == ("Wave 3", "only in 3", [])


def test_a_sheet_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(InputError, match="Votes") as caught:
        read_bytes(book({"Votes": ROWS}), "a.xlsx", sheet="votes")
    assert [dict(remedy.read) for remedy in caught.value.remedies] == [{"sheet": "Votes"}]


def test_hidden_and_empty_sheets_are_not_taken_but_hidden_ones_can_be() -> None:
    data = book({"Old": ROWS, "Nothing": [], "New": ROWS}, hidden="Old")
    table = read_bytes(data, "a.xlsx")
    assert (table.sheet, table.sheets) == ("New", ("New", "Old"))
    assert read_bytes(data, "a.xlsx", sheet="Old").sheet == "Old"


def test_the_sheet_with_the_columns_that_the_user_names_is_read() -> None:
    data = book({"First": ROWS, "Second": [["said", "mood"], *ROWS[1:]]})
    assert read_bytes(data, "a.xlsx", columns=("mood",)).sheet == "Second"


def test_a_list_of_codes_before_the_texts_is_not_taken_for_them() -> None:
    codes = [["code", "meaning"], *([f"c{i}", "old" if i < 4 else "new"] for i in range(9))]
    assert read_bytes(book({"Codes": codes, "Votes": ROWS}), "a.xlsx").sheet == "Votes"


def test_merged_cells_are_filled_and_counted() -> None:
    rows = [["label", "text"], *(["up" if i == 0 else None, f"said {i}"] for i in range(6)), ["down", "said 6"]]
    table = read_bytes(book({"A": rows}, merged="A2:A7"), "a.xlsx")
    assert table.cells("label") == ["up"] * 6 + ["down"]
    assert [(warning.code, warning.params) for warning in table.warnings] == [("merged_cells", {"cells": 5})]


def test_a_title_merged_over_the_table_is_a_title() -> None:
    table = read_bytes(book({"A": [["Votes of May", None], *ROWS]}, merged="A1:B1"), "a.xlsx")
    assert (table.columns, len(table), said(table)) == (["text", "label"], 20, ["preamble"])


def test_merged_names_of_groups_stand_above_the_names() -> None:
    rows = [["Answer", None, "About"], ["text", "label", "age"], *([*row, i] for i, row in enumerate(ROWS[1:]))]
    table = read_bytes(book({"A": rows}, merged="A1:B1"), "a.xlsx")
    assert (table.columns, len(table)) == (["text", "label", "age"], 20)
    assert "preamble" in said(table)


def test_formulas_without_a_value_are_refused_or_counted() -> None:
    formula = [["text", "stars", "label"], *([f"said {i}", i % 5, f'=IF(B{i + 2}>2,"up","down")'] for i in range(9))]
    with pytest.raises(InputError, match="save it") as caught:
        read_bytes(book({"A": formula}), "a.xlsx")
    assert caught.value.code == "formula"
    beside = [["text", "label", "length"], *([f"said {i}", "up" if i % 2 else "down", f"=LEN(A{i})"] for i in range(9))]
    assert [warning.code for warning in read_bytes(book({"A": beside}), "a.xlsx").warnings] == ["formula_cells"]
    few = book({"A": [*ROWS, ["all", "=COUNTA(B2:B21)"]], "B": formula})
    table = read_bytes(few, "a.xlsx", sheet="A")
    assert next(warning.params for warning in table.warnings) == {"cells": 1}


def test_cells_are_as_typed_errors_empty_and_line_breaks_kept() -> None:
    then = datetime.datetime(2024, 5, 1, 8, 30)
    values = [True, 3.0, 0.5, then.date(), then, "#N/A", None, "a_x000D_\nb"]
    rows = [["text", "label"], *([f"said {i}", value] for i, value in enumerate(values))]
    cells = read_bytes(book({"A": rows}), "a.xlsx").frame["label"].tolist()
    assert cells[:-1] == ["TRUE", "3", "0.5", "2024-05-01", "2024-05-01T08:30:00", "", ""]
    assert cells[-1].split() == ["a", "b"]
    assert "x000D" not in cells[-1]


def test_a_workbook_of_2003_is_read() -> None:
    table = read_bytes(zlib.decompress(base64.b85decode(OLD)), "a.xls")
    assert (table.format, table.sheet) == ("xls", "Data")
    assert table.cells("text") == ["很好吃", "crème brûlée", "bad", "c", "d"]
    assert table.cells("label") == ["1", "2.5", "TRUE", "merged", "merged"]


def test_an_open_document_is_read_and_its_endless_empty_rows_are_not() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join("<table:table-row>" + "".join(map(cell.format, row)) + "</table:table-row>" for row in ROWS)
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    table = read_bytes(ods(rows + empty), "a.ods")
    assert (table.format, table.columns, len(table)) == ("ods", ["text", "label"], 20)
    assert len(build(table)[0].texts) == 20


def test_two_cells_in_the_farthest_corners_do_not_eat_the_memory() -> None:
    made = openpyxl.Workbook()
    made.active["A1"], made.active["XFD1048576"] = "text", "far"
    buffer = io.BytesIO()
    made.save(buffer)
    with pytest.raises(InputError) as caught:
        read_bytes(buffer.getvalue(), "a.xlsx")
    assert caught.value.code == "too_many_columns"


@pytest.mark.parametrize("end", ["import os; os.abort()", "import sys; sys.exit(3)", "print('no JSON')"])
def test_a_file_that_ends_the_process_of_its_reader_does_not_end_ours(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ends.py").write_text(end)
    module = ModuleType("ends")
    module.__file__ = str(tmp_path / "ends.py")
    monkeypatch.setattr(spreadsheet, "workbook_process", module)
    with pytest.raises(InputError) as caught:
        read_bytes(book({"A": ROWS}), "a.xlsx")
    assert caught.value.code == "workbook_invalid"

"""What a warning or an error offers does away with it, whatever file it is about."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dynmask_core import messages
from dynmask_core.config import DataConfig
from dynmask_core.data import read_path
from dynmask_core.data.load import load
from dynmask_core.errors import InputError
from dynmask_core.remedies import Remedy

SAID = [f"Nummer {i} war {word} für uns" for i in range(20) for word in ("schön", "öde")]
MOODS = ["froh", "trüb"] * 20


def table(texts: list[str] = SAID, labels: list[str] = MOODS, names: str = "text,label", more: str = "") -> str:
    return "\n".join([names, *(f"{text},{label}{more}" for text, label in zip(texts, labels, strict=True))]) + "\n"


def book(**sheets: str) -> bytes:
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    workbook.remove(workbook.active)
    for name, text in sheets.items():
        sheet = workbook.create_sheet(name)
        for line in text.splitlines():
            sheet.append(line.split(","))
    workbook.save(file)
    return file.getvalue()


FILES: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "bad_bytes": ("a.csv", table().encode().replace(b"\xc3\xb6", b"\xf6", 2), {}),
    "wrong_encoding": ("a.csv", table().encode(), {"encoding": "utf-16"}),
    "option_unused": ("a.csv", table().encode(), {"sheet": "A"}),
    "unknown_sheet": ("a.xlsx", book(A=table()), {"sheet": "B"}),
    "only_column": ("a.xlsx", book(A="one\nlonely\nname\n", B=table()), {"sheet": None, "columns": ("lonely",)}),
    "unknown_split": ("a.csv", table(names="text,label,split", more=",x").encode(), {}),
    "no_train_rows": ("a.csv", table(names="text,label,split", more=",test").encode(), {}),
    "encoding_guessed": ("a.csv", table().encode("cp1252"), {}),
    "header_guessed": ("a.csv", table(names="wort,laune").encode(), {}),
    "no_header_guessed": ("a.csv", table(names="ganz nett,ganz nett").encode(), {}),
    "preamble": ("a.csv", ("Was man uns schrieb\n" + table()).encode(), {}),
    "other_sheets": ("a.xlsx", book(A=table(), B=table(SAID[::-1])), {}),
    "labels_alike": ("a.csv", table(labels=["Froh", "trüb", "froh", "trüb"] * 10).encode(), {}),
    "missing_labels": ("a.csv", table(labels=["froh", "trüb", "froh", "trüb", "NULL"] * 8).encode(), {}),
    "missing_texts": ("a.csv", table(texts=[*SAID[4:], *["n/a"] * 4]).encode(), {}),
    "several_flags": ("a.csv", table(SAID, ["0,1", "1,0", "1,1", "0,0"] * 10, "text,rude,kind").encode(), {}),
    "column_guessed": ("a.csv", table(SAID, ["x,1", "y,2", "x,2", "y,1"] * 10, "text,place,size").encode(), {}),
}


def said(path: Path, config: DataConfig, read: dict[str, Any]) -> dict[str, tuple[Remedy, ...]]:
    """The codes of the error or of the warnings, with what they offer."""
    try:
        warnings = load(read_path(path, **read), config, 0)[1].warnings
    except InputError as error:
        return {error.code: error.remedies}
    return {warning.code: warning.remedies for warning in warnings}


@pytest.mark.parametrize("code", FILES)
def test_what_is_offered_mends_what_is_wrong(code: str, tmp_path: Path) -> None:
    name, data, read = FILES[code]
    path, config = tmp_path / name, DataConfig(str(tmp_path / name))
    path.write_bytes(data)
    offered = said(path, config, read)[code]
    assert offered
    for remedy in offered:
        assert all(remedy.text(lang) for lang in messages.LANGUAGES)
        known = {**read, **remedy.read}
        assert code not in said(path, replace(config, **remedy.config), known), remedy

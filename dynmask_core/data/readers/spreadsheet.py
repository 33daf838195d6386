"""Workbooks (XLSX, XLS, ODS) by calamine: one sheet, every cell as text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dynmask_core.data.limits import MAX_BYTES, MAX_CELLS, check_shape, check_unpacked
from dynmask_core.data.names import LABEL, TEXT, is_known_name, named
from dynmask_core.data.readers import workbook_process
from dynmask_core.data.readers.apart import CrashedError, run_apart
from dynmask_core.data.readers.grid import table_of
from dynmask_core.data.readers.header import SAMPLE_ROWS, guess_header, label_columns
from dynmask_core.data.readers.packed import DAMAGED, OLE_MAGIC, ZIP_MAGIC, read_member
from dynmask_core.data.readers.sheet_xml import check_extent, empty_formulas
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError
from dynmask_core.remedies import Remedy

_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_OLD_STREAMS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_BOOK = b"xl/workbook.xml"
_OFFERED = 5


@dataclass(frozen=True)
class Sheet:
    """What `workbook_process.sheets` tells. rows: without empty ones, all of equal width; [] if it is too large."""

    name: str
    visible: bool
    height: int
    width: int
    rows: list[list[str]]
    merged: int


def kind_of(data: bytes) -> str | None:
    """ "xlsx", "ods" or "xls"; None if `data` is no workbook."""
    if data.startswith(OLE_MAGIC):
        return "xls" if _ENCRYPTED_STREAM in data or any(stream in data for stream in _OLD_STREAMS) else None
    if _BOOK not in data and b"mimetype" not in data:
        return None  # names are written as they are: most archives need not be opened
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                return "ods" if read_member(archive, archive.getinfo("mimetype"), 100).strip() == _ODS else None
            return "xlsx" if _BOOK.decode() in names else None
    except DAMAGED:
        return None


def _read(source: Source) -> Table:
    """Raises `InputError`: `workbook_encrypted`, `workbook_invalid`, `unpacked_too_large`, `unknown_sheet`, `formula`,
    and what `table_of` raises."""
    data, kind = source.data, kind_of(source.data)
    if kind is None:
        raise InputError("workbook_invalid")
    if _ENCRYPTED_STREAM in data and kind == "xls":
        raise InputError("workbook_encrypted")
    if kind != "xls":
        check_archive(data)
    sheets = _sheets(data)
    sheet, warnings = _choose(sheets, source)
    check_shape(sheet.height, sheet.width)
    missing = empty_formulas(data, sheet.name) if kind == "xlsx" else 0
    if missing >= max(1, len(sheet.rows) // 2) and not _does_without(sheet.rows):
        raise InputError("formula", sheet=sheet.name)
    if missing:
        warnings.append(DataWarning("formula_cells", {"cells": missing}))
    if sheet.merged:
        warnings.append(DataWarning("merged_cells", {"cells": sheet.merged}))
    table = table_of(sheet.rows, source, kind)
    names = tuple(each.name for each in sheets)
    return replace(table, warnings=(*warnings, *table.warnings), sheet=sheet.name, sheets=names)


def check_archive(data: bytes) -> None:
    """Raises `InputError` for an archive that is too large to unpack, damaged, or would need too much memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise InputError("workbook_encrypted")
            # Any part can be a sheet, whatever it is called. Pictures are as large in the archive as outside.
            left = MAX_BYTES + len(data)
            for entry in entries:
                content = read_member(archive, entry, left)
                left -= len(content)
                check_unpacked(MAX_BYTES - left)
                if len(content) != entry.file_size:
                    raise InputError("workbook_invalid")
                check_extent(content)
    except InputError:
        raise
    except DAMAGED as error:
        raise InputError("workbook_invalid") from error


def _sheets(data: bytes) -> list[Sheet]:
    """All sheets that have rows, hidden ones last."""
    try:
        found = [Sheet(**sheet) for sheet in run_apart(workbook_process, data, MAX_CELLS)]
    except CrashedError as error:
        # Whatever is wrong inside (XML, references, dates), the user's fix is the same.
        raise InputError("workbook_encrypted" if b"PasswordError" in error.said else "workbook_invalid") from error
    if not found:
        raise InputError("empty_file")
    return sorted(found, key=lambda sheet: not sheet.visible)


def _choose(sheets: list[Sheet], source: Source) -> tuple[Sheet, list[DataWarning]]:
    """The sheet that the caller names; else the visible one that looks most like labelled texts."""
    by_name = {sheet.name: sheet for sheet in sheets}
    if source.sheet is not None:
        if source.sheet not in by_name:
            names = ", ".join(by_name)
            raise InputError("unknown_sheet", sheet=source.sheet, sheets=names).mended_by(*_offers(by_name))
        return by_name[source.sheet], []
    shown = [sheet for sheet in sheets if sheet.visible] or sheets
    chosen = max(shown, key=lambda sheet: _evidence(sheet.rows, source.columns))  # the first of the best
    others = [name for name in by_name if name != chosen.name]
    if not others:
        return chosen, []
    params = {"sheet": chosen.name, "others": ", ".join(others)}
    return chosen, [DataWarning("other_sheets", params, tuple(_offers(others)))]


def _offers(names: Any) -> list[Remedy]:
    return [Remedy("take_sheet", {"sheet": name}, read={"sheet": name}) for name in list(names)[:_OFFERED]]


def _evidence(rows: list[list[str]], columns: Sequence[str]) -> tuple[bool, bool, bool]:
    """Whether a sheet has columns that the caller names, a column of few values beside one of many, and known names."""
    head, part = rows[:10], rows[:SAMPLE_ROWS]
    labels, varied = [], False
    if len(rows) > 3:
        body = part[1:] if guess_header(part)[0] else part
        labels = label_columns(body)
        varied = any(len({row[column] for row in body}) > len(body) / 2 for column in range(len(body[0])))
    named = any(name in row for row in head for name in columns)
    return named, bool(labels) and varied, any(is_known_name(cell) for row in head for cell in row)


def _does_without(rows: list[list[str]]) -> bool:
    """Whether texts and labels are there, and no column of which only the name is left was to be one of them."""
    columns = ([cell for cell in map(str.strip, column) if cell] for column in zip(*rows, strict=True))
    lost = [filled[0] for filled in columns if len(filled) == 1]
    return _evidence(rows, ())[1] and not any(named(name, role).strength for name in lost for role in (TEXT, LABEL))


def _reader(format: str, *suffixes: str) -> Reader:
    def is_binary(data: bytes) -> bool:
        return data.startswith((ZIP_MAGIC, OLE_MAGIC)) and kind_of(data) == format

    return Reader(format, suffixes, _read, is_binary, uses=("sheet", "has_header"))


WORKBOOKS = (_reader("xlsx", ".xlsx", ".xlsm"), _reader("xls", ".xls"), _reader("ods", ".ods"))

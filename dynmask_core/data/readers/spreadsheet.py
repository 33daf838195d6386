"""XLSX: the first visible sheet, every cell as text."""

from __future__ import annotations

import datetime
import io
import warnings
import zipfile
from typing import Any

from dynmask_core.data.limits import MAX_BYTES, check_shape
from dynmask_core.data.readers.grid import frame_of, has_header
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


def is_workbook(data: bytes) -> bool:
    """Whether `data` is a ZIP archive with a workbook inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def records(data: bytes, limit: int = MAX_BYTES) -> list[list[str]]:
    """Rows of the first visible sheet, without empty rows and without empty cells at the end of a row.

    Raises `InputError`: `xlsx_encrypted`, `xls_old`, `xlsx_invalid`, and `xlsx_too_large` if its XML unpacks to more
    than `limit` bytes.
    """
    if data.startswith(OLE_MAGIC):
        raise InputError("xlsx_encrypted" if _ENCRYPTED_STREAM in data else "xls_old")
    if not is_workbook(data):
        raise InputError("xlsx_invalid")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(entry.flag_bits & 1 for entry in archive.infolist()):
            raise InputError("xlsx_encrypted")
        if sum(entry.file_size for entry in archive.infolist() if entry.filename.endswith(".xml")) > limit:
            raise InputError("xlsx_too_large", limit=limit // 2**20)
    try:
        return _rows(data)
    except Exception as error:
        # Whatever is wrong in the archive (XML, references, dates), the user's fix is the same.
        raise InputError("xlsx_invalid") from error


def _rows(data: bytes) -> list[list[str]]:
    # Not at the top: the import is slow, and only XLSX files need it.
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        sheet = sheets[0]
        sheet.reset_dimensions()  # the size that the file claims may be wrong
        rows: list[list[str]] = []
        for values in sheet.iter_rows(values_only=True):
            row = [_cell(value) for value in values]
            while row and not row[-1]:
                row.pop()
            if row:
                rows.append(row)
        return rows
    finally:
        book.close()


def _cell(value: Any) -> str:
    """A cell as a person would type it; spreadsheets store 1 as 1.0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _read(source: Source) -> Table:
    rows = records(source.data)
    # Spreadsheet rows have equal width: cells missing at the end of a row are empty.
    width = max(map(len, rows), default=0)
    check_shape(len(rows), width)
    rows = [row + [""] * (width - len(row)) for row in rows]
    header = has_header(rows) if source.has_header is None else source.has_header
    frame, malformed = frame_of(rows, header)
    return Table(frame, "xlsx", has_header=header, malformed=malformed)


def _is_spreadsheet(data: bytes) -> bool:
    return data.startswith(OLE_MAGIC) or (data.startswith(ZIP_MAGIC) and is_workbook(data))


XLSX = Reader("xlsx", (".xlsx", ".xlsm"), _read, is_binary=_is_spreadsheet)

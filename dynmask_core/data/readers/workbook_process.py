"""Reads a workbook: `python workbook_process.py MOST_CELLS < FILE` prints JSON.

See `apart`. This file imports nothing of the package, so that the process starts at once.
"""

import datetime
import json
import sys
from io import BytesIO
from typing import Any

Rows = list[list[str]]


def sheets(data: bytes, most_cells: int) -> list[dict[str, Any]]:
    """Of every sheet that has rows: name, visible, height, width, rows ([] if there are too many cells), merged: the
    number of cells filled from a merged one."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(BytesIO(data))
    found = []
    for about in book.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        if sheet.start is None:
            continue
        visible = about.visible == SheetVisibleEnum.Visible
        size = {"height": sheet.height, "width": sheet.width}
        large = sheet.height * sheet.width > most_cells
        rows, merged = ([], 0) if large else _rows(sheet)
        if rows or large:
            found.append({"name": about.name, "visible": visible, "rows": rows, "merged": merged, **size})
    return found


def _rows(sheet: Any) -> tuple[Rows, int]:
    """The rows without empty ones, merged cells filled down and to the right; and the number of cells so filled."""
    rows = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=True)]
    top, left = sheet.start
    height, width = len(rows), len(rows[0]) if rows else 0
    filled = 0
    for (first, left_column), (last, right_column) in sheet.merged_cell_ranges or ():
        above, below = max(first - top, 0), min(last - top, height - 1)
        start, end = max(left_column - left, 0), min(right_column - left, width - 1)
        # A title over the whole table names no column.
        if above > below or start > end or (above == below and end - start + 1 == width):
            continue
        value = rows[above][start]
        for row in range(above, below + 1):
            for column in range(start, end + 1):
                if value and not rows[row][column]:
                    rows[row][column] = value
                    filled += 1
    return [row for row in rows if any(row)], filled


def _cell(value: Any) -> str:
    """A cell as a person would type it; spreadsheets store 1 as 1.0. Errors such as #N/A come as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(sheets(sys.stdin.buffer.read(), int(sys.argv[1]))))

"""What must be seen in a workbook's XML, because calamine does not tell it."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from xml.etree import ElementTree

from dynmask_core.data.limits import check_shape

# Cells that have a format and no content end at once, and take no memory.
_CELL = re.compile(rb'<c (?>[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})")[^<>/]*+>')
# A formula whose value is the empty text has the type "str"; one that no program has computed has no value at all.
_NO_VALUE = re.compile(
    rb'<c(?![^<>]*\bt="str")[^<>]*+>\s*+<f[^<>/]*+(?:/>|>[^<]*+</f>)\s*+(?:<v>\s*+</v>|<v\s*+/>)?\s*+</c>'
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def check_extent(xml: bytes) -> None:
    """Raises `InputError` `too_many_columns` for a sheet whose cells lie so far apart that memory would not do."""
    cells = _CELL.findall(xml)
    columns = max((_number(letters) for letters in {letters for letters, _ in cells}), default=0)
    check_shape(max((int(row) for _, row in cells), default=0), columns)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def empty_formulas(data: bytes, sheet: str) -> int:
    """Number of cells of an XLSX sheet with a formula and no value; 0 if the sheet is not found."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
            relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
            wanted = {each.get(_RELATION) for each in book.iter() if each.get("name") == sheet}
            target = next(each.get("Target", "") for each in relations if each.get("Id") in wanted)
            return len(_NO_VALUE.findall(archive.read(posixpath.normpath(posixpath.join("/xl", target))[1:])))
        except (KeyError, StopIteration, ElementTree.ParseError):
            return 0

"""What wraps a file: gzip, bzip2, xz, or a ZIP archive with one data file. And what a file is that holds no table."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Collection
from copy import copy
from pathlib import PurePath
from typing import IO, Any

from dynmask_core.data.limits import MAX_BYTES, MAX_MEMBERS, check_unpacked
from dynmask_core.errors import InputError
from dynmask_core.messages import listed

_WORKBOOKS = (".xlsx", ".xlsm", ".ods")  # ZIP archives, too
PACKED_SUFFIXES = (".gz", ".bz2", ".xz", ".zip")
ZIP_MAGIC = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, KeyError, RuntimeError, struct.error,
)  # fmt: skip
"""What the standard library raises for a damaged archive."""
_STREAMS: tuple[tuple[bytes, Callable[[IO[bytes]], Any]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\0", lzma.open),
)
_DEPTH = 3  # a ZIP archive may hold a .csv.gz; more layers are nobody's data

_IMAGES = (
    (0, b"\x89PNG", "PNG"), (0, b"\xff\xd8\xff", "JPEG"), (0, b"GIF8", "GIF"), (8, b"WEBP", "WebP"),
    (0, b"II*\0", "TIFF"), (0, b"MM\0*", "TIFF"), (4, b"ftypheic", "HEIC"), (4, b"ftypavif", "AVIF"),
)  # fmt: skip
_OTHERS = (
    (0, b"%PDF", "PDF"), (0, b"SQLite format 3\0", "SQLite"), (0, b"\x89HDF\r\n", "HDF5"), (0, b"\x93NUMPY", "NumPy"),
    (0, b"Rar!", "RAR"), (0, b"7z\xbc\xaf", "7z"), (257, b"ustar", "TAR"), (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"{\\rtf", "RTF"), (0, b"$FL2", "SPSS"), (0, b"<stata_dta>", "Stata"), (0, b"RDX", "R"), (0, b"X\n\0\0\0", "R"),
    (0, b"ORC", "ORC"), (0, b"Obj\x01", "Avro"), (0, b"ID3", "MP3"), (0, b"RIFF", "WAV/AVI"), (4, b"ftyp", "MP4"),
    (0, b"OggS", "Ogg"), (0, b"\x7fELF", "ELF"), (0, b"\0\x01\0\0Standard", "Access"),
    *((0, b"\x80" + bytes([version]), "pickle") for version in range(2, 6)),
)  # fmt: skip
_IN_ZIP = (
    ("word/", "Word"), ("ppt/", "PowerPoint"), ("xl/workbook.bin", "XLSB"), ("META-INF/container.xml", "EPUB"),
    ("Index/Document.iwa", "Pages/Numbers"), ("Index/Tables/", "Numbers"),
)  # fmt: skip
_IN_OLE = (("WordDocument", "Word"), ("PowerPoint Document", "PowerPoint"), ("__nameid_version1.0", "Outlook"))


def unpack(data: bytes, name: str, known: Collection[str], is_own: Callable[[bytes], bool]) -> tuple[bytes, str]:
    """The innermost file and its name.

    known: endings of files that can be read, to tell the data of an archive from its notes. is_own: whether bytes are a
    format that is itself a ZIP archive. Raises `InputError`: `unpacked_too_large` (20 MB), `packed_broken`,
    `zip_crowded`, `zip_encrypted`, `zip_several`, `zip_empty`, and what `refuse_other_formats` raises.
    """
    for _ in range(_DEPTH):
        check_crowd(data)
        opened = next((opener for magic, opener in _STREAMS if data.startswith(magic)), None)
        if opened is not None:
            data = _limited(opened(io.BytesIO(data)))
            inner = PurePath(name)
            name = inner.stem if inner.suffix.casefold() in PACKED_SUFFIXES else name
        elif data.startswith((ZIP_MAGIC, _EMPTY_ZIP)) and not is_own(data):
            data, name = _only_member(data, name, known)
        else:
            break
    return data, name


def _limited(file: IO[bytes]) -> bytes:
    """All of a packed file, read only as far as the limit."""
    try:
        with file:
            content = file.read(MAX_BYTES + 1)
    except DAMAGED as error:
        raise InputError("packed_broken") from error
    check_unpacked(len(content))
    return content


def _only_member(data: bytes, name: str, known: Collection[str]) -> tuple[bytes, str]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGED as error:
        workbook = PurePath(name).suffix.casefold() in _WORKBOOKS
        raise InputError("workbook_invalid" if workbook else "packed_broken") from error
    with archive:
        for start, kind in _IN_ZIP:
            if any(entry.startswith(start) for entry in archive.namelist()):
                raise InputError("not_a_table", kind=kind)
        # macOS adds a folder of its own, and hidden files.
        files = [
            entry
            for entry in archive.infolist()
            if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")
            if not PurePath(entry.filename).name.startswith(".")
        ]
        readable = [entry for entry in files if PurePath(entry.filename).suffix.casefold() in known]
        data_files = [entry for entry in readable if not entry.filename.casefold().endswith(".txt")]
        chosen = next((group for group in (files, data_files, readable) if len(group) == 1), None)
        if chosen is None:
            if not files:
                raise InputError("zip_empty")
            raise InputError("zip_several", files=listed((entry.filename for entry in readable or files), 5))
        if chosen[0].flag_bits & 1:
            raise InputError("zip_encrypted")
        try:
            content = read_member(archive, chosen[0], MAX_BYTES)
        except DAMAGED as error:
            raise InputError("packed_broken") from error
        check_unpacked(len(content))
        return content, PurePath(chosen[0].filename).name


def read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """A file of an archive, unpacked as far as `most + 1` bytes, whatever the archive says of its size. Raises one of
    `DAMAGED`."""
    whole = copy(entry)
    whole.file_size = sys.maxsize  # `ZipFile` would trust it, and cut off what is beyond
    # Of bzip2 and LZMA it unpacks all that it has read at once: a megabyte can hold gigabytes.
    step = 2**20 if entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) else 4096
    parts, size = [], 0
    with archive.open(whole) as file:
        while size <= most and (part := file.read(min(step, most + 1 - size))):
            parts.append(part)
            size += len(part)
    return b"".join(parts)


def check_crowd(data: bytes) -> None:
    """Raises `InputError` `zip_crowded` for an archive of so many files that their list alone takes seconds to read."""
    if data.startswith((ZIP_MAGIC, _EMPTY_ZIP)) and data.count(_ENTRY) > MAX_MEMBERS:
        raise InputError("zip_crowded", limit=MAX_MEMBERS)


def check_members(archive: zipfile.ZipFile, most: int) -> None:
    """Raises ValueError if the files of an archive unpack to more than `most` bytes together, or to other sizes than
    it says: what it says can then be relied upon. Raises one of `DAMAGED`."""
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > most:
        raise ValueError(most)
    for entry in entries:
        if len(read_member(archive, entry, entry.file_size)) != entry.file_size:
            raise ValueError(entry.filename)


def refuse_other_formats(data: bytes) -> None:
    """Raises `InputError` that names a known format without a table in it: `is_image`, `is_sound`, `not_a_table`."""
    for offset, magic, kind in _IMAGES:
        if data[offset : offset + len(magic)] == magic:
            raise InputError("is_image", kind=kind)
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        raise InputError("is_sound")
    for offset, magic, kind in _OTHERS:
        if data[offset : offset + len(magic)] == magic:
            raise InputError("not_a_table", kind=kind)
    if data.startswith(OLE_MAGIC):
        for stream, kind in _IN_OLE:
            if stream.encode("utf-16-le") in data:
                raise InputError("not_a_table", kind=kind)

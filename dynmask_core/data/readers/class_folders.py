"""A ZIP archive of pictures or sounds: a folder for each class, perhaps within train and test folders."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from dynmask_core.config import MAX_SIDE
from dynmask_core.data.encoding import decode
from dynmask_core.data.limits import MAX_BYTES
from dynmask_core.data.media import IMAGE, SOUND, Budget, is_readable, open_picture, picture_of, to_url
from dynmask_core.data.readers.packed import DAMAGED, ZIP_MAGIC, read_member
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.split import split_codes
from dynmask_core.data.table import Table
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError
from dynmask_core.messages import listed

FORMAT = "class folders"
FILE = "file"
"""The column with the names of the files."""
MAX_FILES = 20_000
MAX_UNPACKED = 5 * MAX_BYTES
"""Bytes; sounds and plain pictures become much smaller when they are packed."""
_KINDS = {
    ".png": (IMAGE, "image/png"), ".jpg": (IMAGE, "image/jpeg"), ".jpeg": (IMAGE, "image/jpeg"),
    ".jpe": (IMAGE, "image/jpeg"), ".gif": (IMAGE, "image/gif"), ".bmp": (IMAGE, "image/bmp"),
    ".webp": (IMAGE, "image/webp"), ".wav": (SOUND, "audio/wav"),
}  # fmt: skip
_TABLES = (".csv", ".tsv", ".jsonl", ".json", ".xlsx", ".parquet", ".arrow", ".html", ".htm")
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’·—…]").fullmatch
_UTF8 = 0x800  # the flag of a name that is written in UTF-8


def read(source: Source) -> Table:
    """Columns `image` or `sound`, `label` and `file`, and `split` if all files lie in train, validation or test
    folders. A picture is made no larger than MAX_SIDE, and one that is smaller is kept as it is.

    Folders around all class folders mean nothing. Without class folders there is no column `label`. Left out: hidden
    files, files of other kinds, and those outside class folders. One that cannot be decoded becomes an empty picture or
    sound, which no data set takes. A warning counts each.
    Raises `InputError`: `packed_broken`, `zip_encrypted`, `unpacked_too_large`, `too_many_files`, `media_mixed`,
    `pictures_too_large`, `media_all_broken`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            return _table(archive)
    except InputError:
        raise
    except DAMAGED as error:
        raise InputError("packed_broken") from error


def _table(archive: zipfile.ZipFile) -> Table:
    members = dict(_visible(archive))
    kinds = {path: _KINDS[path.suffix.casefold()] for path in members if path.suffix.casefold() in _KINDS}
    counts = [sum(kind == medium for kind, _ in kinds.values()) for medium in (IMAGE, SOUND)]
    if all(counts):
        raise InputError("media_mixed", pictures=counts[0], sounds=counts[1])
    if len(kinds) > MAX_FILES:
        raise InputError("too_many_files", files=len(kinds), limit=MAX_FILES)
    if any(members[path].flag_bits & 1 for path in kinds):
        raise InputError("zip_encrypted")
    if sum(members[path].file_size for path in kinds) > MAX_UNPACKED:
        raise InputError("unpacked_too_large", limit=MAX_UNPACKED // 2**20)
    paths = sorted(kinds)
    labels, splits = _folders(paths)
    loose = sum(not label for label in labels) if len(set(filter(None, labels))) > 1 else 0
    medium = SOUND if counts[1] else IMAGE
    budget, left, broken, rows = Budget(), MAX_UNPACKED, [], []
    for path, label, split in zip(paths, labels, splits, strict=True):
        if loose and not label:
            continue
        content = _content(archive, members[path], left)
        left -= len(content)
        if left < 0:
            raise InputError("unpacked_too_large", limit=MAX_UNPACKED // 2**20)
        sample = _sample(content, *kinds[path], budget)
        if not sample:
            sample = to_url(b"", kinds[path][1])
            broken.append(str(path))
        rows.append((sample, label, str(path), split))
    if len(rows) == len(broken):
        raise InputError("media_all_broken", files=len(broken))
    frame = pd.DataFrame(rows, columns=[medium, "label", FILE, "split"], dtype=object)
    unlabelled = [] if frame["label"].nunique() > 1 else ["label"]
    frame = frame.drop(columns=[*unlabelled, *([] if any(splits) else ["split"])])
    others = [str(path) for path in members if path not in kinds]
    return Table(frame, FORMAT, warnings=tuple(_warnings(broken, others, loose)))


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """A file of the archive, see `read_member`; b"" if it is damaged, which is a broken file like others."""
    try:
        return read_member(archive, member, most)
    except DAMAGED:
        return b""


def _warnings(broken: Sequence[str], others: Sequence[str], loose: int) -> Iterator[DataWarning]:
    if broken:
        yield DataWarning("media_broken", {"files": len(broken), "names": listed(broken, 3)})
    if others:
        yield DataWarning("media_others", {"files": len(others), "names": listed(others, 3)})
    if loose:
        yield DataWarning("media_loose", {"files": loose})


def _visible(archive: zipfile.ZipFile) -> Iterator[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """The files that people see, each with its path."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    for name, entry in zip(_names(entries), entries, strict=True):
        path = PurePosixPath(name.replace("\\", "/"))
        hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
        if not hidden and path.name.casefold() not in ("thumbs.db", "desktop.ini"):
            yield path, entry


def _names(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names as they were written: Windows writes those that are not English in its own encoding, and does not say
    in which."""
    names = [entry.filename for entry in entries]
    unsure = [i for i, entry in enumerate(entries) if not entry.flag_bits & _UTF8 and not entry.filename.isascii()]
    try:
        written = b"\n".join(names[i].encode("cp437") for i in unsure)
        found = _written(written).split("\n") if unsure else []
    except (UnicodeEncodeError, InputError):
        return names
    if len(found) == len(unsure):
        for i, name in zip(unsure, found, strict=True):
            names[i] = name
    return names


def _written(names: bytes) -> str:
    """Chinese names are tried first: they are too short for a guess by their letters."""
    for encoding in ("utf-8", "gb18030"):
        try:
            found = names.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or all(letter.isascii() or _CHINESE(letter) for letter in found):
            return found
    return decode(names).text


def _folders(paths: Sequence[PurePosixPath]) -> tuple[list[str], list[str]]:
    """The label and the part (train, test, …) of each file, "" for none."""
    folders = [path.parts[:-1] for path in paths]
    while True:
        outer = {parts[0] for parts in folders if parts}
        if len(outer) != 1 or not any(len(parts) > 1 for parts in folders):
            break
        folders = [parts[1:] for parts in folders]
    splits = [""] * len(folders)
    outer = {parts[0] for parts in folders if parts}
    if outer and not split_codes(outer)[1] and any(len(parts) > 1 for parts in folders):
        splits = [parts[0] if parts else "" for parts in folders]
        folders = [parts[1:] for parts in folders]
    return [parts[0] if parts else "" for parts in folders], splits


def _sample(content: bytes, medium: str, kind: str, budget: Budget) -> str:
    """A file as a sample; "" if it cannot be decoded."""
    as_it_is = to_url(content, kind)
    if medium == SOUND:
        return as_it_is if is_readable(as_it_is) else ""
    try:
        picture = open_picture(content, 2 * MAX_SIDE, budget)
    except InputError as error:
        if error.code != "media_broken":
            raise
        return ""
    if max(picture.size) <= MAX_SIDE and kind in ("image/png", "image/jpeg"):
        return as_it_is
    scale = min(1.0, MAX_SIDE / max(picture.size))
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    return picture_of(np.asarray(picture.resize(size) if scale < 1 else picture))


def is_class_folders(data: bytes) -> bool:
    """Whether most of what a ZIP archive shows are pictures or sounds, and it is not a table with some beside it."""
    if not data.startswith(ZIP_MAGIC):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            paths = [path for path, _ in _visible(archive)]
    except DAMAGED:
        return False
    media = [path for path in paths if path.suffix.casefold() in _KINDS]
    tables = [path for path in paths if path.suffix.casefold() in _TABLES]
    office = any(path.name in ("[Content_Types].xml", "mimetype", "container.xml") for path in paths)
    if office or 2 * len(media) <= len(paths):
        return False
    return not tables or len(set(_folders(media)[0])) > 1


CLASS_FOLDERS = Reader(FORMAT, (), read, is_binary=is_class_folders, uses=())

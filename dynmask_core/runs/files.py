"""Files that are written by one process and read by many, on disks that fill up and tear what they hold.

A write is atomic: a file is complete or absent, because it is written under another name, then renamed. A file that
cannot be understood is one sentence that names it, an InputError `file_damaged`, whatever is wrong inside; so a reader
of a run needs to know no more than that, and what the other files hold can still be shown.
"""

from __future__ import annotations

import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from safetensors import safe_open

from dynmask_core.errors import InputError

NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{16}")
"""Of a folder of a run or a study."""
PART = ".part-"
"""Begins the name of a file that is not complete yet."""


class Readable(Protocol):
    """Folder methods needed to read. pathlib.Path and zipfile.Path have them, so exported runs are read in place."""

    @property
    def name(self) -> str: ...
    def __truediv__(self, name: str, /) -> Any: ...
    def exists(self) -> bool: ...
    def iterdir(self) -> Any: ...
    def read_bytes(self) -> bytes: ...


def told(path: Readable | str) -> str:
    """A path from its run or study on, as people read it; of any other file its name alone."""
    parts = str(path).split(os.sep)
    first = next((place for place, part in enumerate(parts) if NAME.fullmatch(part)), len(parts) - 1)
    return "/".join(parts[first:])


def damaged(path: Readable) -> InputError:
    return InputError("file_damaged", file=told(path))


def missing(path: Readable) -> InputError:
    return InputError("file_missing", file=told(path))


@contextmanager
def understood(path: Readable) -> Iterator[None]:
    """Whatever goes wrong in here, but for the disk itself, is a fault of the file: readers of bytes that are torn
    raise nearly anything. Raises InputError `file_damaged`."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise damaged(path) from error


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """An error of the system says which file it is about, also that of a disk which is full after the file was made."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and (error.filename is None or PART in str(error.filename)):
            error.filename = str(path)
        raise


def make_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, for this user alone: readers' texts lie in it."""
    if not folder.is_dir():
        if folder.parent != folder:  # a drive that is not there is its own parent
            make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Replaces `path` in one step: a reader sees the old file or the new one. Raises OSError, which names it."""
    with naming(path):
        make_folder(path.parent)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=PART)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(beside, path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise


def write_json(path: Path, value: Any) -> None:
    write_bytes(path, json.dumps(value, ensure_ascii=False).encode())


def read_bytes(path: Readable) -> bytes | None:
    """None if the file does not exist."""
    try:
        return bytes(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, KeyError):  # of a folder, and of a zip file
        return None


def read_json(path: Readable, parse: Callable[[Any], Any] = lambda value: value) -> Any:
    """What `parse` makes of the value, or None if the file does not exist. Raises InputError `file_damaged`."""
    content = read_bytes(path)
    if content is None:
        return None
    with understood(path):
        return parse(json.loads(content))


def need_json(path: Readable, parse: Callable[[Any], Any] = lambda value: value) -> Any:
    """The same of what has to be there. Raises InputError: `file_missing`, `file_damaged`."""
    found = read_json(path, parse)
    if found is None:
        raise missing(path)
    return found


def wish(path: Readable, parse: Callable[[Any], Any] = lambda value: value) -> Any:
    """As `read_json`, of what can be done without or made anew: None also if the file is damaged."""
    try:
        return read_json(path, parse)
    except InputError:
        return None


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_bytes(path, buffer.getvalue())


def read_arrays(path: Readable) -> dict[str, np.ndarray]:
    """Raises InputError: `file_missing`, `file_damaged`."""
    content = read_bytes(path)
    if content is None:
        raise missing(path)
    with understood(path), np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def read_tensors(path: Path, prefix: str = "") -> dict[str, np.ndarray]:
    """The arrays of a safetensors file whose names begin with `prefix`, by the rest of their names.

    Raises InputError: `file_missing`, `file_damaged`.
    """
    if not path.exists():
        raise missing(path)
    with understood(path), safe_open(path, "np") as stored:
        names = [name for name in stored.keys() if name.startswith(prefix)]  # noqa: SIM118 (no dict)
        return {name.removeprefix(prefix): stored.get_tensor(name) for name in names}


def link(source: Path, target: Path) -> None:
    """Makes `target` a hard link to `source`, or a copy if the file system does not allow links."""
    make_folder(target.parent)
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:
        write_bytes(target, source.read_bytes())


def append_line(path: Path, value: Any) -> None:
    """Adds one JSON line in one write. Starts with a newline if a killed writer left half a line."""
    line = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    with naming(path), path.open("ab+") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)


def read_lines(path: Readable) -> list[dict[str, Any]]:
    """All complete JSON lines; skips half a line of a writer that was killed or is still writing."""
    values = []
    for line in (read_bytes(path) or b"").splitlines():
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            continue
    return [value for value in values if isinstance(value, dict)]

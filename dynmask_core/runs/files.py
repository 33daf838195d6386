"""Atomic writes: a file is complete or absent, because it is written under another name, then renamed."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from safetensors import safe_open


class Readable(Protocol):
    """Folder methods needed to read. pathlib.Path and zipfile.Path have them, so exported runs are read in place."""

    @property
    def name(self) -> str: ...
    def __truediv__(self, name: str, /) -> Any: ...
    def exists(self) -> bool: ...
    def iterdir(self) -> Any: ...
    def read_bytes(self) -> bytes: ...


def make_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, for this user alone: readers' texts lie in it."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Replaces `path` in one step: a reader sees the old file or the new one."""
    make_folder(path.parent)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    write_bytes(path, json.dumps(value, ensure_ascii=False).encode())


def read_json(path: Readable) -> Any:
    """The value, or None if the file does not exist."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, KeyError):
        return None


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_bytes(path, buffer.getvalue())


def read_arrays(path: Readable) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
        return dict(arrays)


def read_tensors(path: Path, prefix: str = "") -> dict[str, np.ndarray]:
    """The arrays of a safetensors file whose names begin with `prefix`, by the rest of their names."""
    with safe_open(path, "np") as stored:
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
    with path.open("ab+") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)


def read_lines(path: Readable) -> list[dict[str, Any]]:
    """All complete JSON lines; skips half a line of a writer that was killed or is still writing."""
    try:
        lines = path.read_bytes().splitlines()
    except (FileNotFoundError, KeyError):
        return []
    values = []
    for line in lines:
        try:
            values.append(json.loads(line))
        except ValueError:
            continue
    return [value for value in values if isinstance(value, dict)]

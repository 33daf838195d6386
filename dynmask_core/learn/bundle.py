"""A lesson with what it carries: a labelled file, a recorded run. Alone it is a Markdown file, with these a zip."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property

from safetensors.numpy import load

from dynmask_core.config import ExperimentConfig
from dynmask_core.data.readers.packed import check_crowd, check_members, read_member
from dynmask_core.errors import InputError
from dynmask_core.inputs import MAX_MAP
from dynmask_core.learn import limits
from dynmask_core.learn.lesson import Lesson
from dynmask_core.learn.markup import shown
from dynmask_core.learn.parse import parse
from dynmask_core.runs import Run
from dynmask_core.runs.store import TRAVELS

TEXT = "lesson.md"
"""The lesson itself, in the zip."""
_NEEDED = ("config.json", "status.json", "events.jsonl", "vocabulary.json", "probes.json")
_SNAPSHOT = re.compile(r"snapshots/epoch_[0-9]{4,6}\.npz")
_ARRAYS = re.compile(rf"{_SNAPSHOT.pattern}|(dataset|split|predictions)\.npz")
_MODELS = re.compile(r"kept/epoch_[0-9]{4,6}\.safetensors|weights/[A-Za-z0-9_.~%-]{1,250}\.safetensors")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, KeyError)
_WHEN = (1980, 1, 1, 0, 0, 0)
"""One date for all parts: equal lessons make equal files."""


@dataclass(frozen=True)
class Bundle:
    """source: the text of the lesson's file. data, run: the content of the parts that its front matter names. name: by
    which this server finds it, "" for a file."""

    source: str
    data: bytes = b""
    run: bytes = b""
    name: str = field(default="", compare=False)

    @cached_property
    def lesson(self) -> Lesson:
        """Raises InputError as `parse` does."""
        return parse(self.source)

    @property
    def parts(self) -> dict[str, bytes]:
        """Name → content, without the lesson itself."""
        named = ((self.lesson.data, self.data), (self.lesson.run, self.run))
        return {name: content for name, content in named if name}

    def to_bytes(self) -> bytes:
        """A zip file. Raises InputError if a part that the lesson names is not there, or is too large."""
        parts = {TEXT: self.source.encode(), **self.parts}
        for name, content in parts.items():
            if not content:
                raise InputError("lesson_bundle_part", name=name)
        self.check()
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in parts.items():
                packed = zipfile.ZIP_STORED if name == self.lesson.run else zipfile.ZIP_DEFLATED
                archive.writestr(zipfile.ZipInfo(name, _WHEN), content, packed)
        return buffer.getvalue()

    def check(self) -> None:
        """Raises InputError if the lesson or one of its parts cannot be used."""
        if len(self.data) > limits.DATA_BYTES:
            raise InputError("lesson_bundle_data", megabytes=limits.DATA_BYTES // 2**20)
        if self.lesson.run:
            _check_run(self.lesson.run, self.run)

    @classmethod
    def read(cls, content: bytes, name: str) -> Bundle:
        """A Markdown file or a zip of `to_bytes`, by its content; nothing is written to the disk.

        name: of the file, for messages. Raises InputError, whatever the content.
        """
        if not content.startswith(b"PK"):
            bundle = cls(_decoded(content))
            missing = next(iter(bundle.parts), None)
            if missing:
                raise InputError("lesson_bundle_part", name=missing)
            return bundle
        if len(content) > limits.BUNDLE_BYTES:
            raise InputError("lesson_bundle_large", name=shown(name), megabytes=limits.BUNDLE_BYTES // 2**20)
        check_crowd(content)
        try:
            bundle = cls._unpacked(content)
        except InputError:
            raise
        except _DAMAGED:
            raise InputError("lesson_bundle", name=shown(name)) from None
        bundle.check()
        return bundle

    @classmethod
    def _unpacked(cls, content: bytes) -> Bundle:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # What some systems put beside the files is neither read nor minded.
            found = [one for one in archive.infolist() if not one.filename.startswith("__MACOSX/")]
            names = [one.filename for one in found]
            if TEXT not in names:
                raise zipfile.BadZipFile
            text = _decoded(_read(archive, TEXT, limits.FILE_BYTES))
            parts = cls(text).parts
            for name in names:
                if name not in (TEXT, *parts) or names.count(name) > 1:
                    raise InputError("lesson_bundle_name", name=shown(name))
            for name in parts:
                if name not in names:
                    raise InputError("lesson_bundle_part", name=name)
            lesson = parse(text)
            data = _read(archive, lesson.data, limits.DATA_BYTES) if lesson.data else b""
            return cls(text, data, _read(archive, lesson.run, limits.RUN_BYTES) if lesson.run else b"")


def _decoded(content: bytes) -> str:
    """Raises InputError where `parse` would, so that a text that cannot be read is told with its line."""
    if len(content) > limits.FILE_BYTES:
        raise InputError("lesson_large", line=1, kilobytes=limits.FILE_BYTES // 1000)
    parse(content)
    return content.decode("utf-8-sig")


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """At most that many bytes, whatever the zip says of itself. Raises InputError `lesson_bundle_large`."""
    content = read_member(archive, archive.getinfo(name), most)
    if len(content) > most:
        raise InputError("lesson_bundle_large", name=name, megabytes=f"{most / 2**20:.1g}")
    return content


def _check_run(name: str, content: bytes) -> None:
    """Raises InputError `lesson_bundle_run` for what is no run as `dynmask runs export` writes it, or is too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = archive.infolist()
            names = {one.filename for one in found}
            if len(found) > limits.RUN_FILES or len(names) < len(found) or not names >= set(_NEEDED):
                raise ValueError(names)
            if any(one not in TRAVELS and not _ARRAYS.fullmatch(one) and not _MODELS.fullmatch(one) for one in names):
                raise ValueError(names)
            check_members(archive, limits.RUN_UNPACKED)
            left = limits.RUN_UNPACKED - sum(one.file_size for one in found)
            # These files are zips of arrays: what they unpack to counts, too.
            for one in filter(_ARRAYS.fullmatch, names):
                with zipfile.ZipFile(io.BytesIO(archive.read(one))) as arrays:
                    check_members(arrays, left)
                    left -= sum(array.file_size for array in arrays.infolist())
            for one in filter(_MODELS.fullmatch, names):
                load(archive.read(one))
        run = Run(zipfile.Path(zipfile.ZipFile(io.BytesIO(content))))
        run.status(), run.events(), run.vocabulary(), run.probes(), run.result(), run.predictions()
        if "dataset.npz" in names:
            run.dataset()
        epochs = run.epochs()
        for epoch in epochs:
            run.snapshot(epoch)
        if (
            run.config().encoder
            or "tokenizer.json" in names
            or _weight(run.config(), len(epochs)) > limits.RUN_UNPACKED
        ):
            raise ValueError(run.config())
    except Exception:
        # A stranger's file can be damaged in any way; whatever it raises, the sentence is the same.
        raise InputError("lesson_bundle_run", name=name) from None


def _weight(config: ExperimentConfig, epochs: int) -> int:
    """Bytes of what settings make the app reserve, whatever the files hold: a model's weights, or a sentence's maps."""
    model = config.model
    weights = 4 * model.layers * (4 * model.dim + 2 * model.inner) * model.dim
    maps = len(config.arms) * epochs * model.layers * model.heads * (MAX_MAP + 1) ** 2
    return max(weights, maps)

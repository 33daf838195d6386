"""The tables and texts behind a choice, cached: those of samples for everybody, those of a reader for one session."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Table, guess, load_sample, read_bytes
from dynmask_core.data.media import TEXT, medium_of
from dynmask_core.data.samples import PREFIX
from dynmask_core.errors import InputError
from dynmask_core.messages import speaking_of
from dynmask_core.runs import default_root
from dynmask_core.runs.uploads import Reading, Upload
from dynmask_core.ui.choose.purpose import PURPOSES, Made
from dynmask_core.ui.i18n import t


@dataclass(frozen=True)
class OwnText:
    """Uploaded or pasted text. key: the name under which the server keeps it; it stands in the address."""

    key: str
    reading: Reading

    @property
    def title(self) -> str:
        """How it is called on the page."""
        with speaking_of(medium_in(self)):
            return t("data.own_title", name=name_of(self.reading))

    @property
    def how(self) -> str:
        """How the file is read, for use in a cache's key."""
        return json.dumps(self.reading.read, sort_keys=True)

    def table(self) -> Table:
        """Raises InputError if it cannot be read in this way, or is gone."""
        table = _table(self.key, self.how, None)
        if isinstance(table, InputError):
            raise table
        return table

    def remember(self, table: Table) -> None:
        """Spares the next `table()` the reading."""
        _table(self.key, self.how, table)


@dataclass(frozen=True)
class LessonText(OwnText):
    """The file that a lesson carries; all its readers share it. key: of its content."""

    content: bytes = field(repr=False, default=b"")

    @classmethod
    def of(cls, name: str, content: bytes, purpose: str) -> LessonText:
        """name: the file's, in the lesson. It is read as a file of that name is read when a reader brings it for this
        purpose."""
        read = PURPOSES[purpose].reading(content, name)
        key = blake2b(content, digest_size=16).hexdigest()
        return cls(key, Reading(name, read, DataConfig(name)), content)

    @property
    def title(self) -> str:
        return t("data.lesson_title", name=name_of(self.reading))

    def table(self) -> Table:
        return read_bytes(self.content, self.reading.name, **self.reading.read)


def name_of(reading: Reading) -> str:
    """The name of the reader's file, or what pasted text is called."""
    return reading.name or t("data.pasted")


def texts_of(own: OwnText | None, config: DataConfig, seed: int, purpose: str) -> Made:
    """What is made of the reader's own text, or of the sample named by `config` if there is none. purpose: one of
    PURPOSES. Raises InputError if the texts cannot be used as they are."""
    if own is None:
        return _load_sample(config, seed, purpose)
    if isinstance(own, LessonText):
        return _load_lesson(own.key, own.how, config, seed, purpose, own)
    return _load_own(own.key, own.how, config, seed, purpose, own)


@st.cache_resource(show_spinner=False, max_entries=40)
def _load_sample(config: DataConfig, seed: int, purpose: str) -> Made:
    return PURPOSES[purpose].make(load_sample(config.source.removeprefix(PREFIX)), config, seed)


@st.cache_resource(show_spinner=False, max_entries=40)
def _medium(key: str, how: str, column: str | None, _own: OwnText) -> str:
    table = _own.table()
    return medium_of(table.cells(guess(table, column).columns.text))


def medium_in(own: OwnText) -> str:
    """What the reader's samples are; TEXT if they cannot be read."""
    try:
        return _medium(own.key, own.how, own.reading.config.text_column, own)
    except InputError:  # not kept: it may be readable the next time
        return TEXT


# A text can have megabytes, so a session keeps few: one with labels, one without, and how each was read before.
@st.cache_resource(show_spinner=False, max_entries=3, scope="session")
def _table(key: str, how: str, _known: Table | None) -> Table | InputError:
    if _known is not None:
        return _known
    upload = Upload.find(default_root(), key)
    reading = upload and upload.reading()
    if upload is None or reading is None:
        return InputError("own_text_gone")
    try:
        return read_bytes(upload.content(), reading.name, **json.loads(how))
    except InputError as error:
        return error  # else an unreadable text would be read again at every click


@st.cache_resource(show_spinner=False, max_entries=3, scope="session")
def _load_own(key: str, how: str, config: DataConfig, seed: int, purpose: str, _own: OwnText) -> Made:
    return _named(PURPOSES[purpose].make(_own.table(), config, seed), purpose)


@st.cache_resource(show_spinner=False, max_entries=20)
def _load_lesson(key: str, how: str, config: DataConfig, seed: int, purpose: str, _text: LessonText) -> Made:
    return _named(PURPOSES[purpose].make(_text.table(), config, seed), purpose)


def _named(made: Made, purpose: str) -> Made:
    """What is made of the texts says which columns it used, not that they were guessed."""
    config, dataset, report = made
    return replace(config, **PURPOSES[purpose].used(report)), dataset, report  # type: ignore[arg-type]

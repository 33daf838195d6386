"""The reader's own text: brought, read in another way, forgotten; kept on the server under a key in the address."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dynmask_core.config import DataConfig
from dynmask_core.data import read_bytes
from dynmask_core.data.limits import check_size
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.errors import InputError
from dynmask_core.jobs.limits import Limits
from dynmask_core.runs import default_root
from dynmask_core.runs.uploads import Reading, Upload, safe_name
from dynmask_core.ui import address
from dynmask_core.ui.choose.purpose import PURPOSES
from dynmask_core.ui.choose.texts import OwnText, name_of
from dynmask_core.ui.i18n import t
from dynmask_core.ui.visitor import visitor

OWN = "own"
"""The name of a chooser's own text."""


@dataclass(frozen=True)
class Unread:
    """Text that cannot be read in this way. It is not kept: the choice stays as it was."""

    data: bytes
    reading: Reading
    error: InputError
    uploaded: bool = False

    @property
    def title(self) -> str:
        return name_of(self.reading)


@dataclass(frozen=True)
class Removed:
    """Text that was removed from the box for uploads. chosen: it was the choice. runs: it is kept for so many more
    drawings of the page."""

    data: bytes
    reading: Reading
    chosen: bool
    runs: int = 1


@dataclass(frozen=True)
class OwnTexts:
    """A choice that the reader can bring text to.

    key: of the choice, in session and address. own_key: in the address, for the name under which the server keeps the
    text. purpose: one of PURPOSES.
    """

    key: str
    own_key: str
    purpose: str

    def own(self) -> OwnText | None:
        """The reader's own text, None if there is none. One that the server does not keep any more is said once."""
        key = address.text(self.own_key, "", str)
        upload = Upload.find(default_root(), key) if key else None
        reading = upload and upload.reading()
        if reading:
            return OwnText(key, reading)
        if key:
            st.session_state[self._slot("gone")] = True
            self._point_to("")
        return None

    def unread(self) -> Unread | None:
        """The text that was brought last, if it could not be read."""
        return st.session_state.get(self._slot("unread"))

    def take(self, data: bytes, name: str, read: ReadOptions | None = None, *, uploaded: bool = False) -> None:
        """Keeps new text and chooses it; if it cannot be read, it is `unread`, and the choice stays.

        read: how; None to find out.
        uploaded: it lies in the box for uploads, whose cross forgets it (see `follow_box`).
        """
        name = safe_name(name)
        if read is None:
            read = PURPOSES[self.purpose].reading(data, name)
        self._settle(data, Reading(name, read, DataConfig(name or t("data.pasted"))), uploaded)
        removed: Removed | None = st.session_state.pop(self._slot("removed"), None)
        if uploaded and removed and (unread := self.unread()):
            self._settle(removed.data, removed.reading, uploaded=False, pick=removed.chosen)
            st.session_state[self._slot("unread")] = unread

    def change(
        self,
        what: OwnText | Unread,
        read: Mapping[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        """Reads the text with these options set. Columns that it does not have then are guessed again."""
        reading = what.reading.changed(read, config)
        if isinstance(what, Unread):
            self._settle(what.data, reading, what.uploaded)
            return
        upload = Upload.find(default_root(), what.key)
        if upload is None:
            return  # forgotten in another tab: the page says so
        with suppress(InputError):  # the page says it, and offers other ways to read
            reading = reading.with_columns_of(OwnText(what.key, reading).table().columns)
        try:
            upload.read_as(reading)
        except InputError as error:
            st.session_state[self._slot("unread")] = Unread(upload.content(), reading, error)

    def forget(self, what: OwnText | Unread) -> None:
        """Deletes the text. If it was chosen, the default sample is."""
        if isinstance(what, Unread):
            st.session_state.pop(self._slot("unread"), None)
            return
        if upload := Upload.find(default_root(), what.key):
            upload.forget()
        if st.session_state[self.own_key] == what.key:
            self._point_to("")

    def in_upload_box(self, what: OwnText) -> bool:
        """Whether the text is the one in the box for uploads."""
        return what.key == st.session_state.get(self._slot("uploaded"))

    def follow_box(self, file: UploadedFile | None, *, new: bool) -> None:
        """Takes the file that lies in the box for uploads, and forgets the one that was removed from it.

        Call it after every drawing of the box. It compares, and does not wait for the box to say that it changed:
        Streamlit gives up a callback when the reader does something else meanwhile, and does not call it again.
        new: the box was not on the page before, so that it is empty without anything having been removed.
        """
        state, held = st.session_state, self._slot("held")
        if new:
            state[held] = None
        now = file.file_id if file else None
        if now != state.get(held):
            if state.get(held):
                self._forget_uploaded()
            if file is not None:
                self.take(file.getvalue(), file.name, uploaded=True)
            state[held] = now
            st.rerun()
        removed: Removed | None = state.pop(self._slot("removed"), None)
        if removed and removed.runs:
            state[self._slot("removed")] = replace(removed, runs=removed.runs - 1)

    def _forget_uploaded(self) -> None:
        """Deletes the text that lies in the box for uploads.

        Browsers also say that a file was removed just before they send another one in its place. If that cannot be
        read, `take` brings the removed one back, so its bytes stay in memory until the reader does anything else.
        """
        state, unread = st.session_state, self.unread()
        if unread and unread.uploaded:
            self.forget(unread)
        key = state.get(self._slot("uploaded"))
        upload = Upload.find(default_root(), key) if key else None
        if key and upload and (reading := upload.reading()):
            state[self._slot("removed")] = Removed(upload.content(), reading, state.get(self.key) == OWN)
            self.forget(OwnText(key, reading))
        state.pop(self._slot("uploaded"), None)

    def _settle(self, data: bytes, reading: Reading, uploaded: bool, *, pick: bool = True) -> None:
        state = st.session_state
        state.pop(self._slot("unread"), None)
        try:
            limits = Limits.given()
            check_size(len(data), limits.upload_mb)
            table = read_bytes(data, reading.name, **reading.read)
            reading = reading.with_columns_of(table.columns)
            own = OwnText(Upload.create(default_root(), data, reading, visitor(), limits.visitor_texts).name, reading)
        except InputError as error:
            state[self._slot("unread")] = Unread(data, reading, error, uploaded)
            return
        own.remember(table)
        if uploaded:
            state[self._slot("uploaded")] = own.key
        self._point_to(own.key)
        if pick:
            self.pick(OWN)

    def _point_to(self, key: str) -> None:
        st.session_state[self.own_key] = key
        if not key:
            st.query_params.pop(self.own_key, None)

    def _slot(self, name: str) -> str:
        """The key of one of the choice's values in the session."""
        return f"{self.key}_{name}"

    def pick(self, name: str) -> None:
        """Chooses one of `options` at the next drawing."""
        st.session_state[self._slot("next")] = name
        self._touched()

    def _touched(self) -> None:
        st.session_state[self._slot("touched")] = True
        st.session_state.pop(self._slot("gone"), None)

"""The choice of texts to train on: samples and the reader's own text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset, Sample, read_bytes
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.data.samples import PREFIX
from dynmask_core.errors import InputError
from dynmask_core.runs import default_root
from dynmask_core.runs.uploads import Reading, Upload, safe_name
from dynmask_core.ui import address
from dynmask_core.ui.choose.texts import OwnText, Removed, Unread, texts_of
from dynmask_core.ui.i18n import lang, t

OWN = "own"
"""The name of a chooser's own text."""

R = TypeVar("R")


@dataclass(frozen=True)
class Chooser(Generic[R]):
    """One choice of data. Each chooser has its own choice and its own text; R is the type of the report on the data.

    key: in session and address. own_key: in the address, for the name under which the server keeps the reader's own
    text. caption: catalogue key of the text above the select box. samples: those offered. first: the default sample by
    language. labelled: whether labels are read. max_tokens: per text. borrowed: another chooser whose own text is
    offered here too, under the name "labelled".
    """

    key: str
    own_key: str
    caption: str
    samples: Callable[[], tuple[Sample, ...]]
    first: dict[str, str]
    labelled: bool
    max_tokens: int = DataConfig.max_tokens
    borrowed: Chooser[Any] | None = None

    # The reader's own text.

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

        uploaded: it lies in the box for uploads, whose cross forgets it (see `forget_uploaded`).
        """
        name = safe_name(name)
        self._settle(data, Reading(name, read or {}, DataConfig(name or t("data.pasted"))), uploaded)
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

    def forget_uploaded(self) -> None:
        """Deletes the text that lies in the box for uploads.

        Browsers also say that a file was removed just before they send another one in its place. If that cannot be
        read, `take` brings the removed one back, so its bytes stay in memory until the reader does anything else.
        """
        state, unread = st.session_state, self.unread()
        if unread and unread.uploaded:
            self.forget(unread)
        key = state.pop(self._slot("uploaded"), None)
        upload = Upload.find(default_root(), key) if key else None
        if key and upload and (reading := upload.reading()):
            state[self._slot("removed")] = Removed(upload.content(), reading, self.chosen() == OWN, just_now=True)
            self.forget(OwnText(key, reading))

    def settle_down(self) -> None:
        """Call once in every run of a page with a box for uploads: drops a removed text after its run."""
        removed: Removed | None = st.session_state.pop(self._slot("removed"), None)
        if removed and removed.just_now:
            st.session_state[self._slot("removed")] = replace(removed, just_now=False)

    def _settle(self, data: bytes, reading: Reading, uploaded: bool, *, pick: bool = True) -> None:
        state = st.session_state
        state.pop(self._slot("unread"), None)
        try:
            table = read_bytes(data, reading.name, **reading.read)
            reading = reading.with_columns_of(table.columns)
            own = OwnText(Upload.create(default_root(), data, reading).name, reading)
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
        """The key of one of the chooser's values in the session."""
        return f"{self.key}_{name}"

    # The choice.

    def pick(self, name: str) -> None:
        """Chooses one of `options` at the next drawing."""
        st.session_state[self._slot("next")] = name
        self._touched()

    def options(self) -> list[str]:
        """The names of all that can be chosen; each may stand in an address. Samples in the reader's language first."""

        def order(sample: Sample) -> int:
            return 0 if sample.language == lang() else 1 if not sample.language else 2

        names = [sample.name for sample in sorted(self.samples(), key=order)]
        return names + [name for name in (OWN, "labelled") if self._brought(name)]

    def title(self, name: str) -> str:
        """The displayed name of one of `options`."""
        brought = self._brought(name)
        return t(f"sample.{name}") if brought is None else brought.title

    def chosen(self) -> str:
        """The choice: what was picked, or what the address says, or the default."""
        return self._arrive()[0]

    def box(self) -> str:
        """Draws the select box, whose choice is in the address; returns the choice."""
        _, bound = self._arrive()
        titles = {name: self.title(name) for name in self.options()}
        picked = st.selectbox(
            t(self.caption), list(titles), format_func=titles.__getitem__, on_change=self._touched, **bound
        )
        if st.session_state.get(self._slot("gone")):
            st.warning(t("data.own_gone"), icon=":material/hourglass_disabled:")
        return str(picked)

    def _arrive(self) -> tuple[str, dict[str, Any]]:
        """The choice, and the keywords of its select box."""
        following = st.session_state.pop(self._slot("next"), None)
        if following:
            st.session_state[self.key] = following
        bound = address.choice(self.key, self.options(), self._start())
        return str(st.session_state[self.key]), bound

    def load(
        self, name: str, tokenizer: str = "auto", seed: int = 0, max_rows: int | None = None
    ) -> tuple[DataConfig, Dataset, R]:
        """The texts behind a choice, or a sample of at most `max_rows` of them.

        Raises InputError if they cannot be used as they are.
        """
        brought = self._brought(name)
        config = DataConfig(PREFIX + name) if brought is None else brought.reading.config
        config = replace(config, tokenizer=tokenizer, max_rows=max_rows, max_tokens=self.max_tokens)
        dataset, report = texts_of(brought, config, seed, labelled=self.labelled)
        if brought is not None and self.labelled:
            # What is made of the texts says which columns it used, not that they were guessed.
            used = report.columns
            named = {"text_column": used.text, "label_column": used.label, "split_column": used.split or ""}
            config = replace(config, **named)
        return config, dataset, report

    def _start(self) -> str:
        """The default sample. A choice that nobody made follows the language."""
        state, start = st.session_state, self.first[lang()]
        before = state.get(self._slot("start"))
        if before not in (None, start) and state.get(self.key) == before and not state.get(self._slot("touched")):
            del state[self.key]
            st.query_params.pop(self.key, None)
        state[self._slot("start")] = start
        return start

    def _touched(self) -> None:
        st.session_state[self._slot("touched")] = True
        st.session_state.pop(self._slot("gone"), None)

    def _brought(self, name: str) -> OwnText | None:
        """The reader's text with this name; None for a sample."""
        if name == "labelled" and self.borrowed is not None and (other := self.borrowed.own()):
            # Only its text column is read here.
            config = DataConfig(other.reading.config.source, other.reading.config.text_column)
            return replace(other, reading=replace(other.reading, config=config))
        return self.own() if name == OWN else None

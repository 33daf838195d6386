"""What can be chosen to train on, what is chosen, and the reader's own text among it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, Unpack

import streamlit as st

from dynmask_core.config import GUESS_TOKENS, DataConfig
from dynmask_core.data import Dataset, Report, Sample, Table, list_samples, read_bytes
from dynmask_core.data.corpus import CorpusReport
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.data.samples import PREFIX, list_corpora
from dynmask_core.ui import address
from dynmask_core.ui.choose.texts import texts_of
from dynmask_core.ui.i18n import lang, t

OWN = "own"
"""The name of the text that was brought to a chooser."""

R = TypeVar("R")


@dataclass(frozen=True)
class OwnText:
    """Uploaded or pasted text as read, and how its columns are to be taken."""

    table: Table
    config: DataConfig


@dataclass(frozen=True)
class Chooser(Generic[R]):
    """One choice of data. Choices and own texts of different choosers are separate; R is the report on what is chosen.

    key: of the choice, in session and address. caption: the sentence above its select box. samples: what it offers.
    first: by language, the sample chosen unasked; None: the first. labelled: whether labels are read. max_tokens: of a
    text. borrowed: another chooser, whose own text is offered here, too, under that chooser's key "labelled".
    """

    key: str
    caption: str
    samples: Callable[[], tuple[Sample, ...]]
    labelled: bool
    max_tokens: int = DataConfig.max_tokens
    first: dict[str, str] | None = None
    borrowed: Chooser[Any] | None = None

    def own(self) -> OwnText | None:
        """The reader's text that was brought here."""
        return st.session_state.get(f"own_{self.key}")

    def keep(self, table: Table, config: DataConfig) -> None:
        """Replaces the reader's text; from here on it is the chosen one."""
        st.session_state[f"own_{self.key}"] = OwnText(table, config)
        st.session_state[f"{self.key}_next"] = OWN

    def take_upload(self, file: Any, **options: Unpack[ReadOptions]) -> bool:
        """Reads an uploaded file and keeps it; False if it has been read this way before.

        Raises InputError, again at every rerun while the unreadable file lies there, so that the message stays.
        """
        data = file.getvalue()
        seen = (hashlib.blake2b(data, digest_size=16).hexdigest(), file.name, options)
        if st.session_state.get(f"{self.key}_seen") == seen:
            return False
        self.keep(read_bytes(data, file.name, **options), DataConfig(file.name))
        st.session_state[f"{self.key}_seen"] = seen
        return True

    def take_paste(self, written: str, **options: Unpack[ReadOptions]) -> None:
        """Reads pasted text and keeps it. Raises InputError."""
        self.keep(read_bytes(written.encode(), "", **options), DataConfig(t("data.pasted")))

    def options(self) -> list[str]:
        """The names of all that can be chosen; an address may name any of them."""
        names = [sample.name for sample in self.samples()]
        return names + [name for name in (OWN, "labelled") if self._brought(name)]

    def title(self, name: str) -> str:
        """What readers call one of `options`."""
        brought = self._brought(name)
        if brought is not None:
            return t("data.own_title", name=brought.table.name or t("data.pasted"))
        return t(f"sample.{name}")

    def box(self) -> str:
        """The select box, whose choice stands in the address; returns it."""
        following = st.session_state.pop(f"{self.key}_next", None)
        if following:
            st.session_state[self.key] = following
        titles = {name: self.title(name) for name in self.options()}
        start = self.first[lang()] if self.first else next(iter(titles))
        bound = address.choice(self.key, list(titles), start)
        return str(st.selectbox(t(self.caption), list(titles), format_func=titles.__getitem__, **bound))

    def load(
        self, name: str, tokenizer: str = "auto", seed: int = 0, max_rows: int | None = None
    ) -> tuple[DataConfig, Dataset, R]:
        """The texts behind a choice, or a sample of at most `max_rows` of them.

        Raises InputError where they cannot be used as they are.
        """
        brought = self._brought(name)
        config = DataConfig(PREFIX + name) if brought is None else brought.config
        config = replace(config, tokenizer=tokenizer, max_rows=max_rows, max_tokens=self.max_tokens)
        return (config, *texts_of(brought.table if brought else None, config, seed, labelled=self.labelled))

    def _brought(self, name: str) -> OwnText | None:
        """The own text that a name means; None for a sample."""
        if name == "labelled" and self.borrowed is not None and (other := self.borrowed.own()):
            # Of its columns only the text is read here.
            return OwnText(other.table, DataConfig(other.config.source, other.config.text_column))
        return self.own() if name == OWN else None


LABELLED: Chooser[Report] = Chooser("data", "data.choose", list_samples, labelled=True)
CORPUS: Chooser[CorpusReport] = Chooser(
    "corpus",
    "mlm.corpus",
    list_corpora,
    labelled=False,
    max_tokens=GUESS_TOKENS,
    first={"en": "english_prose", "zh": "chinese_prose"},
    borrowed=LABELLED,
)


def source_title(source: str) -> str:
    """What readers call the source of a run's texts: a sample's title, or the name of their file."""
    return t(f"sample.{source.removeprefix(PREFIX)}") if source.startswith(PREFIX) else source

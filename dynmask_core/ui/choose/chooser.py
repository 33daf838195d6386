"""The choice of texts to train on: samples and the user's own text."""

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
"""The name of a chooser's own text."""

R = TypeVar("R")


@dataclass(frozen=True)
class OwnText:
    """Uploaded or pasted text, and which of its columns to use."""

    table: Table
    config: DataConfig


@dataclass(frozen=True)
class Chooser(Generic[R]):
    """One choice of data. Each chooser has its own choice and its own text; R is the type of the report on the data.

    key: in session and address. caption: catalogue key of the text above the select box. samples: those offered. first:
    the default sample by language; None: the first one. labelled: whether labels are read. max_tokens: per text.
    borrowed: another chooser whose own text is offered here too, under the name "labelled".
    """

    key: str
    caption: str
    samples: Callable[[], tuple[Sample, ...]]
    labelled: bool
    max_tokens: int = DataConfig.max_tokens
    first: dict[str, str] | None = None
    borrowed: Chooser[Any] | None = None

    def own(self) -> OwnText | None:
        """The user's own text, None if there is none."""
        return st.session_state.get(f"own_{self.key}")

    def keep(self, table: Table, config: DataConfig) -> None:
        """Replaces the user's own text and chooses it."""
        st.session_state[f"own_{self.key}"] = OwnText(table, config)
        st.session_state[f"{self.key}_next"] = OWN

    def take_upload(self, file: Any, **options: Unpack[ReadOptions]) -> bool:
        """Reads an uploaded file and keeps it; False if it was last read in the same way.

        Raises InputError, at every rerun while an unreadable file is there, so that the message stays.
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
        """The names of all that can be chosen; each may stand in an address."""
        names = [sample.name for sample in self.samples()]
        return names + [name for name in (OWN, "labelled") if self._brought(name)]

    def title(self, name: str) -> str:
        """The displayed name of one of `options`."""
        brought = self._brought(name)
        if brought is not None:
            return t("data.own_title", name=brought.table.name or t("data.pasted"))
        return t(f"sample.{name}")

    def box(self) -> str:
        """Draws the select box, whose choice is in the address; returns the choice."""
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

        Raises InputError if they cannot be used as they are.
        """
        brought = self._brought(name)
        config = DataConfig(PREFIX + name) if brought is None else brought.config
        config = replace(config, tokenizer=tokenizer, max_rows=max_rows, max_tokens=self.max_tokens)
        return (config, *texts_of(brought.table if brought else None, config, seed, labelled=self.labelled))

    def _brought(self, name: str) -> OwnText | None:
        """The user's text with this name; None for a sample."""
        if name == "labelled" and self.borrowed is not None and (other := self.borrowed.own()):
            # Only its text column is read here.
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
    """The displayed name of the source of a run's texts: a sample's title, or the user's file name."""
    return t(f"sample.{source.removeprefix(PREFIX)}") if source.startswith(PREFIX) else source

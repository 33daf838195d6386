"""The choice of texts to train on: samples and the reader's own text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

import streamlit as st

from dynmask_core.config import GUESS_TOKENS, DataConfig
from dynmask_core.data import Dataset, Report, Sample, list_samples
from dynmask_core.data.corpus import CorpusReport
from dynmask_core.data.marked import MarkedReport
from dynmask_core.data.media import MEDIA, TEXT
from dynmask_core.data.pairs import PairsReport
from dynmask_core.data.samples import PREFIX, list_hidden, list_sequences
from dynmask_core.learn.lesson import LESSON_WORD
from dynmask_core.messages import speaking_of
from dynmask_core.ui import address, carried
from dynmask_core.ui.choose.own import OWN, OwnTexts
from dynmask_core.ui.choose.texts import LessonText, OwnText, medium_in, texts_of
from dynmask_core.ui.i18n import helped, lang, t

R = TypeVar("R")


@dataclass(frozen=True)
class Chooser(OwnTexts, Generic[R]):
    """One choice of data. Each chooser has its own choice and its own text; R is the type of the report on the data.

    key, own_key, purpose: see `OwnTexts`. caption: catalogue key of the text above the select box; with .help at its
    end of its help. samples: those offered. first: the default sample by language. max_tokens: per text. borrowed:
    another chooser whose own text is offered here too, under the name "labelled". lessons: whether a file that a lesson
    carries is offered.
    """

    caption: str
    samples: Callable[[], tuple[Sample, ...]]
    first: dict[str, str]
    max_tokens: int = DataConfig.max_tokens
    borrowed: Chooser[Any] | None = None
    lessons: bool = True

    def options(self) -> list[str]:
        """The names of all that can be chosen; each may stand in an address. Samples by medium, those in the reader's
        language first."""

        def order(sample: Sample) -> tuple[int, int]:
            return MEDIA.index(sample.medium), 0 if sample.language == lang() else 1 if not sample.language else 2

        names = [sample.name for sample in sorted(self.samples(), key=order)]
        return names + [name for name in (OWN, "labelled", LESSON_WORD) if self._brought(name)]

    def title(self, name: str) -> str:
        """The displayed name of one of `options`."""
        brought = self._brought(name)
        return t(f"sample.{name}") if brought is None else brought.title

    def medium(self, name: str) -> str:
        """What the samples of one of `options` are; TEXT if they cannot be read."""
        if brought := self._brought(name):
            return medium_in(brought)
        return next((sample.medium for sample in self.samples() if sample.name == name), TEXT)

    def chosen_medium(self) -> str:
        """What the chosen samples are."""
        return self.medium(self.chosen())

    def spoken(self) -> AbstractContextManager[None]:
        """Within, sentences speak of samples like the chosen ones."""
        return speaking_of(self.chosen_medium())

    def chosen(self) -> str:
        """The choice: what was picked, or what the address says, or the default."""
        return self._arrive()[0]

    def box(self) -> str:
        """Draws the select box, whose choice is in the address; returns the choice."""
        _, bound = self._arrive()
        titles = {name: self.title(name) for name in self.options()}
        picked = st.selectbox(
            t(self.caption), list(titles), format_func=titles.__getitem__, on_change=self._touched,
            help=helped(f"{self.caption}.help", "restarts"), **bound,
        )  # fmt: skip
        if st.session_state.get(self._slot("gone")):
            st.warning(t("data.own_gone"), icon=":material/hourglass_disabled:")
            address.told(self.key)
        return str(picked)

    def _arrive(self) -> tuple[str, dict[str, Any]]:
        """The choice, and the keywords of its select box."""
        following = st.session_state.pop(self._slot("next"), None)
        if following:
            st.session_state[self.key] = following
        bound = address.choice(self.key, self.options(), self._start())
        if st.session_state[self.key] == LESSON_WORD:
            carried.hold()
        return str(st.session_state[self.key]), bound

    def load(
        self, name: str, tokenizer: str = "auto", seed: int = 0, max_rows: int | None = None
    ) -> tuple[DataConfig, Dataset, R]:
        """The texts behind a choice, or a sample of at most `max_rows` of them.

        Raises InputError if they cannot be used as they are.
        """
        brought = self._brought(name)
        config = DataConfig(PREFIX + name) if brought is None else brought.reading.config
        config = replace(config, tokenizer=tokenizer, max_rows=max_rows or config.max_rows, max_tokens=self.max_tokens)
        return texts_of(brought, config, seed, self.purpose)

    def _start(self) -> str:
        """The default sample. A choice that nobody made follows the language."""
        state, start = st.session_state, self.first[lang()]
        before = state.get(self._slot("start"))
        if before not in (None, start) and state.get(self.key) == before and not state.get(self._slot("touched")):
            del state[self.key]
            st.query_params.pop(self.key, None)
        state[self._slot("start")] = start
        return start

    def _brought(self, name: str) -> OwnText | None:
        """The reader's text with this name; None for a sample."""
        if name == "labelled" and self.borrowed is not None and (other := self.borrowed.own()):
            # Only its text column is read here.
            config = DataConfig(other.reading.config.source, other.reading.config.text_column)
            return replace(other, reading=replace(other.reading, config=config))
        if name == LESSON_WORD:
            bundle = carried.carrier() if self.lessons else None
            if bundle is None or not bundle.lesson.data:
                return None
            return LessonText.of(bundle.lesson.data, bundle.data, self.purpose)
        return self.own() if name == OWN else None


LABELLED: Chooser[Report] = Chooser(
    "data",
    "own",
    "labelled",
    "data.choose",
    partial(list_samples, *MEDIA),
    first={"en": "english_sentiment", "zh": "chinese_sentiment"},
)
CORPUS: Chooser[CorpusReport] = Chooser(
    "corpus",
    "own_corpus",
    "corpus",
    "mlm.corpus",
    list_hidden,
    first={"en": "english_prose", "zh": "chinese_prose"},
    max_tokens=GUESS_TOKENS,
    borrowed=LABELLED,
)
MARKED: Chooser[MarkedReport] = Chooser(
    "marked",
    "own_marked",
    "marked",
    "tasks.data",
    partial(list_samples, *MEDIA, task="mark"),
    first={"en": "scenes", "zh": "scenes"},
    lessons=False,
)
SEQUENCES: Chooser[PairsReport | CorpusReport] = Chooser(
    "pairs",
    "own_pairs",
    "sequences",
    "tasks.data",
    list_sequences,
    first={"en": "dates", "zh": "dates"},
    lessons=False,
)


def source_title(source: str) -> str:
    """The displayed name of the source of a run's texts: a sample's title, or the reader's file name."""
    return t(f"sample.{source.removeprefix(PREFIX)}") if source.startswith(PREFIX) else source

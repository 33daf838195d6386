"""What a masked corpus looks like: line by line, epoch by epoch, for every refresh."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from dynmask_core.colors import arm_color
from dynmask_core.config import ExperimentConfig, GuessSettings
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encode import pad
from dynmask_core.data.tokenize import MASK
from dynmask_core.mlm import IGNORED, Refresh
from dynmask_core.runs import Run
from dynmask_core.tasks.hidden_words import EverAsked, Hider, read
from dynmask_core.ui.components.curves import Line, curves
from dynmask_core.ui.components.page_of_text import STRING_KEYS, TextPage, page_of_text
from dynmask_core.ui.i18n import lang, t, templates
from dynmask_core.ui.question.subjects import BY_NAME

LINES = 12
READABLE = (4, 40)
"""Range of tokens of a line that is easy to look at; shorter and longer lines come last."""


class Masked:
    """A corpus and its masks under one experiment's refreshes. Needs no model: masks depend on random keys only."""

    def __init__(self, config: ExperimentConfig, dataset: Dataset) -> None:
        assert isinstance(config.task, GuessSettings)
        self.config, self.dataset = config, dataset
        self.corpus = read(config, dataset)
        seed, epochs = config.train.seed, config.train.epochs
        self.epochs = range(1, epochs + 1)
        self.hiders = [Hider.of(config.task, arm, self.corpus, seed, epochs) for arm in config.arms]
        rows = self.corpus.rows("train")
        sizes = np.array([len(dataset.spans[row]) for row in rows])
        readable = (sizes >= READABLE[0]) & (sizes <= READABLE[1])
        self.rows = np.concatenate([rows[readable], rows[~readable]])
        ever = [EverAsked(hider, self.corpus) for hider in self.hiders]
        self.ever = np.array([[one.until(epoch) for epoch in self.epochs] for one in ever])
        """float64 [A, E] in [0, 1]: see TextPage."""
        self._drawn: TextPage | None = None

    def page(self, first: int, epoch: int, running: bool) -> TextPage:
        """The lines from index `first` on. epoch: the one to show."""
        if self._drawn is None or self._drawn.first != first + 1:
            self._drawn = self._draw(first)  # called every second while a run goes on
        return replace(self._drawn, epoch=epoch, running=running)

    def _draw(self, first: int) -> TextPage:
        rows = self.rows[first : first + LINES]
        ids = pad([self.corpus.ids[row] for row in rows])
        word_ids = self.corpus.words_of(rows)
        arms, width = len(self.hiders), ids.shape[1] - 1
        masks = np.zeros((arms, len(self.epochs), len(rows), width), dtype=np.uint8)
        other: list[tuple[int, int, int, int, str]] = []
        for a, hider in enumerate(self.hiders):
            for e, number in enumerate(self.epochs):
                written, labels = hider.hide(ids, word_ids, rows, number)
                asked = labels != IGNORED
                kinds = np.where(written == MASK, 1, np.where(written == ids, 3, 2)) * asked
                masks[a, e] = kinds[:, 1:]
                for line, place in np.argwhere(kinds == 2).tolist():
                    word = self.corpus.vocabulary.words[written[line, place]]
                    other.append((a, e, line, place - 1, word))
        return TextPage(
            lines=[self.dataset.texts[row] for row in rows],
            spans=[[(int(a), int(b)) for a, b in self.dataset.spans[row]] for row in rows],
            arms=[{"name": arm, "color": arm_color(i)} for i, arm in enumerate(self.config.arms)],
            masks=masks,
            written=other,
            ever=self.ever,
            epoch=1,
            running=False,
            first=first + 1,
        )


@st.cache_resource(show_spinner=False, max_entries=16)
def masked(key: Any, _config: ExperimentConfig, _dataset: Dataset) -> Masked:
    """Cached by `key`, which identifies the other two arguments."""
    return Masked(_config, _dataset)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs=BY_NAME)
def of_run(run: Run) -> Masked:
    """The texts of a run with its own masks."""
    return Masked(run.config(), run.dataset())


def show(of: Masked, epoch: int, running: bool) -> None:
    """Draws a page of the corpus under all refreshes, with buttons to turn pages."""
    last = max(len(of.rows) - LINES, 0)
    at = min(int(st.session_state.get("lines_from", 0)), last)
    page_of_text(of.page(at, epoch, running), lang=lang(), strings=templates(STRING_KEYS), key="page_of_text")
    with st.container(horizontal=True, vertical_alignment="center", key="lines"):
        st.button(
            t("mlm.lines.back"), icon=":material/chevron_left:", disabled=at == 0, key="lines_back",
            on_click=_turn, args=(max(at - LINES, 0),),
        )  # fmt: skip
        st.button(
            t("mlm.lines.on"), icon=":material/chevron_right:", disabled=at == last, key="lines_on",
            on_click=_turn, args=(min(at + LINES, last),),
        )  # fmt: skip
        shown = min(at + LINES, len(of.rows))
        st.caption(t("mlm.lines", first=at + 1, last=shown, all=len(of.rows)))


def _turn(first: int) -> None:
    st.session_state["lines_from"] = first


def ever_asked(of: Masked, name: str, *, small: bool = False) -> None:
    """Draws the share of all words asked for so far, over epochs. name: the zoom resets when it changes. small: for a
    narrow column."""
    lines = [
        Line(arm, arm_color(i), False, list(zip(of.epochs, of.ever[i].tolist(), strict=True)))
        for i, arm in enumerate(of.config.arms)
    ]
    strings = {key: t(f"chart.{key}") for key in ("epoch", "reset")}
    strings |= {"title": t("mlm.ever"), "alt": t("mlm.ever.alt"), "note": ""}
    curves(lines, run=name, epochs=len(of.epochs), strings=strings, key="chart_ever", small=small, percent=True)


def until_when_alike(of: Masked) -> None:
    """Says until which epoch masks taken in turn are the same as ever new ones."""
    cycles = [arm for arm in of.config.arms if arm.startswith("static:")]
    if cycles and "dynamic" in of.config.arms:
        alike = (Refresh.read(cycles[-1]).patterns or 1) - 1
        always = alike >= len(of.epochs)
        key = "mlm.same_always" if always else "mlm.same_until"
        st.caption(t(key, cycle=cycles[-1], epochs=len(of.epochs) if always else alike))

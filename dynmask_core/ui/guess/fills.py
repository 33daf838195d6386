"""A sentence in which the reader hides words, and what every model fills in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.colors import arm_color
from dynmask_core.runs import Run
from dynmask_core.ui.components.fills import STRING_KEYS, FillsData, Guess, fill_in, hidden_words
from dynmask_core.ui.i18n import lang, t, templates
from dynmask_core.ui.question.subjects import BY_NAME, subject
from dynmask_core.ui.watch.run_view import RunView


def fills(view: RunView, text: str) -> None:
    """Draws the sentence in which the reader hides words, and every model's guesses at every kept epoch."""
    reader = view.reader
    spans, total = reader.show(text, reader.recorded).spans, len(reader.show(text).spans)
    if total > len(spans):
        st.caption(t("mlm.cut", shown=len(spans), total=total))
    if not spans:
        st.caption(t("probe.empty"))
        return
    epochs = view.run.kept_epochs()
    if not epochs:
        st.caption(t("mlm.fills.later"))
        return
    hidden = hidden_words("fills", text, spans, _telling(spans))
    data = FillsData(
        text=text,
        spans=spans,
        hidden=hidden,
        arms=[{"name": arm, "color": arm_color(i)} for i, arm in enumerate(view.arms)],
        epochs=epochs,
        guesses=_by_arm(view.run, epochs, text, tuple(hidden), len(view.arms)),
    )
    fill_in(data, lang=lang(), strings=templates(STRING_KEYS), key="fills")


def _telling(spans: list[tuple[int, int]]) -> list[int]:
    """The words hidden at first: just the longest, so that there is something to see at once."""
    return [max(range(len(spans)), key=lambda i: spans[i][1] - spans[i][0])]


def _by_arm(run: Run, epochs: list[int], text: str, hidden: tuple[int, ...], arms: int) -> list[list[list[Guess]]]:
    if not hidden:
        return [[[] for _ in epochs] for _ in range(arms)]
    said = [_guesses(run, epoch, text, hidden) for epoch in epochs]
    return [[[Guess(*guess) for guess in at[arm]] for at in said] for arm in range(arms)]


@st.cache_data(show_spinner=False, max_entries=2000, hash_funcs=BY_NAME)
def _guesses(run: Run, epoch: int, text: str, hidden: tuple[int, ...]) -> list[list[tuple[Any, ...]]]:
    return [[tuple(one) for one in subject(run, arm, epoch).guesses(text, hidden)] for arm in run.config().arms]

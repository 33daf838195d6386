"""The reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

import streamlit as st

from dynmask_core import glossary
from dynmask_core.messages import LANGUAGES, catalogue, gloss, text
from dynmask_core.ui import address


def lang() -> str:
    """A key of LANGUAGES: the one chosen, else the browser's, else English."""
    chosen = st.session_state.get("lang")
    return str(chosen) if chosen in LANGUAGES else _browser_language()


def _browser_language() -> str:
    guess = (st.context.locale or "en").split("-")[0].lower()
    return guess if guess in LANGUAGES else "en"


def t(key: str, /, **params: Any) -> str:
    """The catalogue's text in the reader's language."""
    return text(key, lang(), **params)


def language_switch() -> None:
    """The switch between languages. Draw it before any text."""
    with st.container(horizontal=True, horizontal_alignment="right", key="language"):
        st.segmented_control(
            "Language / 语言",
            list(LANGUAGES),
            required=True,
            wrap=True,
            format_func=LANGUAGES.__getitem__,
            label_visibility="collapsed",
            **address.choice("lang", list(LANGUAGES), _browser_language()),
        )


def strategy_name(name: str) -> str:
    """The displayed name of a strategy: its name and a short gloss."""
    return f"{name} · {gloss(f'strategy.{name}', lang())[0]}"


def setting_label(name: str, when: str) -> str:
    """A setting's name and when a change takes effect: "live", "restarts" or "idle" (not at all).

    Plain words: a screen reader reads a badge's markup aloud.
    """
    return f"{t(f'setting.{name}')} · {t(f'setting.{when}')}"


When = Literal["live", "restarts", "picture", "reads", "idle"]
"""When a change acts, as `help.WHEN` says it."""


def explained(term: str, *more: str) -> str:
    """Help for what a term of the glossary names, as Markdown: its sentence, then `more`."""
    return plain(" ".join([glossary.term(term, lang())[1], *more]))


def helped(key: str, when: When) -> str:
    """Help for a control, as Markdown: what it changes, then when."""
    return plain(f"{t(key)} {t(f'help.{when}')}")


def capital(sentence: str) -> str:
    """With a capital first letter; the sentence of a gloss begins without one."""
    return sentence[:1].upper() + sentence[1:]


def plain(sentence: str) -> str:
    """Escaped for Markdown: file names, labels and columns are the user's words, never markup."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", sentence)


def in_a_row(words: Iterable[str]) -> str:
    """The words one after the other, as a sentence of the reader's language lists them."""
    return ("、" if lang() == "zh" else ", ").join(words)


def templates(keys: Iterable[str]) -> dict[str, str]:
    """The texts with unfilled {placeholders}, for the browser to fill in."""
    return {key: catalogue(lang())[key] for key in keys}

"""Masked words and what models fill in: the reader hides words, and each model guesses them at any epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import cut, digest_of, language_of

# Catalogue keys of the texts that the browser needs. Texts about epochs are shared with the player.
_OWN = "empty hide legend limit place sentence spark truth unknown waiting what"
_PLAYERS = "epoch epoch_of epoch_zero first keys last next pause play previous"
STRING_KEYS = (*("fills." + name for name in _OWN.split()), *("player." + name for name in _PLAYERS.split()))

GUESSES = 5  # words shown per hidden word
MOST_HIDDEN = 12

_mount = component("fills")


@dataclass(frozen=True)
class Guess:
    """One model's guesses for one hidden word at one epoch."""

    words: list[tuple[str, float]]  # (word, probability), most likely first, at most GUESSES
    truth: float | None  # probability of the true word; None if the model does not know it
    rank: int | None  # rank of the true word among all words, 1 is best; None as above


@dataclass(frozen=True)
class FillsData:
    """A arms, E epochs with kept models, K hidden words."""

    text: str
    spans: list[tuple[int, int]]  # character spans of its tokens
    hidden: list[int]  # indices of the K hidden tokens in `guesses`, ascending
    arms: list[dict[str, str]]  # A of {"name", "color": "#rrggbb"}
    epochs: list[int]  # E, ascending; 0 is before training
    guesses: list[list[list[Guess]]]  # [A][E][K]


def hidden_words(key: str, text: str, spans: list[tuple[int, int]], first: list[int]) -> list[int]:
    """The tokens that the reader has hidden in `fill_in(key=key)`; `first` until they click in this sentence."""
    return chosen(text, spans, first, st.session_state.get(key, {}).get("choice"))


def fill_in(data: FillsData, *, lang: str, strings: dict[str, str], key: str) -> None:
    """Draws the component. Its panels are dimmed until `data.hidden` is what the reader chose (see `hidden_words`)."""
    state = st.session_state.get(key, {}).get("choice")
    _mount(data=pack(data, lang=lang, strings=strings, state=state), key=key, on_choice_change=lambda: None)


def chosen(text: str, spans: list[tuple[int, int]], first: list[int], state: Any) -> list[int]:
    """The hidden tokens in the browser's `state`; `first` if that is for another sentence or invalid."""
    if not isinstance(state, dict) or state.get("sentence") != digest_of(text, spans):
        return first
    hidden = state.get("hidden")
    if not isinstance(hidden, list) or len(hidden) > MOST_HIDDEN:
        return first
    if not all(type(token) is int and 0 <= token < len(spans) for token in hidden):
        return first
    return sorted(set(hidden))


def pack(data: FillsData, *, lang: str, strings: dict[str, str], state: Any = None) -> dict[str, Any]:
    """The data for the browser. Raises ValueError if the guesses do not have the shape that the other fields imply."""
    _check(data)
    words, gaps = cut(data.text, data.spans)
    sentence = digest_of(data.text, data.spans)
    clicks = state.get("clicks") if isinstance(state, dict) and state.get("sentence") == sentence else 0
    payload = {
        "lang": lang, "strings": {name: strings[name] for name in STRING_KEYS}, "sentence": sentence,
        "textLang": language_of(data.text), "words": words, "gaps": gaps, "hidden": data.hidden,
        "limit": MOST_HIDDEN, "rows": GUESSES, "arms": data.arms,
        "epochs": [int(epoch) for epoch in data.epochs],
        "guesses": [[[_compact(guess) for guess in epoch] for epoch in arm] for arm in data.guesses],
    }  # fmt: skip
    # The number of the last click Python has seen, so that its answer does not undo a later click.
    return payload | {"clicks": clicks if isinstance(clicks, int) else 0}


def _check(data: FillsData) -> None:
    arms, epochs, hidden = len(data.arms), len(data.epochs), len(data.hidden)
    if data.hidden != sorted(set(data.hidden)) or not set(data.hidden) <= set(range(len(data.spans))):
        raise ValueError(f"hidden must be ascending tokens of the sentence, got {data.hidden}")
    if data.epochs != sorted(set(data.epochs)):
        raise ValueError(f"epochs must be ascending, got {data.epochs}")
    for name, given, expected in (
        ("guesses", {len(data.guesses)}, arms),
        ("guesses of an arm", {len(arm) for arm in data.guesses}, epochs),
        ("guesses of an epoch", {len(epoch) for arm in data.guesses for epoch in arm}, hidden),
    ):
        if given - {expected}:
            raise ValueError(f"{name}: {sorted(given)}, expected {expected}")
    for guess in (guess for arm in data.guesses for epoch in arm for guess in epoch):
        half_known = (guess.truth is None) != (guess.rank is None)
        if len(guess.words) > GUESSES or half_known or (guess.rank is not None and guess.rank < 1):
            raise ValueError(f"not a guess of at most {GUESSES} words with truth and rank ≥ 1 or neither: {guess}")


def _compact(guess: Guess) -> list[Any]:
    """[words, probabilities, truth, rank], rounded to four decimals."""
    truth = None if guess.truth is None else round(float(guess.truth), 4)
    return [[word for word, _ in guess.words], [round(float(p), 4) for _, p in guess.words], truth, guess.rank]

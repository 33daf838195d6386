"""A sentence whose words are clicked out of it and back, the heads of the models, and what every arm answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from dynmask_core.inputs import Picture
from dynmask_core.masks import brief
from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import cut, digest_of, language_of

if TYPE_CHECKING:
    from dynmask_core.analysis.act import Acted, ArmAnswer

# Catalogue keys of the texts that the browser needs; it fills in the `{names}` inside them.
_WORDS = """
    absent answers bar bar_none before drop edges gone_at head head_gone heads heads_note in_text key_by_mask
    key_removed key_restored layer mask now others out points predicts removed restored sentence undo unknown what word
"""
STRING_KEYS = tuple("act." + name for name in _WORDS.split())
MOST_CLASSES = 6
OPEN = 0.995
"""From this mask value on a word counts as untouched by the mask: restoring it would change nothing to be seen."""

_mount = component("act")


class Choice(NamedTuple):
    """What the reader has forced: positions of words from 1, heads as (layer, head) from 0; ascending."""

    removed: tuple[int, ...] = ()
    restored: tuple[int, ...] = ()
    heads: tuple[tuple[int, int], ...] = ()


def choice(key: str, text: str, words: int, layers: int, heads: int) -> Choice:
    """What the reader has forced in `act_on(key=key)`: words in this sentence of so many words, heads in any."""
    return chosen(st.session_state.get(key, {}).get("choice"), digest_of(text), words, layers, heads)


def chosen(state: Any, sentence: str, words: int, layers: int, heads: int) -> Choice:
    """The same from the browser's `state`; what is not valid counts as nothing forced."""
    if not isinstance(state, dict):
        return Choice()
    off = tuple(sorted({(h // heads, h % heads) for h in _numbers(state.get("heads"), 0, layers * heads)}))
    if state.get("sentence") != sentence:
        return Choice(heads=off)
    removed = set(_numbers(state.get("removed"), 1, words + 1))
    restored = set(_numbers(state.get("restored"), 1, words + 1)) - removed
    return Choice(tuple(sorted(removed)), tuple(sorted(restored)), off)


def _numbers(given: Any, low: int, high: int) -> list[int]:
    """The whole numbers in [low, high) of a list; [] for anything else."""
    return [n for n in given if type(n) is int and low <= n < high] if isinstance(given, list) else []


@dataclass(frozen=True)
class ActData:
    """before: each arm's probabilities to compare with. spans: the characters of the words in `written`, None for the
    text that was asked about. colors: "#rrggbb" of each arm. picture: if the sample is looked at, whose parts are
    clicked out of it."""

    acted: Acted
    before: Sequence[Sequence[float]]
    spans: list[tuple[int, int]]
    colors: Sequence[str]
    written: str | None = None
    picture: Picture | None = None


def act_on(data: ActData, *, lang: str, strings: dict[str, str], key: str) -> None:
    """Draws it. strings: the texts of STRING_KEYS."""
    state = st.session_state.get(key, {}).get("choice")
    _mount(data=pack(data, lang=lang, strings=strings, state=state), key=key, on_choice_change=lambda: None)


def pack(data: ActData, *, lang: str, strings: dict[str, str], state: Any = None) -> dict[str, Any]:
    """What the browser gets. state: what it sent last."""
    acted, before = data.acted, data.before
    written = acted.text if data.written is None else data.written
    words, gaps = cut(written, data.spans)
    sentence = digest_of(acted.text)
    heads = len(acted.arms[0].heads[0])
    clicks = state.get("clicks") if isinstance(state, dict) else 0
    forced = acted.forced
    return {
        "lang": lang, "strings": {name: strings[name] for name in STRING_KEYS}, "sentence": sentence,
        "textLang": language_of(written), "picture": asdict(data.picture) if data.picture else None,
        "words": words, "gaps": gaps,
        "known": [word.known for word in acted.words], "classes": acted.classes,
        "shown": _likeliest(acted.arms, before), "cycles": _cycles(acted.arms),
        "removed": sorted(forced.removed), "restored": sorted(forced.restored),
        "off": sorted(layer * heads + head for layer, head in forced.heads_off),
        "arms": [
            _arm(arm, one, color) for arm, one, color in zip(acted.arms, before, data.colors, strict=True)
        ],
        # The number of the last click Python has seen, so that its answer does not undo a later click.
        "clicks": clicks if isinstance(clicks, int) else 0,
    }  # fmt: skip


def _arm(arm: ArmAnswer, before: Sequence[float], color: str) -> dict[str, Any]:
    return {
        "name": brief(arm.arm), "color": color, "before": _rounded(before), "after": _rounded(arm.after),
        "mask": _rounded(arm.mask), "left": [-1 if block is None else block for block in arm.left_at],
        "counts": arm.counts, "drops": _rounded(arm.word_drops), "heads": [_rounded(row) for row in arm.heads],
        "headDrops": [_rounded(row) for row in arm.head_drops], "note": _note(arm),
    }  # fmt: skip


def _note(arm: ArmAnswer) -> str:
    return "absent" if arm.absent else "edges" if arm.edges else ""


def _rounded(values: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else round(value, 5) for value in values]


def _likeliest(arms: Sequence[ArmAnswer], before: Sequence[Sequence[float]]) -> list[int]:
    """The classes with bars, in their order: all, or those that are likeliest to any arm before or after."""
    most = [max(values) for values in zip(*(arm.after for arm in arms), *before, strict=True)]
    best = sorted(range(len(most)), key=lambda c: -most[c])[:MOST_CLASSES]
    return sorted(best)


def _cycles(arms: Sequence[ArmAnswer]) -> list[list[str]]:
    """What the clicks on each word do in turn; "" is: as the masks have it."""
    cycles = []
    for place in range(len(arms[0].mask)):
        gone = [arm.left_at[place] is not None for arm in arms]
        masked = any(gone) or any(arm.mask[place] < OPEN for arm in arms)
        steps = ["", *["removed"] * (not all(gone)), *["restored"] * masked]
        cycles.append(["", *reversed(steps[1:])] if any(gone) else steps)
    return cycles

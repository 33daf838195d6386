"""Two nearly equal sentences side by side, and how much of the difference each differing word makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dynmask_core.masks import brief
from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import language_of

if TYPE_CHECKING:
    from dynmask_core.analysis.contrast import Contrast, Span

_WORDS = "between first nothing odds of_class second shares together"
STRING_KEYS = tuple("contrast." + name for name in _WORDS.split())
MOST_SPANS = 12
"""Spans with a bar of their own: those with the largest effect on any arm."""

_mount = component("contrast")


@dataclass(frozen=True)
class ContrastData:
    """said: each arm's verdict. spans: the characters of the words of both sentences. colors: "#rrggbb" of each arm."""

    found: Contrast
    said: Sequence[str]
    spans: tuple[list[tuple[int, int]], list[tuple[int, int]]]
    colors: Sequence[str]


def side_by_side(data: ContrastData, *, lang: str, strings: dict[str, str], key: str) -> None:
    """Draws it. strings: the texts of STRING_KEYS."""
    _mount(data=pack(data, lang=lang, strings=strings), key=key)


def pack(data: ContrastData, *, lang: str, strings: dict[str, str]) -> dict[str, Any]:
    """What the browser gets."""
    found = data.found
    weight = [max(abs(arm.effects[i].log_odds) for arm in found.arms) for i in range(len(found.spans))]
    shown = sorted(sorted(range(len(weight)), key=lambda i: -weight[i])[:MOST_SPANS])
    arms = [
        {
            "name": brief(arm.arm), "color": color, "said": sentence, "target": found.classes[arm.target],
            "first": round(arm.first[arm.target], 5), "second": round(arm.second[arm.target], 5),
            "change": round(arm.change, 5), "together": round(arm.together, 5), "togetherShare": arm.together_share,
            "effects": [[round(arm.effects[i].log_odds, 5), arm.effects[i].share] for i in shown],
        }
        for arm, sentence, color in zip(found.arms, data.said, data.colors, strict=True)
    ]  # fmt: skip
    texts = [
        {"lang": language_of(text), "pieces": _pieces(text, characters, [getattr(span, side) for span in found.spans])}
        for text, characters, side in zip((found.first, found.second), data.spans, ("first", "second"), strict=True)
    ]
    return {
        "lang": lang, "strings": {name: strings[name] for name in STRING_KEYS}, "texts": texts, "arms": arms,
        "spans": [[i + 1, *_sides(found.spans[i])] for i in shown],
    }  # fmt: skip


def _sides(span: Span) -> list[str]:
    return [span.old, span.new]


def _pieces(text: str, characters: list[tuple[int, int]], differ: list[tuple[int, int]]) -> list[list[Any]]:
    """The text cut into [piece, number of the span it belongs to, from 1, or 0]."""
    pieces: list[list[Any]] = []
    at = 0
    for number, (first, end) in enumerate(differ, 1):
        if end <= first:
            continue
        start, stop = characters[first - 1][0], characters[end - 2][1]
        pieces += [[text[at:start], 0], [text[start:stop], number]]
        at = stop
    return [piece for piece in [*pieces, [text[at:], 0]] if piece[0]]

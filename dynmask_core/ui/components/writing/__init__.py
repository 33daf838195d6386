"""What models write after a source, step by step: each word, how sure it was, the others, and what it looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import digest_of, language_of

_WORDS = "attended caution epoch epoch_of first hidden keys last next others pause play previous sequence wrote"
STRING_KEYS = tuple(f"writing.{name}" for name in _WORDS.split())
"""Catalogue keys of the texts that the browser needs."""

_mount = component("writing")


@dataclass(frozen=True)
class Step:
    """word, place, probability, others: as in analysis.continued.ContinuedWord. attention: over all units, averaged
    over blocks and heads."""

    word: str
    place: int
    probability: float
    others: list[tuple[str, float]]
    attention: list[float]


@dataclass(frozen=True)
class Line:
    """What one arm wrote. text: as people write it. units: the whole sequence; the first `given` were there before.

    steps: at each of them one unit was written.
    """

    name: str
    color: str
    text: str
    units: list[str]
    given: int
    steps: list[Step]


def writing(lines: Sequence[Line], *, lang: str, strings: dict[str, str], key: str) -> None:
    """Draws the lines below each other, with one scrubber over their steps."""
    _mount(data=pack(lines, lang=lang, strings=strings), key=key)


def pack(lines: Sequence[Line], *, lang: str, strings: dict[str, str]) -> dict[str, Any]:
    """The data for the browser. Raises ValueError for a step whose place or attention does not fit its sequence."""
    for line in lines:
        for step in line.steps:
            if len(step.attention) != len(line.units) or not line.given <= step.place < len(line.units):
                raise ValueError(f"a step at {step.place} of {len(line.units)} units, {len(step.attention)} weights")
    arms = [
        {
            "name": line.name, "color": line.color, "text": line.text, "units": line.units, "given": line.given,
            "steps": [
                {
                    "word": step.word, "place": step.place, "chance": round(step.probability, 4),
                    "others": [[word, round(chance, 4)] for word, chance in step.others],
                    "attention": [round(weight, 4) for weight in step.attention],
                }
                for step in line.steps
            ],
        }
        for line in lines
    ]  # fmt: skip
    longest = max((len(line.steps) for line in lines), default=0)
    return {
        "lang": lang, "strings": {name: strings[name] for name in STRING_KEYS}, "arms": arms, "of": digest_of(arms),
        "textLang": language_of(" ".join(unit for line in lines for unit in line.units)),
        "epochs": list(range(1, longest + 1)),
    }  # fmt: skip

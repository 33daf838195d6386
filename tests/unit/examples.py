"""Small data sets for the laws on inputs and tasks: one for every kind of input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dynmask_core.data import Dataset, build, load_sample, planted
from dynmask_core.events import Probe
from dynmask_core.inputs import INPUTS


def words(max_tokens: int) -> Dataset:
    return build(planted(texts=60, noise_words=40).table, max_tokens=max_tokens)[0]


def pictures(max_tokens: int) -> Dataset:
    return build(load_sample("digits"), max_rows=60, max_tokens=max_tokens)[0]


def pairs(max_tokens: int) -> Dataset:
    """Each text is to become its own beginning."""
    texts = words(max_tokens)
    return replace(texts, targets=[" ".join(text.split()[:3]) for text in texts.texts])


EXAMPLES: dict[str, Callable[[int], Dataset]] = {"image": pictures, "pairs": pairs}
"""By input; any other reads `words`."""

WRITTEN = (Probe("ba bo bu la"), Probe("x"), Probe(""), Probe(" ".join(["ba"] * 200)))


def example(kind: str, max_tokens: int = 40) -> Dataset:
    return EXAMPLES.get(kind, words)(max_tokens)


def watched(kind: str) -> tuple[Probe, ...]:
    """Samples to watch: what readers type, or two of the data if it cannot be typed."""
    data = example(kind)
    return tuple(Probe(INPUTS[kind].sample(data, row)) for row in range(2)) if kind in EXAMPLES else WRITTEN

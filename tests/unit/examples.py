"""Small data sets for the laws on inputs and tasks: one for every kind of input."""

from __future__ import annotations

from collections.abc import Callable

from small_encoders import small_bert

from dynmask_core.data import Dataset, build, load_sample, planted
from dynmask_core.events import Probe


def words(max_tokens: int) -> Dataset:
    return build(planted(texts=60, noise_words=40).table, max_tokens=max_tokens)[0]


def pictures(max_tokens: int) -> Dataset:
    return build(load_sample("digits"), max_rows=60, max_tokens=max_tokens)[0]


EXAMPLES: dict[str, Callable[[int], Dataset]] = {"image": pictures}
"""By input; any other reads `words`."""

ENCODED = {"pieces"}
"""Inputs that need a pre-trained encoder."""

WRITTEN = (Probe("ba bo bu la"), Probe("x"), Probe(""), Probe(" ".join(["ba"] * 200)))


def example(kind: str, max_tokens: int = 40) -> Dataset:
    return EXAMPLES.get(kind, words)(max_tokens)


def encoder(kind: str) -> str:
    """The encoder of an experiment on this input."""
    return str(small_bert()) if kind in ENCODED else ""


def watched(kind: str) -> tuple[Probe, ...]:
    """Samples to watch: what readers type, or two of the data if it cannot be typed."""
    return tuple(map(Probe, example(kind).texts[:2])) if kind in EXAMPLES else WRITTEN

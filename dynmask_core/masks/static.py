"""A random mask, drawn once and frozen: the article's baseline."""

from __future__ import annotations

from dynmask_core.masks.base import WordMask, register


@register
class StaticMask(WordMask):
    """One random value per word, f(seed, word), the same in every epoch."""

    name = "static"
    refresh = "dataset"
    source = "random"
    uses = ("keep_threshold", "initial", "initial_value", "gate_mode")
    default_initial = "uniform"

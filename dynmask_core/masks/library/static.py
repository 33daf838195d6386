"""A random mask, drawn once and frozen: the article's baseline."""

from __future__ import annotations

from dynmask_core.masks.base import register
from dynmask_core.masks.word_table import WordMask


@register
class StaticMask(WordMask):
    """One random value per word, f(seed, word), the same in every epoch."""

    name = "static"
    family = "baseline"
    refresh = "dataset"
    source = "random"
    formula = r"m_w = f(\text{seed}, w)"
    uses = ("keep_threshold", "initial", "initial_value", "gate_mode")
    default_initial = "uniform"

"""Span dropout: runs of words are hidden at random in training."""

from __future__ import annotations

import numpy as np

from dynmask_core.masks.base import register
from dynmask_core.masks.ops.sampling import draw_spans
from dynmask_core.masks.random_tokens import RandomTokens


@register
class SpanDropout(RandomTokens):
    """Runs of neighbouring words: harder than single words, because a hidden word's neighbours do not give it away.

    Lengths are geometric (p 0.2, at most 10 words). It hides as many words as `dropout`.
    """

    name = "spandrop"
    needs = frozenset({"order"})
    paper = "Joshi et al. 2020, SpanBERT: Improving Pre-training by Representing and Predicting Spans"
    formula = r"\ell \sim \mathrm{Geo}(0.2),\ \ell \le 10,\quad \textstyle\sum \ell = \lfloor \rho n + u \rfloor"

    def hidden(self, words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
        return draw_spans(words, rate, sample, *key)

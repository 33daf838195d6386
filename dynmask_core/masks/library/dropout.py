"""Token dropout: a share of every text's words is hidden at random in training."""

from __future__ import annotations

import numpy as np

from dynmask_core.masks.base import register
from dynmask_core.masks.ops.sampling import draw_words
from dynmask_core.masks.random_tokens import RandomTokens


@register
class TokenDropout(RandomTokens):
    """Single words, drawn without replacement: exactly rate·n of a text's n words (rounded at random), never all.

    `refresh` covers the range from BERT's static masks (dataset, cycle) to RoBERTa's dynamic ones (epoch).
    """

    name = "dropout"
    paper = "Iyyer et al. 2015, Deep Averaging Networks (word dropout); Liu et al. 2019, RoBERTa (static or dynamic)"
    formula = r"H \sim \text{draw}(\lfloor \rho n + u \rfloor),\quad w \in H \text{ hidden}"

    def hidden(self, words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
        return draw_words(words, rate, sample, *key)

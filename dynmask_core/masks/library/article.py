"""The article's rule: a word's mask rises with every positive occurrence and falls with every negative one."""

from __future__ import annotations

import numpy as np

from dynmask_core.config import Controls
from dynmask_core.masks.base import register
from dynmask_core.masks.context import CorpusStatistics
from dynmask_core.masks.word_table import PACE, WordMask

POSITIVE_NAMES = frozenset({"1", "+", "positive", "pos", "yes", "true", "good", "正面", "积极", "好评", "正", "好"})


def adjust(mask: np.ndarray, tokens: np.ndarray, positive: np.ndarray, step: float) -> np.ndarray:
    """One pass of the article's rule over all occurrences: m ← min(m+s, 1) or max(m−s, 0).

    mask: float [V] in [0, 1]. tokens: int [N] indices into it, in reading order. positive: bool [N]. step: s ≥ 0.
    Returns a new float array [V] in [0, 1]. Uses neither a loss nor a gradient.
    """
    # Only the order within one word matters, so the k-th occurrences of all words move together.
    order = np.argsort(tokens, kind="stable")
    word, first, count = np.unique(tokens[order], return_index=True, return_counts=True)
    signed = np.where(positive[order], step, -step)
    by_count = np.argsort(-count, kind="stable")
    word, first, count = word[by_count], first[by_count], count[by_count]
    result = mask.astype(np.float64).copy()
    alive = len(word)
    for k in range(int(count[0]) if len(count) else 0):
        while count[alive - 1] <= k:
            alive -= 1
        moving = word[:alive]
        result[moving] = np.clip(result[moving] + signed[first[:alive] + k], 0, 1)
    return result.astype(mask.dtype)


def positive_class(classes: tuple[str, ...]) -> int:
    """The class the rule calls positive: the one with such a name, else the last. All others are negative."""
    named = [i for i, name in enumerate(classes) if name.strip().lower() in POSITIVE_NAMES]
    return named[0] if named else len(classes) - 1


@register
class ArticleMask(WordMask):
    """The article's rule as printed; each word of a text gets the text's label.

    Its oddities are kept: it knows one positive class, so with more classes most words only fall; it counts, so with
    unequal classes it follows frequency; it has a threshold parameter that it never reads (τ does nothing here); its
    uniform initial mask hides small steps. step_rule "per_example" divides α by the number of texts.
    """

    name = "article"
    needs = frozenset({"words", "labels"})
    family = "feature"
    source = "label"
    paper = "使用动态掩码而不是静态掩码 (the article)"
    formula = r"m_w \leftarrow \min(m_w+\alpha, 1)\ \text{or}\ \max(m_w-\alpha, 0)"
    parameters = (PACE,)
    uses = ("step_size", "keep_threshold", "initial", "initial_value", "step_rule", "gate_mode")
    default_initial = "uniform"

    def fit(self, corpus: CorpusStatistics) -> None:
        super().fit(corpus)
        self.tokens = corpus.tokens
        self.positive = corpus.token_labels == positive_class(corpus.classes)
        self.texts = corpus.texts

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        super().on_epoch(epoch, controls)
        share = self.texts if self.setting.mask.step_rule == "per_example" else 1
        step = controls.step_size * self.at("pace") / share
        self.mask = adjust(self.mask, self.tokens, self.positive, step)

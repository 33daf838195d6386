"""Document frequency: keeps the rare words, or the frequent ones."""

from __future__ import annotations

import numpy as np

from dynmask_core.data.tokenize import UNK
from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import CorpusStatistics
from dynmask_core.masks.ops.ranks import keep_top
from dynmask_core.masks.word_table import WordMask


def idf(document_counts: np.ndarray, texts: int) -> np.ndarray:
    """float64 [V]: smoothed inverse document frequency, ln((1 + texts) / (1 + df)) + 1, df = document_counts."""
    return np.asarray(np.log((1 + texts) / (1 + document_counts)) + 1)


@register
class FrequencyMask(WordMask):
    """Words ranked by IDF: 1 for the top words that make up `keep` of all tokens, 0 for the others.

    "rare" removes words that stand in most texts, such as articles and commas. Labels are not used.
    """

    name = "frequency"
    family = "feature"
    refresh = "dataset"
    source = "feature"
    paper = "Spärck Jones 1972, A statistical interpretation of term specificity (IDF)"
    formula = r"\mathrm{idf}_w = \ln\frac{1+|D|}{1+\mathrm{df}_w} + 1,\quad m_w = [\,w \in \text{top}\,]"
    parameters = (Param("keep", 0.7), Param("direction", "rare", choices=("rare", "frequent")))
    uses = ("keep_threshold", "gate_mode")

    def fit(self, corpus: CorpusStatistics) -> None:
        score = idf(corpus.text_counts(), corpus.texts)
        rare = self.values["direction"] == "rare"
        self.mask = keep_top(score if rare else -score, corpus.word_counts(), float(self.values["keep"]))
        self.mask[UNK] = rare  # nothing is rarer than a word never seen

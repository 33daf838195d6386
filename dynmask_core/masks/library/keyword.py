"""Keywords: keeps the words that are most surely associated with a class."""

from __future__ import annotations

import numpy as np

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import CorpusStatistics
from dynmask_core.masks.ops.evidence import association
from dynmask_core.masks.ops.ranks import keep_top
from dynmask_core.masks.word_table import WordMask


def chi_square(document_counts: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """float64 [V] ≥ 0: Pearson's χ² of "the word is in the text" against the text's class.

    document_counts: int [C, V], how many texts of each class hold the word; if all texts hold it or none does, χ² is 0.
    texts: int [C], texts of each class.
    """
    n = np.maximum(texts, 1e-12)[:, None]
    share = document_counts.sum(0) / n.sum()
    # One class's terms, with and without the word: (O−E)²/E + (O−E)²/(n−E).
    spread = np.maximum(n * share * (1 - share), 1e-12)
    return np.asarray(((document_counts - n * share) ** 2 / spread).sum(0))


@register
class KeywordMask(WordMask):
    """Words ranked by association: 1 for the top words that make up `keep` of all tokens, 0 for the others.

    "log-odds": |δ| in standard errors, its maximum over the classes. "chi2": Pearson's χ² of texts that hold the word.
    Found in the labelled training texts alone, once: the label of a text that is predicted plays no part.
    """

    name = "keyword"
    needs = frozenset({"words", "labels"})
    family = "feature"
    refresh = "dataset"
    source = "label"
    paper = "Monroe, Colaresi & Quinn 2008, Fightin' Words; Yang & Pedersen 1997, Feature Selection (χ²)"
    formula = r"z_w = \max_c |\delta_{wc}| / \sigma_{wc},\quad m_w = [\,w \in \text{top}\,]"
    parameters = (Param("keep", 0.5), Param("method", "log-odds", choices=("log-odds", "chi2")))
    uses = ("keep_threshold", "gate_mode")

    def fit(self, corpus: CorpusStatistics) -> None:
        counts = corpus.counts()
        if self.values["method"] == "chi2":
            texts = np.bincount(corpus.labels, minlength=len(corpus.classes))
            score = chi_square(corpus.document_counts(), texts)
        else:
            score = association(counts)
        self.mask = keep_top(score, counts.sum(0), float(self.values["keep"]))

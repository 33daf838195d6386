"""The article's rule, repaired: constant start, class-balanced evidence, any number of classes, τ in use."""

from __future__ import annotations

from dynmask_core.config import Controls
from dynmask_core.masks.base import register
from dynmask_core.masks.context import CorpusStatistics
from dynmask_core.masks.ops.evidence import keep_evidence
from dynmask_core.masks.word_table import PACE, WordMask


@register
class RepairedMask(WordMask):
    """m moves by ±α per epoch where |evidence| > τ: words that tell the classes apart rise, the others fall.

    Rare words, with too little evidence, stay where they are.
    """

    name = "repaired"
    needs = frozenset({"words", "labels"})
    family = "feature"
    source = "label"
    paper = "Monroe, Colaresi & Quinn 2008, Fightin' Words (the evidence)"
    formula = r"m_w \leftarrow \mathrm{clip}\big(m_w + \alpha\,\mathrm{sign}(e_w)\,[\,|e_w|>\tau\,]\big)"
    parameters = (PACE,)
    uses = ("step_size", "evidence_threshold", "keep_threshold", "initial", "initial_value", "gate_mode")

    def fit(self, corpus: CorpusStatistics) -> None:
        super().fit(corpus)
        self.evidence = keep_evidence(corpus.counts())

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        super().on_epoch(epoch, controls)
        self.move(self.evidence, controls)

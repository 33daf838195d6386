"""Task-informed masking: hides the words that give the class away, so that the model must learn the rest."""

from __future__ import annotations

import numpy as np

from dynmask_core.data.tokenize import MASK
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.ops.evidence import association
from dynmask_core.masks.ops.sampling import draw_words
from dynmask_core.masks.plan import MaskPlan


@register
class InformedMask(MaskStrategy):
    """The opposite of a gate that keeps telling words: in training they are the ones most likely to become [MASK].

    Drawn per text and epoch, with a probability proportional to |z|, the word's log-odds in standard errors. The rate
    falls and restarts, lower each time: from hard to easy. Predictions see whole texts. The paper takes the relevance
    from the task (SentiWordNet, parts of speech, attention) and fine-tunes pretrained models.
    """

    name = "informed"
    needs = frozenset({"words", "labels"})
    family = "feature"
    site = "corruption"
    source = "label"
    replaces = "units"
    only_training = True
    paper = "Jarca, Croitoru & Ionescu 2025, Task-Informed Anti-Curriculum by Masking (TIACBM)"
    formula = r"P(w \to \text{[MASK]}) \propto \max_c |\delta_{wc}| / \sigma_{wc}"
    saved = ("relevance",)
    parameters = (Param("rate", "0.3..0@cyclic4", 0.0, 1.0, scheduled=True),)

    def fit(self, corpus: CorpusStatistics) -> None:
        self.relevance = association(corpus.counts()).astype(np.float32)

    def plan(self, context: MaskContext) -> MaskPlan:
        words, sample = context.maskable.cpu().numpy(), context.sample.cpu().numpy()
        weights = self.relevance[context.input_ids.cpu().numpy()]
        hidden = draw_words(words, self.at("rate"), sample, self.seed, self.name, context.epoch, weights=weights)
        return MaskPlan(units=context.input_ids.masked_fill(torch.from_numpy(hidden).to(context.device), MASK))

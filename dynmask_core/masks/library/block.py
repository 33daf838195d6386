"""Blocks: parts of the text that do not see each other, of a fixed size or one per sentence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dynmask_core.masks.base import Need, Param, Value, register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.ops import patterns, sentences
from dynmask_core.masks.ops.patterns import MaskMod
from dynmask_core.masks.pattern_mask import PatternMask


@register
class BlockAttention(PatternMask):
    """Tokens of one block see each other, and nothing else.

    by "size": blocks of `size` places, with [CLS] at place 0. by "sentence": a sentence ends after . ! ? … 。 ！ ？ and
    all such signs that directly follow; [CLS] belongs to the first sentence.
    """

    name = "block"
    needs = frozenset({"order"})
    paper = "Qiu et al. 2020, Blockwise Self-Attention for Long Document Understanding"
    formula = r"M_{qk} = [\,\mathrm{block}(q) = \mathrm{block}(k)\,]"
    parameters = (Param("size", 16, 1, 512), Param("by", "size", choices=("size", "sentence")))
    saved = ("ends",)
    ends: np.ndarray
    """uint8 [V], 1 for signs that end a sentence."""

    @classmethod
    def needs_of(cls, values: Mapping[str, Value]) -> frozenset[Need]:
        return cls.needs | {"words"} if values.get("by") == "sentence" else cls.needs

    def fit(self, corpus: CorpusStatistics) -> None:
        self.ends = sentences.ends(corpus.words)

    def pattern(self, context: MaskContext) -> tuple[MaskMod, int, int]:
        if self.values["by"] == "size":
            return patterns.block(int(self.values["size"])), 1, 1
        return patterns.document(sentences.of_ids(self.ends, context.input_ids)), len(context.input_ids), 1

"""Token dropping: trains on a part of every text, a different part in every epoch; predicts on all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.keys import seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Need, Param, Value, register
from dynmask_core.masks.context import CorpusStatistics, LayerContext, MaskContext
from dynmask_core.masks.ops.evidence import association
from dynmask_core.masks.ops.sampling import first_arrivals
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor


@register
class TokenDrop(MaskStrategy):
    """round(keep·n) of a text's n words stay, at least one, drawn anew each epoch; the rest leave the sequence.

    `by` says which words are likely to stay: all equally, rare ones (inverse frequency), or those that tell classes
    apart (log-odds). Words leave at block `from_layer`. A schedule that ends at 1 shows the model whole texts before it
    is judged on them.
    """

    name = "tokendrop"
    family = "removal"
    site = "removal"
    source = "random"
    only_training = True
    paper = "Hou et al. 2022, Token Dropping for Efficient BERT Pretraining (whose last block sees all tokens)"
    formula = r"S_e \sim \text{draw}\big(\mathrm{round}(\rho_e n)\big),\quad w \notin S_e \text{ leaves}"
    parameters = (
        Param("keep", "0.4..1", 0.05, 1.0, scheduled=True),
        Param("by", "rarity", choices=("random", "rarity", "log-odds")),
        Param("from_layer", 0, 0, 23),
    )
    saved = ("weight",)
    weight: np.ndarray
    """float32 [V]."""

    @classmethod
    def needs_of(cls, values: Mapping[str, Value]) -> frozenset[Need]:
        needs: dict[Value, frozenset[Need]] = {"random": frozenset(), "log-odds": frozenset({"words", "labels"})}
        return needs.get(cls.complete(values)["by"], frozenset({"words"}))

    def fit(self, corpus: CorpusStatistics) -> None:
        if self.values["by"] == "rarity":
            # Sub-sampling of frequent words, as in word2vec: with the square root, common words stay, but seldom.
            weight = 1 / np.sqrt(np.maximum(corpus.word_counts(), 1))
        elif self.values["by"] == "log-odds":
            weight = 0.2 + association(corpus.counts())
        else:
            weight = np.ones(len(corpus.words))
        self.weight = weight.astype(np.float32)

    def plan(self, context: MaskContext) -> MaskPlan:
        return MaskPlan() if self.values["from_layer"] else MaskPlan(keep=self.drawn(context))

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        if context.layer != self.values["from_layer"] or not context.layer:
            return MaskPlan()
        return MaskPlan(keep=self.drawn(context.batch).gather(1, context.position))

    def drawn(self, context: MaskContext) -> Tensor:
        """bool [B, T]: what stays in this epoch; units that are not maskable always do."""
        words, key = context.maskable.cpu().numpy(), seed_of(self.seed, "token drop", context.epoch)
        u = uniform_grid(key, context.sample.cpu().numpy(), words.shape[1])
        weight = 1.0 if self.values["by"] == "random" else self.weight[context.input_ids.cpu().numpy()]
        count = words.sum(1)
        stay = np.maximum(np.rint(self.at("keep") * count), np.minimum(count, 1))
        kept = first_arrivals(-np.log(u + 1e-9), weight, words, stay)
        return torch.from_numpy(kept | ~words).to(context.device)

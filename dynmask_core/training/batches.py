"""The batches of an epoch: which training samples go together, and in which order an arm sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from dynmask_core.data.encode import by_length, training_batches
from dynmask_core.masks import MaskContext
from dynmask_core.training.learner import Learner

LOOK_AHEAD = 1024
"""How many samples get their masks at once, before an epoch, to find out how long the samples will be."""


class Batches:
    """The batches of one epoch for one learner. rows: int64, the samples of the corpus that are learned."""

    def __init__(self, learner: Learner, rows: np.ndarray, epoch: int) -> None:
        self.learner, self.rows, self.epoch = learner, rows, epoch
        corpus, train = learner.task.corpus, learner.config.train
        self.units = [corpus.ids[row] for row in rows]
        # Ordered by kept length: a batch is as slow as its longest sample.
        lengths = kept_lengths(learner, self.units, rows, epoch)
        self.order = training_batches(lengths, train.batch_size, train.seed, epoch)

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[tuple[MaskContext, int]]:
        """Each batch with its labels, and how many units it holds."""
        learner, corpus = self.learner, self.learner.task.corpus
        for batch in self.order:
            units, rows = [self.units[i] for i in batch], self.rows[batch]
            context = learner.averaged.batch(units, rows, "train", self.epoch, corpus.words_of(rows))
            yield learner.task.taught(context), sum(map(len, units))


def kept_lengths(learner: Learner, units: Sequence[np.ndarray], rows: np.ndarray, epoch: int) -> np.ndarray:
    """int64 [N]: how many units of each training sample will enter the first block; its length if that is unknown."""
    lengths = np.array([len(sample) for sample in units])
    if not learner.strategy.predictable:
        return lengths
    kept = lengths.copy()
    for chosen in by_length(lengths, LOOK_AHEAD):
        context = learner.averaged.batch([units[i] for i in chosen], rows[chosen], "train", epoch)
        with torch.no_grad():
            keep = learner.strategy.plan(context).keep
        if keep is not None:
            kept[chosen] = (keep & context.attention_mask).sum(-1).cpu().numpy()
    return kept

"""What an experiment takes from its data: the settings that train well on them, and what masks may know of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.config import ExperimentConfig
from dynmask_core.data.encode import EncodedCorpus
from dynmask_core.data.tokenize import SPECIAL_TOKENS, UNK
from dynmask_core.inputs.base import INPUTS, make_input
from dynmask_core.masks import CorpusStatistics

if TYPE_CHECKING:
    from dynmask_core.data.dataset import Dataset


def fit_to(
    config: ExperimentConfig, dataset: Dataset, *, given: Collection[str] = ("arms", "epochs", "batch_size")
) -> ExperimentConfig:
    """The experiment for these data: their input, what it measures of them, and what trains well on it.

    given: which of arms, epochs, batch_size and trained_blocks were asked for; an input chooses the others, if it has a
    choice.
    """
    kind = INPUTS[dataset.medium] if config.input == ExperimentConfig.input else type(make_input(config))
    samples = [kind.sample(dataset, row) for row in range(len(dataset))]
    measured = replace(config.data, **kind.measured(samples))
    config = replace(config, input=kind.name, data=measured, task=config.task.fitted(dataset.targets))
    config, tuned = kind.adapted(config), kind.tuned
    if tuned is None:
        return config
    chosen = {name: getattr(tuned, name) for name in ("epochs", "batch_size", "trained_blocks") if name not in given}
    rates = {name: getattr(tuned, name) for name in ("learning_rate", "weight_decay", "rate_decay")}
    train = replace(config.train, **rates, **chosen)
    arms = config.arms if "arms" in given else tuned.arms
    model = replace(config.model, dropout=tuned.dropout, embedding_dropout=tuned.embedding_dropout, token_dropout=0.0)
    return replace(config, model=model, train=train, arms=arms)


def statistics(corpus: EncodedCorpus, words: int | None = None) -> CorpusStatistics:
    """What strategies may know: only the training samples. words: how many words the arm knows, None for all."""
    rows = corpus.rows("train")
    bodies = [corpus.ids[row][1:] for row in rows]
    numbered = [body if np.issubdtype(body.dtype, np.integer) else np.zeros(0, dtype=np.int32) for body in bodies]
    specials = corpus.vocabulary.specials
    if specials > len(SPECIAL_TOKENS):  # some stand within the samples
        bodies = numbered = [body[(body >= specials) | (body == UNK)] for body in numbered]
    return CorpusStatistics(
        words=corpus.vocabulary.words[:words],
        specials=specials,
        tokens=np.concatenate(numbered),
        lengths=np.array([len(body) for body in bodies], dtype=np.int64),
        labels=corpus.labels[rows],
        classes=corpus.classes,
        features=corpus.ids[0].shape[1] if corpus.ids and corpus.ids[0].ndim == 2 else 0,
        bands=corpus.bands,
        rate=corpus.rate,
        decibels=corpus.decibels,
    )

"""Planted words: how well each mask finds the ten of 210 words that carry the label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import average_precision_score

from dynmask_core.analysis.subject import Subject
from dynmask_core.bench.timing import Row
from dynmask_core.config import DataConfig, ExperimentConfig, TrainConfig
from dynmask_core.data.check import build
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encode import EncodedCorpus, encode
from dynmask_core.data.planted import planted
from dynmask_core.events import EpochEnd, Finished
from dynmask_core.masks.ops.evidence import association
from dynmask_core.training.fit import fit

PEER = "log-odds"
ARMS = (
    "static", "article", "repaired", "frequency", "keyword", "gradient", "hardconcrete", "hardconcrete:by=context",
    "hardkuma", "diffmask", "topk", "ltp", "rationale",
)  # fmt: skip
"""Strategies whose mask is also used in prediction and can tell words apart."""


def value_of_words(arm: str, dataset: Dataset, corpus: EncodedCorpus, epochs: int, seed: int) -> np.ndarray:
    """float [V]: each word's mask value at the end of training.

    If the mask depends on the text, this is the average over all texts, with the best epoch's weights; 0 for words in
    no text.
    """
    training = TrainConfig(epochs=epochs, seed=seed, device="cpu")
    config = ExperimentConfig(DataConfig("planted"), train=training, arms=(arm,))
    for event in fit(config, dataset):
        if isinstance(event, EpochEnd) and event.epoch == epochs and arm in event.word_masks:
            return event.word_masks[arm].astype(np.float64)
        if isinstance(event, Finished):
            finished = event
    predictor = Subject.of_weights(arm, config, corpus.vocabulary, corpus.classes, finished.weights[arm])
    total, count = np.zeros(len(corpus.vocabulary)), np.zeros(len(corpus.vocabulary))
    for ids, values in zip(corpus.ids, predictor.masks(dataset.texts), strict=True):
        np.add.at(total, ids[1:], [value for _, value in values])
        np.add.at(count, ids[1:], 1)
    mean: np.ndarray = total / np.maximum(count, 1)
    return mean


def run(seeds: int = 10, epochs: int = 10, arms: Sequence[str] = ARMS, texts: int = 1000) -> list[Row]:
    """With balanced classes and with 70/30. The note gives the average precision; random order has 0.05."""
    rows = []
    for balance in (0.5, 0.7):
        found: dict[str, list[float]] = {name: [] for name in (PEER, "random", "raw count", *arms)}
        for seed in range(seeds):
            made = planted(texts=texts, seed=seed, balance=balance)
            dataset, _ = build(made.table, seed=seed)
            corpus = encode(dataset, 30_000)
            keyword = np.array([word in made.keywords for word in corpus.vocabulary.words])
            known = corpus.vocabulary.counts > 0
            counts = np.stack([_counts(corpus, label) for label in range(len(corpus.classes))])
            scores = {
                PEER: association(counts),
                "random": np.random.default_rng(seed).random(len(keyword)),
                "raw count": counts.sum(0),
            }
            scores |= {arm: value_of_words(arm, dataset, corpus, epochs, seed) for arm in arms}
            for name, score in scores.items():
                found[name].append(float(average_precision_score(keyword[known], score[known])))
        peer = float(np.mean(found[PEER]))
        for name, precisions in found.items():
            low, high = np.quantile(precisions, [0.25, 0.75])
            note = f"average precision {np.mean(precisions):.2f}, lowest {min(precisions):.2f}"
            spread = (float(low) / peer, float(high) / peer)
            rows.append(
                Row(f"{name}, {balance:.0%} / {1 - balance:.0%}", PEER, float(np.mean(precisions)) / peer, spread, note)
            )
    return rows


def _counts(corpus: EncodedCorpus, label: int) -> np.ndarray:
    rows = [row for row in corpus.rows("train") if corpus.labels[row] == label]
    return np.bincount(np.concatenate([corpus.ids[row][1:] for row in rows]), minlength=len(corpus.vocabulary))

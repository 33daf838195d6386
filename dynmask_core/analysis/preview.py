"""What a mask does to one sentence, from a tiny model that is trained for this in seconds."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data.dataset import Dataset
from dynmask_core.inputs import Picture, fit_to
from dynmask_core.masks import REGISTRY, parse

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject

ROWS = 300
"""This many texts are enough for a picture; the caller prepares a data set with no more."""
MODEL = ModelConfig(dim=32, heads=4, layers=2)
EPOCHS = 6
KEPT = 128
"""How many trained models a process keeps, so that the next sentence costs nothing."""

_trained: OrderedDict[tuple[str, str, str], Subject] = OrderedDict()


@dataclass(frozen=True, eq=False)
class Preview:
    """One sentence under one arm. T tokens, S positions with recorded attention, [CLS] first.

    tokens: as written. mask: float32 [T] in [0, 1], 1 keeps. attention, keys, heads: see ProbeRecord. unknown: words of
    the sentence that training never saw. picture: if the sample is looked at; tokens then name its parts. bands: see
    ProbeRecord.
    """

    tokens: tuple[str, ...]
    mask: np.ndarray
    attention: np.ndarray
    keys: np.ndarray
    heads: np.ndarray
    unknown: tuple[str, ...] = ()
    picture: Picture | None = None
    bands: np.ndarray | None = None


def digest(dataset: Dataset) -> str:
    """Equal texts, labels and split give equal digests in every process."""
    whole = hashlib.blake2b("\x1f".join([*dataset.texts, *dataset.classes]).encode(), digest_size=12)
    for array in (dataset.labels, dataset.split, *dataset.spans):
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


def preview(arm: str, dataset: Dataset, sentence: str, tokenizer: str = "auto") -> Preview:
    """Trains the arm on `dataset`, unless this process still has that model, and shows the sentence under it.

    A mask for training only is shown as in the first epoch, any other as in the best epoch.
    tokenizer: the one used for `dataset`. Raises InputError if the arm cannot be trained.
    """
    subject = _subject(arm, dataset, tokenizer)
    found = subject.records([sentence])[0]
    shown = subject.reader.show(sentence, subject.reader.recorded)
    tokens = tuple(shown.text[a:b] for a, b in shown.spans)
    unknown = tuple(subject.reader.unknown_units(sentence))
    return Preview(tokens, found.mask, found.attention, found.keys, found.heads, unknown, shown.picture, found.bands)


def _subject(arm: str, dataset: Dataset, tokenizer: str) -> Subject:
    key = (arm, digest(dataset), tokenizer)
    if key not in _trained:
        _trained[key] = _train(arm, dataset, tokenizer)
        if len(_trained) > KEPT:
            _trained.popitem(last=False)
    _trained.move_to_end(key)
    return _trained[key]


def _train(arm: str, dataset: Dataset, tokenizer: str) -> Subject:
    # Loaded here: pages import Preview without torch.
    from dynmask_core.analysis.subject import Subject
    from dynmask_core.events import EpochEnd, Finished, Started
    from dynmask_core.masked_model import part_of
    from dynmask_core.training.fit import fit

    # Such masks often fade out during training, so they are shown at its start.
    early = any(REGISTRY[name].only_training for name, _ in parse(arm))

    data = DataConfig("preview", tokenizer=tokenizer)
    config = ExperimentConfig(data, MODEL, train=TrainConfig(epochs=EPOCHS, device="cpu"), arms=(arm,))
    config = fit_to(config, dataset)
    for event in fit(config, dataset):
        if isinstance(event, Started):
            vocabulary = event.vocabulary
        if early and isinstance(event, EpochEnd) and event.epoch == 1:
            weights = {name: array.copy() for name, array in part_of(event.state, "0.now.").items()}
            break
        if isinstance(event, Finished):
            weights = dict(event.weights[arm])
    return Subject.of_weights(arm, config, vocabulary, dataset.classes, weights)

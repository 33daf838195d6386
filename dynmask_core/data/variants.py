"""Variants of a data set for studies: a new split, fewer training texts, a test on another data set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dynmask_core.data.dataset import Dataset
from dynmask_core.data.split import (
    MIN_PER_CLASS,
    TRAIN,
    TRANSFER,
    UNKNOWN,
    complete,
    largest_remainder,
    stratified_split,
    text_key,
)
from dynmask_core.errors import InputError
from dynmask_core.keys import generator
from dynmask_core.messages import listed


def resplit(dataset: Dataset, seed: int) -> Dataset:
    """The same texts with the split of another seed; rows that the file assigns to a part keep it."""
    own = np.flatnonzero(dataset.split != TRANSFER)
    labels, texts = dataset.labels[own], [dataset.texts[row] for row in own]
    split = dataset.split.copy()
    if dataset.given is None:
        split[own] = stratified_split(labels, seed=seed, texts=texts)
    else:
        split[own] = complete(dataset.given[own], labels, texts, seed=seed)
    return replace(dataset, split=split)


def shorten(dataset: Dataset, size: int, seed: int) -> Dataset:
    """Keeps at most `size` training texts, stratified; the others become UNKNOWN.

    Only pre-training reads UNKNOWN texts, without their labels. Validation and test stay whole. With the same seed, a
    smaller choice is part of a larger one, as far as class shares allow. Raises InputError `too_short` if a class would
    keep fewer than two texts.
    """
    rows = dataset.rows("train")
    values, counts = np.unique(dataset.labels[rows], return_counts=True)
    if size < 2 * len(values):
        raise InputError("too_short", size=size, least=2 * len(values))
    split = dataset.split.copy()
    split[rows] = UNKNOWN
    rng = generator(seed, "training size")
    for value, share in zip(values, largest_remainder(counts, size, MIN_PER_CLASS // 2), strict=True):
        split[rng.permutation(rows[dataset.labels[rows] == value])[:share]] = TRAIN
    return replace(dataset, split=split)


def transfer_to(dataset: Dataset, other: Dataset) -> tuple[Dataset, int]:
    """Appends the texts of `other` to `dataset` as the part "transfer", except texts that `dataset` has too.

    Returns the joined data set and the number of texts left out.
    Raises InputError `other_labels` if `other` has a label that is not in `dataset`, `same_texts` if no text is left.
    """
    foreign = sorted(set(other.classes) - set(dataset.classes))
    if foreign:
        raise InputError("other_labels", labels=listed(foreign, 5), known=", ".join(dataset.classes))
    known = {text_key(text) for text in dataset.texts}
    rows = [row for row, text in enumerate(other.texts) if text_key(text) not in known]
    if not rows:
        raise InputError("same_texts")
    number = np.array([dataset.classes.index(name) for name in other.classes])
    behind = np.full(len(rows), TRANSFER, dtype=np.int8)
    joined = replace(
        dataset,
        texts=dataset.texts + [other.texts[row] for row in rows],
        labels=np.concatenate([dataset.labels, number[other.labels[rows]]]),
        split=np.concatenate([dataset.split, behind]),
        spans=dataset.spans + [other.spans[row] for row in rows],
        rationale=None,
        targets=None,
        given=None if dataset.given is None else np.concatenate([dataset.given, behind]),
    )
    return joined, len(other.texts) - len(rows)

"""Stores a data set in one file, without pickle, so that a run can resume if its source is gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from dynmask_core.data.dataset import Dataset
from dynmask_core.runs.files import Readable, read_arrays, understood, write_arrays


def save_dataset(path: Path, dataset: Dataset) -> None:
    words: dict[str, Any] = {"name": dataset.name, "texts": dataset.texts, "classes": list(dataset.classes)}
    if dataset.targets is not None:
        words["targets"] = dataset.targets
    arrays: dict[str, np.ndarray] = {
        "words": np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), dtype=np.uint8),
        "labels": dataset.labels,
        "split": dataset.split,
        "spans": np.concatenate(dataset.spans),
        "span_counts": np.array([len(spans) for spans in dataset.spans]),
    }
    if dataset.rationale is not None:
        arrays["rationale"] = np.concatenate(dataset.rationale)
    if dataset.given is not None:
        arrays["given"] = dataset.given
    write_arrays(path, arrays)


def load_dataset(path: Readable) -> Dataset:
    """Raises InputError: `file_missing`, `file_damaged`."""
    arrays = read_arrays(path)
    with understood(path):
        words = json.loads(arrays["words"].tobytes())
        ends = np.cumsum(arrays["span_counts"])[:-1]
        marks = arrays.get("rationale")
        return Dataset(
            name=words["name"],
            texts=words["texts"],
            labels=arrays["labels"],
            classes=tuple(words["classes"]),
            split=arrays["split"],
            spans=np.split(arrays["spans"], ends),
            rationale=None if marks is None else np.split(marks, ends),
            given=arrays.get("given"),
            targets=words.get("targets"),
        )

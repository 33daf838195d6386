"""Words marked by people: how well each mask finds the words that people marked as making a sentence's mood.

Needs `sst_rationale.jsonl` (tokens, label 0–4, rationale, split) in the folder $DYNMASK_DATA. It is research data and
not part of the project.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dynmask_core.analysis.marks import precision
from dynmask_core.analysis.subject import Subject
from dynmask_core.bench.timing import Row
from dynmask_core.config import DataConfig, ExperimentConfig, TrainConfig
from dynmask_core.data import Columns, Table, build
from dynmask_core.errors import InputError
from dynmask_core.events import Finished, Started
from dynmask_core.training.fit import fit

FILE = "sst_rationale.jsonl"
ARMS = (
    "frequency",
    "keyword",
    "rationale",
    "repaired",
    "gradient",
    "hardconcrete",
    "hardconcrete:by=context",
    "hardkuma",
    "diffmask",
)
FINE = ("rationale", "rationale:classes=ordered")
"""Trained on all five labels, including the neutral sentences."""


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def moody(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All rows except those with label 2, which is neutral."""
    return [row for row in rows if row["label"] != 2]


def naive_bayes(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Each word's log-odds of the positive against the negative class, with add-one smoothing."""
    counts: dict[bool, dict[str, int]] = {True: {}, False: {}}
    for row in rows:
        of_class = counts[row["label"] > 2]
        for token in row["tokens"]:
            of_class[token.lower()] = of_class.get(token.lower(), 0) + 1
    words = counts[True].keys() | counts[False].keys()
    total = {mood: sum(of_class.values()) + len(words) for mood, of_class in counts.items()}
    rate = {mood: {word: (counts[mood].get(word, 0) + 1) / total[mood] for word in words} for mood in counts}
    return {word: float(np.log(rate[True][word] / rate[False][word])) for word in words}


def per_word(tokens: Sequence[str], values: Sequence[tuple[str, float]]) -> np.ndarray:
    """float [len(tokens)]: each word's mask value, averaged over the pieces the model splits it into.

    tokens: the words, split at blanks. values: the pieces with their mask values; a word without pieces gets 1.0.
    """
    result, pieces = [], iter(values)
    for token in tokens:
        left, got = len(token), []
        while left > 0 and (piece := next(pieces, None)) is not None:
            left -= len(piece[0])
            got.append(piece[1])
        result.append(np.mean(got) if got else 1.0)
    return np.array(result)


def mood(row: dict[str, Any]) -> str:
    return "positive" if row["label"] > 2 else "negative"


def trained(
    arm: str, rows: Sequence[dict[str, Any]], label: Callable[[dict[str, Any]], str], epochs: int, seed: int = 0
) -> Subject:
    """The arm's best epoch on the training rows; `label` names a row's class."""
    frame = pd.DataFrame(
        {
            "text": [" ".join(row["tokens"]) for row in rows],
            "label": [label(row) for row in rows],
            "split": [{"dev": "validation"}.get(row["split"], row["split"]) for row in rows],
        },
        dtype=str,
    )
    dataset, _ = build(Table(frame, "csv"), Columns("text", "label", "split"), seed=seed)
    training = TrainConfig(epochs=epochs, seed=seed, device="cpu")
    config = ExperimentConfig(DataConfig("rationale"), train=training, arms=(arm,))
    for event in fit(config, dataset):
        if isinstance(event, Started):
            vocabulary = event.vocabulary
        if isinstance(event, Finished):
            return Subject.of_weights(arm, config, vocabulary, dataset.classes, event.weights[arm])
    raise AssertionError("a run ends with Finished")


def run(epochs: int = 8, arms: Sequence[str] = ARMS, fine: Sequence[str] = FINE) -> list[Row]:
    """The note gives the average precision. The peer is naive-Bayes log-odds that know the sentence's true label."""
    folder = os.environ.get("DYNMASK_DATA")
    path = Path(folder or ".") / FILE
    if not path.exists():
        raise InputError("no_bench_data", file=FILE)
    everything = read(path)
    rows = moody(everything)
    test = [row for row in rows if row["split"] == "test"]
    odds = naive_bayes([row for row in rows if row["split"] == "train"])
    known = [
        np.array([odds.get(token.lower(), 0.0) * (1 if row["label"] > 2 else -1) for token in row["tokens"]])
        for row in test
    ]
    marks = [np.array(row["rationale"]) for row in test]
    peer = precision(marks, known)
    rng = np.random.default_rng(0)

    def against_peer(name: str, scores: Sequence[np.ndarray]) -> Row:
        found = precision(marks, scores)
        return Row(name, "log-odds", found / peer, (found / peer,) * 2, f"average precision {found:.3f}")

    def masks(predictor: Subject) -> list[np.ndarray]:
        values = predictor.masks([" ".join(row["tokens"]) for row in test])
        return [per_word(row["tokens"], v) for row, v in zip(test, values, strict=True)]

    made = [against_peer("random", [rng.random(len(row["tokens"])) for row in test])]
    made += [against_peer(arm, masks(trained(arm, rows, mood, epochs))) for arm in arms]
    for arm in fine:
        predictor = trained(arm, everything, lambda row: str(row["label"]), epochs)
        made.append(against_peer(f"{arm}, five classes", masks(predictor)))
    return made

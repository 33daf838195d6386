"""What a run has recorded, as long tables to take home: masks, attention, predictions; as CSV, JSON or Parquet.

Sentences are counted from 1, as on the page; positions in a sentence from 0, which is [CLS], so its first word is 1;
layers and heads from 0; epoch 0 is before training.
"""

from __future__ import annotations

import io
from typing import Literal, get_args

import numpy as np
import pandas as pd

from dynmask_core.analysis.errors import answers
from dynmask_core.attention_code import decode
from dynmask_core.data.spreadsheet import csv_of
from dynmask_core.errors import InputError
from dynmask_core.inputs import make_input
from dynmask_core.runs import Run

Table = Literal["masks", "words", "attention", "predictions"]
Kind = Literal["csv", "json", "parquet"]
TABLES: tuple[Table, ...] = get_args(Table)
KINDS: tuple[Kind, ...] = get_args(Kind)


def table(run: Run, what: Table) -> pd.DataFrame:
    """Raises InputError: `nothing_recorded` before the first epoch is recorded, `no_probes`; for predictions see
    `errors.answers`."""
    if what == "predictions":
        return predictions(run)
    if not run.epochs() or run.vocabulary() is None:
        raise InputError("nothing_recorded", name=run.name)
    if what == "words":
        return words(run)
    if not run.probes():
        raise InputError("no_probes", name=run.name)
    return masks(run) if what == "masks" else attention(run)


def masks(run: Run) -> pd.DataFrame:
    """epoch, arm, sentence, position, word (as written), mask in [0, 1] (1 keeps; recorded in steps of 1/255)."""
    reader, arms = make_input(run.config(), run.vocabulary()), run.config().arms
    shown = [reader.show(probe.text, reader.recorded) for probe in run.probes()]
    parts = []
    for epoch, snapshot in run.snapshots().items():
        for arm in arms:
            for index, sentence in enumerate(shown):
                if (record := snapshot.probe(index, arm)) is None:
                    continue  # it was added later
                told = [sentence.text[start:end] for start, end in sentence.spans]
                places = np.arange(1, len(told) + 1)
                parts.append(_part(arms, epoch, arm, sentence=index + 1, position=places, word=told, mask=record.mask))
    return pd.concat(parts, ignore_index=True)


def words(run: Run) -> pd.DataFrame:
    """epoch, arm, word, mask: the masks of the whole vocabulary, of the arms whose mask belongs to words."""
    vocabulary, arms = run.vocabulary(), run.config().arms
    assert vocabulary is not None
    known = pd.Categorical(vocabulary.words, categories=vocabulary.words)
    parts = [_part(arms, 0, arms[0], word=known[:0], mask=np.zeros(0, dtype=np.float32))]
    for epoch, snapshot in run.snapshots().items():
        for arm in arms:
            if (values := snapshot.word_mask(arm)) is not None:
                parts.append(_part(arms, epoch, arm, word=known[: len(values)], mask=values.astype(np.float32)))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def attention(run: Run) -> pd.DataFrame:
    """epoch, arm, sentence, layer, head, query, key, weight in [0, 1]; no weight where the mask forbids the edge or the
    head is closed. Weights are recorded as one byte each, see `attention_code`."""
    arms, parts = run.config().arms, []
    for epoch, snapshot in run.snapshots().items():
        for arm in arms:
            for index in range(len(run.probes())):
                if (record := snapshot.probe(index, arm)) is None:
                    continue
                codes = record.attention  # [L, H, S, S]
                layer, head, query, key = (axis.ravel() for axis in np.indices(codes.shape, dtype=np.int16))
                weight = np.where(codes == 0, np.float32("nan"), decode(codes)).ravel()
                places = {"layer": layer, "head": head, "query": query, "key": key}
                parts.append(_part(arms, epoch, arm, sentence=index + 1, **places, weight=weight))
    return pd.concat(parts, ignore_index=True)


def predictions(run: Run) -> pd.DataFrame:
    """arm, row (of the data), text, truth, predicted, probability (of the predicted class), loss: the test texts."""
    found = answers(run)
    classes = np.array(found.classes)
    parts = [
        pd.DataFrame(
            {
                "arm": pd.Categorical([arm] * len(found), categories=found.arms),
                "row": found.rows,
                "text": found.texts,
                "truth": classes[found.truth],
                "predicted": classes[found.predicted[a]],
                "probability": found.probability[a],
                "loss": found.loss[a],
            }
        )
        for a, arm in enumerate(found.arms)
    ]
    return pd.concat(parts, ignore_index=True)


def _part(arms: tuple[str, ...], epoch: int, arm: str, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    frame.insert(0, "epoch", np.full(len(frame), epoch, dtype=np.int16))
    # Categories: millions of rows name the same few arms.
    frame.insert(1, "arm", pd.Series(pd.Categorical([arm] * len(frame), categories=arms)))
    return frame


def written(frame: pd.DataFrame, kind: Kind) -> bytes:
    """CSV (see `csv_of`), JSON as a list of one object per row with null for a missing number, or Parquet."""
    if kind == "json":
        return frame.to_json(orient="records", force_ascii=False, double_precision=6).encode()
    if kind == "csv":
        return csv_of(frame)
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()

"""Uses a trained run on new texts: answers for each, as a table to take home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from dynmask_core.analysis.standing import require_classes, standing
from dynmask_core.config.checks import one_of
from dynmask_core.data.columns import check_name, guess
from dynmask_core.data.load import read_lines
from dynmask_core.data.media import TEXT, medium, medium_of
from dynmask_core.data.readers.class_folders import FILE
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.data.samples import resolve
from dynmask_core.data.spreadsheet import csv_of
from dynmask_core.data.table import Table
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError
from dynmask_core.runs import Run
from dynmask_core.tasks import task_of

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject


@dataclass(frozen=True, eq=False)
class Predictions:
    """texts: as given, in their order, pictures and sounds by name. predicted: by arm, the class of each, "" for a text
    without words and for a picture or sound that cannot be decoded. probability: by arm, float32 [N] of that class, NaN
    without one. early, epoch: see Standing."""

    texts: tuple[str, ...]
    predicted: dict[str, list[str]]
    probability: dict[str, np.ndarray]
    early: bool
    epoch: int

    @property
    def empty(self) -> int:
        """How many texts have no words."""
        return sum(not label for label in next(iter(self.predicted.values())))

    def rows(self) -> list[dict[str, Any]]:
        """A dict per text: `text`, and per arm `predicted_ARM` and `probability_ARM` (None without words)."""
        table = []
        for i, text in enumerate(self.texts):
            row: dict[str, Any] = {"text": text}
            for arm, labels in self.predicted.items():
                found = float(self.probability[arm][i])
                row |= {f"predicted_{arm}": labels[i], f"probability_{arm}": None if found != found else found}
            table.append(row)
        return table

    def csv(self) -> bytes:
        """The table as CSV, see `csv_of`."""
        import pandas as pd

        names = ["text", *(f"{what}_{arm}" for arm in self.predicted for what in ("predicted", "probability"))]
        return csv_of(pd.DataFrame(self.rows(), columns=names))


def predict(
    run: Run,
    texts: Sequence[str],
    arms: Sequence[str] = (),
    opened: Callable[[str], Subject] | None = None,
    names: Sequence[str] = (),
) -> Predictions:
    """What the arms, by default all, answer to new texts, at their best epochs; the run may not be finished yet. Arms
    that write (see Task.writes) answer with what they write, and its probability as a whole.

    opened: gives the model of an arm at its best epoch; by default it is opened anew. names: of pictures and sounds, by
    default their numbers from 1. Raises InputError: `no_weights`
    before the end of its first epoch, `no_classes`, `bad_setting` for an unknown arm; `media_broken` if
    no picture or sound can be decoded.
    """
    from dynmask_core.analysis.subject import Subject

    writes = task_of(run.config()).writes
    if not writes:
        require_classes(run)
    known = run.config().arms
    for arm in arms:
        one_of("arm", arm, known)
    stands = standing(run)
    predicted, probability = {}, {}
    for arm in arms or known:
        subject = Subject.open(run, arm) if opened is None else opened(arm)
        if writes:
            from dynmask_core.analysis.continued import write_all

            written = write_all(run, subject, texts)
            predicted[arm] = [text for text, _ in written]
            probability[arm] = np.array([chance for _, chance in written], dtype=np.float32)
            continue
        can = np.array([_has_units(subject, text) for text in texts], dtype=bool)
        if not can.any() and medium_of(texts) != TEXT:
            raise InputError("media_broken")
        given = np.full((len(texts), len(subject.classes)), np.float32("nan"))
        rows = np.flatnonzero(can)
        given[rows] = subject.probabilities([texts[row] for row in rows.tolist()], rows)
        chosen = np.where(can[:, None], given, 0).argmax(-1)
        predicted[arm] = [subject.classes[c] if yes else "" for c, yes in zip(chosen, can, strict=True)]
        probability[arm] = given[np.arange(len(given)), chosen]
    shown = [text if medium(text) == TEXT else names[i] if names else str(i + 1) for i, text in enumerate(texts)]
    return Predictions(tuple(shown), predicted, probability, stands.early, stands.epoch)


def _has_units(subject: Subject, text: str) -> bool:
    try:
        return len(subject.reader.read(text)) > 1
    except InputError:
        return False


def read_texts(
    run: Run, source: str, text_column: str | None = None, **options: Unpack[ReadOptions]
) -> tuple[list[str], str, tuple[DataWarning, ...], list[str]]:
    """The texts of a file or sample, one per row, see `read_lines` and `texts_of`; their column, what is not sure,
    and the names of their files, [] if they come from one.

    text_column: None for the one of `text_column_of`. Raises InputError, also for what cannot be read.
    """
    table = read_lines(lambda **known: resolve(source, **known), source, **options)
    doubts = table.warnings
    if text_column is None:
        text_column, guessed = text_column_of(run, table)
        doubts = (*doubts, *guessed)
    names = table.cells(FILE) if FILE in table.columns else []
    return texts_of(table, text_column), text_column, doubts, names


def text_column_of(run: Run, table: Table) -> tuple[str, list[DataWarning]]:
    """The column with the texts: the one that the run was trained on, if the table has it, else a guess; and a warning
    if that is not certain."""
    trained = run.config().data.text_column
    if trained in table.columns:
        return trained, []
    found = guess(table, label="", split="")
    return found.columns.text, found.warnings()


def texts_of(table: Table, text_column: str) -> list[str]:
    """The cells of a column, in the order of its rows; empty ones stay. Raises InputError: `column_missing`, `no_texts`
    if all are empty."""
    check_name(table, text_column)
    cells = table.cells(text_column)
    if not any(cells):
        raise InputError("no_texts", source=table.name)
    return cells


def lines_of(pasted: str) -> list[str]:
    """The texts of a pasted list, one per line; empty lines between them stay. Raises InputError `nothing_pasted`."""
    lines = [line.strip() for line in pasted.strip().splitlines()]
    if not lines:
        raise InputError("nothing_pasted")
    return lines

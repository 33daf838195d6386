"""Uses a trained run on new texts: answers for each, as a table to take home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from dynmask_core.analysis.standing import require_classes, standing
from dynmask_core.config.checks import one_of
from dynmask_core.data.columns import check_name, guess
from dynmask_core.data.load import plain_format
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.data.samples import resolve
from dynmask_core.data.spreadsheet import csv_of
from dynmask_core.data.table import Table
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject


@dataclass(frozen=True, eq=False)
class Predictions:
    """texts: as given, in their order. predicted: by arm, the class of each text, "" for a text without words.
    probability: by arm, float32 [N] of that class, NaN for a text without words. early, epoch: see Standing."""

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
    run: Run, texts: Sequence[str], arms: Sequence[str] = (), opened: Callable[[str], Subject] | None = None
) -> Predictions:
    """What the arms, by default all, answer to new texts, at their best epochs; the run may not be finished yet.

    opened: gives the model of an arm at its best epoch; by default it is opened anew. Raises InputError: `no_weights`
    before the end of its first epoch, `no_classes`, `bad_setting` for an unknown arm.
    """
    from dynmask_core.analysis.subject import Subject

    require_classes(run)
    known = run.config().arms
    for arm in arms:
        one_of("arm", arm, known)
    stands = standing(run)
    predicted, probability = {}, {}
    for arm in arms or known:
        subject = Subject.open(run, arm) if opened is None else opened(arm)
        given = subject.probabilities(texts)
        worded = np.array([len(subject.reader.read(text)) > 1 for text in texts], dtype=bool)
        chosen = given.argmax(-1)
        predicted[arm] = [subject.classes[c] if w else "" for c, w in zip(chosen, worded, strict=True)]
        probability[arm] = np.where(worded, given[np.arange(len(given)), chosen], np.float32("nan"))
    return Predictions(tuple(texts), predicted, probability, stands.early, stands.epoch)


def read_texts(
    run: Run, source: str, text_column: str | None = None, **options: Unpack[ReadOptions]
) -> tuple[list[str], str, tuple[DataWarning, ...]]:
    """The texts of a file or sample, one per row, see `read_lines` and `texts_of`; their column, and what is not sure.

    text_column: None for the one of `text_column_of`. Raises InputError, also for what cannot be read.
    """
    table = read_lines(lambda **known: resolve(source, **known), source, **options)
    doubts = table.warnings
    if text_column is None:
        text_column, guessed = text_column_of(run, table)
        doubts = (*doubts, *guessed)
    return texts_of(table, text_column), text_column, doubts


def read_lines(read: Callable[..., Table], name: str, **options: Unpack[ReadOptions]) -> Table:
    """A table of texts. A .txt file has one text per line, unless its first row names the column of the texts, or its
    lines have a layout that lines of prose never have: tabs, JSON, a label with marks.

    read: reads the file called `name` with such options. Raises InputError for what cannot be read.
    """
    plain = plain_format(name)
    if plain is None or options.get("delimiter") is not None:
        return read(**options)
    try:
        table = read(**options)
        named = not set(options.get("columns", ())).isdisjoint(table.columns)
        if table.format not in ("csv", "text"):
            return table
        if table.has_header and (named or guess(table, label="", split="").text.reason == "named"):
            return table
    except InputError:
        pass  # the lines of a text need not make a table
    return read(**options | {"format": plain})


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

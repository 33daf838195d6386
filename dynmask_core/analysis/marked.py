"""Uses a trained run that marks units on new samples: what each unit is marked as, as a table to take home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dynmask_core.analysis.standing import standing
from dynmask_core.config import OUTSIDE, MarkSettings
from dynmask_core.config.checks import one_of
from dynmask_core.data.spreadsheet import csv_of
from dynmask_core.evaluate.objects import Box, boxes_read
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject
    from dynmask_core.inputs import Shown


@dataclass(frozen=True, eq=False)
class Marked:
    """samples: as given, in their order. units: how the units of each are written, or called. predicted: by arm, the
    mark of every unit. boxes: by arm, of pictures the boxes read from the marks, in pixels of the picture as the model
    reads it; else None. early, epoch: see Standing."""

    samples: tuple[str, ...]
    units: list[list[str]]
    predicted: dict[str, list[list[str]]]
    boxes: dict[str, list[list[Box]]] | None
    early: bool
    epoch: int

    @property
    def empty(self) -> int:
        """How many samples have no units."""
        return sum(not units for units in self.units)

    def told(self, arm: str) -> list[str]:
        """Of each sample the units that are marked as something, as UNIT/MARK; of a picture its boxes."""
        if self.boxes is not None:
            return [" ".join(",".join(map(str, box)) for box in boxes) for boxes in self.boxes[arm]]
        return [in_words(units, marks) for units, marks in zip(self.units, self.predicted[arm], strict=True)]

    def rows(self) -> list[dict[str, Any]]:
        """A dict per sample: `text`, `units`, and per arm `marks_ARM` and, of pictures, `boxes_ARM`."""
        table = []
        for i, sample in enumerate(self.samples):
            row: dict[str, Any] = {"text": sample, "units": self.units[i]}
            for arm, marks in self.predicted.items():
                row[f"marks_{arm}"] = marks[i]
                if self.boxes is not None:
                    row[f"boxes_{arm}"] = [list(box) for box in self.boxes[arm][i]]
            table.append(row)
        return table

    def csv(self) -> bytes:
        """The table as CSV in UTF-8 with a mark at its start; units and marks between spaces, boxes as
        left,top,right,bottom."""
        import pandas as pd

        rows = [{name: _cell(value) for name, value in row.items()} for row in self.rows()]
        return csv_of(pd.DataFrame(rows, columns=list(rows[0]) if rows else ["text"]))


def in_words(units: Sequence[str], marks: Sequence[str]) -> str:
    """The units that are marked as something, as UNIT/MARK."""
    return " ".join(f"{unit}/{mark}" for unit, mark in zip(units, marks, strict=True) if mark != OUTSIDE)


def _cell(value: str | list[Any]) -> str:
    if isinstance(value, str):
        return value
    return " ".join(one if isinstance(one, str) else ",".join(map(str, one)) for one in value)


def mark(
    run: Run, samples: Sequence[str], arms: Sequence[str] = (), opened: Callable[[str], Subject] | None = None
) -> Marked:
    """What the arms, by default all, mark the units of new samples as, at their best epochs.

    opened: gives the model of an arm at its best epoch; by default it is opened anew. Raises InputError: `no_weights`
    before the end of its first epoch, `bad_setting` for an unknown arm.
    """
    from dynmask_core.analysis.subject import Subject

    settings = cast(MarkSettings, run.config().task)
    known = run.config().arms
    for arm in arms:
        one_of("arm", arm, known)
    stands = standing(run)
    shown: list[Shown] = []
    predicted: dict[str, list[list[str]]] = {}
    boxes: dict[str, list[list[Box]]] = {}
    for arm in arms or known:
        subject = Subject.open(run, arm) if opened is None else opened(arm)
        codes = [given.argmax(-1) for given in subject.marks(samples)]
        shown = shown or [subject.reader.show(sample) for sample in samples]
        predicted[arm] = [[settings.marks[code] for code in one] for one in codes]
        boxes[arm] = [_boxes(one, look, subject.reader.config.patch) for one, look in zip(codes, shown, strict=True)]
    units = [[look.text[a:b] for a, b in look.spans] for look in shown]
    pictures = settings.outside and settings.marks[0] != OUTSIDE
    return Marked(tuple(samples), units, predicted, boxes if pictures else None, stands.early, stands.epoch)


def _boxes(codes: np.ndarray, shown: Shown, patch: int) -> list[Box]:
    """Around the marked parts of a picture."""
    if shown.picture is None:
        return []
    whole = np.zeros(shown.picture.rows * shown.picture.columns, dtype=bool)
    whole[: len(codes)] = codes > 0
    return boxes_read(whole.reshape(shown.picture.rows, shown.picture.columns), patch)

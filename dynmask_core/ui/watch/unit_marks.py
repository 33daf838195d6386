"""What the units of a watched sample are marked as in the data of its run."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from dynmask_core.config import MarkSettings
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.inputs import Input
from dynmask_core.runs import Run
from dynmask_core.tasks.unit_marks import Truth


def truth_of(run: Run, reader: Input, sample: str, units: int) -> list[int] | None:
    """The numbers of the marks of the first `units` units, without the special one, −1 where none is asked; None for
    a sample that is not in the data, or if the run came without them."""
    try:
        data = run.dataset()
        if data.targets is None or sample not in data.texts:
            return None
        one = _row(data, data.texts.index(sample))
        marks = cast(MarkSettings, run.config().task).marks
        found = Truth.of(one, [len(reader.read(sample))], reader, marks).units[0][1 : 1 + units].tolist()
    except InputError:
        return None
    return found if len(found) == units else None


def _row(data: Dataset, row: int) -> Dataset:
    part = slice(row, row + 1)
    assert data.targets is not None
    targets, spans = data.targets[part], data.spans[part]
    return replace(
        data, texts=data.texts[part], labels=data.labels[part], split=data.split[part], spans=spans, targets=targets,
        rationale=None, given=None,
    )  # fmt: skip

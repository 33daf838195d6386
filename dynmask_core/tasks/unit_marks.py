"""What every unit of a data set is to be marked as: see Dataset.targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dynmask_core.data.dataset import Dataset
from dynmask_core.data.media import IMAGE
from dynmask_core.data.targets import objects_of
from dynmask_core.errors import InputError
from dynmask_core.evaluate.objects import Numbered, patches_of
from dynmask_core.inputs import Input


@dataclass(frozen=True)
class Truth:
    """Of N samples. units: int64 [T] each, the number of each unit's mark, −1 at the special one and where none is
    asked. objects: of pictures, where each object is. patch: pixels of a unit's side; 0 if samples are no pictures."""

    units: list[np.ndarray]
    objects: list[Numbered] | None = None
    patch: int = 0

    @classmethod
    def of(cls, data: Dataset, lengths: Sequence[int], reader: Input, marks: Sequence[str]) -> Truth:
        """lengths: units of each sample as it is encoded, the special one included. Raises InputError `no_targets`, or
        `bad_setting` for targets with other marks."""
        if data.targets is None:
            raise InputError("no_targets")
        if data.medium == IMAGE:
            side, patch = reader.config.side, reader.config.patch
            objects = [objects_of(target, side) for target in data.targets]
            flat = [patches_of(one, patch).ravel().astype(np.int64) for one in objects]
            return cls([_behind_special(one, n) for one, n in zip(flat, lengths, strict=True)], objects, patch)
        number = {mark: code for code, mark in enumerate(marks)}
        units = []
        for row, target in enumerate(data.targets):
            tags = target.split()
            if unknown := [tag for tag in tags if tag not in number]:
                raise InputError("bad_setting", name="marks", value=unknown[0], expected=", ".join(marks))
            codes = np.array([number[tag] for tag in tags], dtype=np.int64)
            units.append(_behind_special(_spread(codes, data, row, reader), lengths[row]))
        return cls(units)


def _spread(codes: np.ndarray, data: Dataset, row: int, reader: Input) -> np.ndarray:
    """int64 [units]: the mark of each word at the first unit that it is made of, −1 at the others."""
    words = data.spans[row][: len(codes)]
    if not len(words):
        return codes  # samples that are no texts have a tag for each unit
    starts = reader.places(data, row)[:, 0]
    word = np.searchsorted(words[:, 0], starts, side="right") - 1
    first = np.diff(word, prepend=-1) > 0
    return np.where(first & (word >= 0), codes[np.maximum(word, 0)], -1)


def _behind_special(marks: np.ndarray, length: int) -> np.ndarray:
    found = np.full(length, -1, dtype=np.int64)
    some = marks[: length - 1]
    found[1 : 1 + len(some)] = some
    return found

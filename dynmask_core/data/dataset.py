"""Labelled, split and tokenised texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dynmask_core.data.media import medium_of
from dynmask_core.data.spans import Marks, Spans
from dynmask_core.data.split import PARTS, Parts

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled, split and tokenised texts, one entry per row in file order.

    texts: as written, without white space at the ends. labels: int64, index into `classes`. classes: sorted, by value
    if all are numbers. split: int8, 0 train, 1 validation, 2 test, 3 transfer, −1 not used. spans: per text an int32
    array [tokens, 2] of character offsets [start, end), with 1 to `max_tokens` tokens. rationale: per text an int8
    array [tokens], 1 for a token marked as a reason; None if the file has no marks. given: int8, the part that the
    file's split column gives each row, −1 for an empty cell; None without such a column. targets: what each sample is
    to become, as it is written: a translation, the tags of its tokens, a picture of its objects; None if only classes
    are known.

    Samples can be pictures or sounds (see `data.media`): `texts` then holds their files, and `spans` are empty.
    """

    name: str
    texts: list[str]
    labels: Rows
    classes: tuple[str, ...]
    split: Parts
    spans: list[Spans]
    rationale: list[Marks] | None = None
    given: Parts | None = None
    targets: list[str] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def medium(self) -> str:
        """What the samples are: "text", "image" or "sound"."""
        return medium_of(self.texts)

    def rows(self, part: str) -> Rows:
        """int64 indices of the rows of one of `PARTS`."""
        return np.flatnonzero(self.split == PARTS.index(part))

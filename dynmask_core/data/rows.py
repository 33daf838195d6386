"""Which rows of a table are kept, and what is lost with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from dynmask_core.data.media import TEXT, medium_of
from dynmask_core.data.split import MIN_PER_CLASS, largest_remainder
from dynmask_core.data.table import Table
from dynmask_core.data.warning import DataWarning
from dynmask_core.messages import listed
from dynmask_core.remedies import Remedy

MANY_DROPPED = 0.1
"""Above this share of the rows read, a warning says that many were left out."""


_SAMPLE = 0x5A3B  # tells the numbers that draw rows from those that divide them


class KeptRows:
    """The rows of a table that are kept, and why the others are not.

    left: indices of the kept rows in the table, ascending. dropped: number of rows dropped, by reason. rare: labels
    with too few rows, in the order in which they were dropped.
    """

    def __init__(self, table: Table, labels: Sequence[str]) -> None:
        self.left = list(range(len(table)))
        self.dropped: dict[str, int] = {"malformed": table.malformed} if table.malformed else {}
        self.rare: dict[str, None] = {}
        self.read = len(table) + table.malformed
        self._labels = labels
        self._table = table

    def keep(self, good: Iterable[bool], reason: str) -> None:
        """good: for each row in `left`, whether to keep it; the others are counted under `reason`."""
        kept = [row for row, stays in zip(self.left, good, strict=True) if stays]
        if len(kept) < len(self.left):
            self.dropped[reason] = self.dropped.get(reason, 0) + len(self.left) - len(kept)
        self.left = kept

    def keep_frequent(self) -> None:
        """Drops classes of fewer than `MIN_PER_CLASS` rows."""
        counts = Counter(self._labels[row] for row in self.left)
        self.rare.update(dict.fromkeys(sorted(label for label, count in counts.items() if count < MIN_PER_CLASS)))
        self.keep((counts[self._labels[row]] >= MIN_PER_CLASS for row in self.left), "rare_class")

    def warnings(self, texts: Sequence[str], unassigned: int, others: tuple[Remedy, ...]) -> list[DataWarning]:
        """Warnings about lost data.

        texts: the kept ones. unassigned: rows whose cell in the split column is empty. others: columns to try if many
        rows are left out.
        """
        found: list[DataWarning] = []

        def warn(code: str, when: bool, remedies: tuple[Remedy, ...] = (), **params: object) -> None:
            if when:
                found.append(DataWarning(code, params, remedies))

        lost = sum(count for reason, count in self.dropped.items() if reason != "not_sampled")
        replaced = sum("\ufffd" in text for text in texts)
        told = any(warning.code == "bytes_replaced" for warning in self._table.warnings)
        warn("replacement_characters", replaced > 0 and not told, texts=replaced)
        many = lost > MANY_DROPPED * self.read and medium_of(texts) == TEXT
        warn("many_dropped", many, others, dropped=lost, rows=self.read)
        label, rows = self._malformed()
        warn("malformed_of_one_class", rows > 1, rows=rows, label=label)
        warn("classes_dropped", bool(self.rare), classes=listed(self.rare), count=len(self.rare))
        warn("split_missing", unassigned > 0, rows=unassigned)
        return found

    def _malformed(self) -> tuple[str, int]:
        """The label that nearly all malformed rows carry, and how many carry it, if most of the good rows do not."""
        usual = Counter(filter(None, self._labels))
        cells = ({cell.strip(" \t'\"") for cell in row} & usual.keys() for row in self._table.lost)
        carried = Counter(next(iter(known)) for known in cells if len(known) == 1)
        label, rows = next(iter(carried.most_common(1)), ("", 0))
        one_sided = rows >= 0.9 * carried.total() and usual[label] < 0.8 * usual.total()
        return (label, rows) if one_sided else ("", 0)


def sample_of(count: int, size: int, seed: int) -> npt.NDArray[np.int64]:
    """int64 [size]: a choice of `size` of `count` rows, in ascending order."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, _SAMPLE]))
    return np.sort(rng.permutation(count)[:size])


def stratified_sample(strata: Sequence[tuple[str, str]], size: int, seed: int) -> npt.NDArray[np.bool_]:
    """bool [rows]: a stratified choice of `size` rows, at least four of each stratum if possible."""
    by_stratum: dict[tuple[str, str], list[int]] = {}
    for index, stratum in enumerate(strata):
        by_stratum.setdefault(stratum, []).append(index)
    ordered = [by_stratum[stratum] for stratum in sorted(by_stratum)]
    shares = largest_remainder([len(group) for group in ordered], size, minimum=MIN_PER_CLASS)
    rng = np.random.default_rng(np.random.SeedSequence([seed, _SAMPLE]))
    chosen = np.zeros(len(strata), dtype=bool)
    for group, share in zip(ordered, shares, strict=True):
        chosen[rng.choice(group, size=int(share), replace=False)] = True
    return chosen

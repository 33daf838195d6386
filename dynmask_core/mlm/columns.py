"""Turns columns with entries of unequal length into rectangular arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from struct import Struct
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Rectangle:
    """Where the entries of a column lie in an array [B, T].

    shape: (B, T). lengths: of the B entries. there: bool [B, T], False for padding; None if there is no padding. The
    methods take a column of lists, arrays or tensors, and raise ValueError if an entry has another length.
    """

    shape: tuple[int, int]
    lengths: list[int]
    there: np.ndarray | None

    @classmethod
    def around(cls, column: Sequence[Any], multiple: int = 1, left: bool = False) -> Rectangle:
        """As wide as the longest entry, rounded up to a multiple of `multiple`. left: padding comes first."""
        lengths = list(map(len, column))
        width = -(-max(lengths) // multiple) * multiple
        if min(lengths) == width:
            return cls((len(lengths), width), lengths, None)
        place, length = np.arange(width), np.array(lengths)[:, None]
        return cls((len(lengths), width), lengths, place >= width - length if left else place < length)

    def numbers(self, column: Sequence[Any], fill: int) -> np.ndarray:
        """int64 [B, T], with `fill` in the padding."""
        self._check(column)
        if _all_lists(column):
            # Several times as fast as np.array on a list of lists.
            packed = bytearray().join([_packer(size)(*entry) for size, entry in zip(self.lengths, column, strict=True)])
            return self._spread(np.frombuffer(packed, dtype=np.int64), fill)
        return self._spread(_joined(column), fill)

    def flags(self, column: Sequence[Any], fill: bool) -> np.ndarray:
        """bool [B, T], from entries of 0 and 1."""
        if _all_lists(column):
            self._check(column)
            try:
                return self._spread(np.frombuffer(b"".join(_bytes(column)), dtype=np.uint8) != 0, fill)
            except (TypeError, ValueError):
                pass  # some numbers do not fit into a byte
        values: np.ndarray = self.numbers(column, int(fill)) != 0
        return values

    def pairs(self, column: Sequence[Any], fill: int) -> np.ndarray:
        """int64 [B, T, 2], from entries that are lists of pairs."""
        self._check(column)
        if _all_lists(column) and all(len(entry[0]) == 2 for entry in column if entry):
            numbers = chain.from_iterable(chain.from_iterable(column))
            packed = _packer(2 * sum(self.lengths))(*numbers)
            return self._spread(np.frombuffer(packed, dtype=np.int64).reshape(-1, 2), fill)
        return self._spread(_joined(column).reshape(-1, 2), fill)

    def _check(self, column: Sequence[Any]) -> None:
        if list(map(len, column)) != self.lengths:
            raise ValueError("an example's columns have different lengths: they must have one entry for each token")

    def _spread(self, values: np.ndarray, fill: int) -> np.ndarray:
        shape = (*self.shape, *values.shape[1:])
        if self.there is None:
            return values.reshape(shape)
        out = np.full(shape, fill, dtype=values.dtype)
        out[self.there] = values
        return out


def _all_lists(column: Sequence[Any]) -> bool:
    return set(map(type, column)) <= {list, tuple}


def _bytes(column: Sequence[Sequence[int]]) -> Iterator[bytes]:
    # Comparing is cheaper than converting, and neighbouring examples often have equal masks.
    latest: Sequence[int] = ()
    made = b""
    for entry in column:
        if entry != latest:
            latest, made = entry, bytes(entry)
        yield made


@lru_cache(maxsize=4096)
def _packer(size: int) -> Callable[..., bytes]:
    return Struct(f"{size}q").pack


def _joined(column: Sequence[Any]) -> np.ndarray:
    return np.concatenate([np.asarray(entry, dtype=np.int64) for entry in column])

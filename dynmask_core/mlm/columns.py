"""Turns columns with entries of unequal length into rectangular arrays."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

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
        _check_flat(column)
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
        self._check(column, 2)
        if _all_lists(column) and all(len(entry[0]) == 2 for entry in column if entry):
            numbers = chain.from_iterable(chain.from_iterable(column))
            packed = _packer(2 * sum(self.lengths))(*numbers)
            return self._spread(np.frombuffer(packed, dtype=np.int64).reshape(-1, 2), fill)
        return self._spread(_joined(column).reshape(-1, 2), fill)

    def _check(self, column: Sequence[Any], dimensions: int = 1) -> None:
        _check_flat(column, dimensions)
        if list(map(len, column)) != self.lengths:
            raise ValueError("it and 'input_ids' have different lengths, but it needs one entry for each token")

    def _spread(self, values: np.ndarray, fill: int) -> np.ndarray:
        shape = (*self.shape, *values.shape[1:])
        if self.there is None:
            return values.reshape(shape)
        out = np.full(shape, fill, dtype=values.dtype)
        out[self.there] = values
        return out


R = TypeVar("R")


def one_row_each(features: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Columns from examples, by the names of the first one. Raises ValueError if another one lacks a name."""
    try:
        return {key: [one[key] for one in features] for key in features[0]}
    except KeyError as error:
        raise ValueError(
            f"the column {error} is missing in an example of the batch: all need the columns of the first one"
        ) from None


def read(name: str, columns: Mapping[str, Sequence[Any]], how: Callable[[Sequence[Any]], R]) -> R:
    """`how` of a column. Whatever it cannot read becomes a ValueError that names the column and says what is wanted."""
    if name not in columns:
        raise ValueError(f"the column '{name}' is missing: tokenize the texts first")
    column = columns[name]
    try:
        return how(column)
    except (TypeError, ValueError, OverflowError, struct.error) as error:
        raise ValueError(f"the column '{name}' cannot be read: {_reason(column, error)}") from error


def passed_on(name: str, column: Sequence[Any]) -> np.ndarray:
    """A column that the collator does not know: an array, which a tensor can be made of."""
    wrong = "strings" if any(isinstance(entry, str) for entry in column) else "entries of different shapes or kinds"
    try:
        values = np.asarray(column)
    except ValueError:  # ragged
        values = np.empty(0, dtype=object)
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"the column '{name}' holds {wrong}, which make no tensor: remove it from the examples "
            f"(with dataset.remove_columns('{name}')), or let Trainer do so"
        )
    return values


def _check_flat(column: Sequence[Any], dimensions: int = 1) -> None:
    for entry in column:
        if getattr(entry, "ndim", dimensions) != dimensions:
            shape = tuple(entry.shape)
            raise ValueError(f"an example has the shape {shape}, not one row: tokenize without return_tensors")


def _reason(column: Sequence[Any], error: Exception) -> str:
    flat = [value for entry in column if isinstance(entry, (list, tuple)) for value in entry]
    if any(isinstance(one, str) for one in (*column, *flat)):
        return "it holds strings, and numbers are wanted: tokenize the texts first"
    if any(isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) for value in flat):
        return "an example is a list of lists, not one row: tokenize without return_tensors"
    return str(error) if isinstance(error, ValueError) else "it needs a list of whole numbers for each example"


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
    return struct.Struct(f"{size}q").pack


def _joined(column: Sequence[Any]) -> np.ndarray:
    return np.concatenate([np.asarray(entry, dtype=np.int64) for entry in column])

"""Random generators named by their purpose: equal names give equal numbers, on any machine and in any order.

Arms are paired because everything random is drawn from a key, never from a shared stream: static masks
use key(seed, sample), static:k masks key(seed, sample, epoch mod k), dynamic masks key(seed, sample, epoch).
"""

from __future__ import annotations

import hashlib

import numpy as np


def seed_of(*parts: int | str) -> int:
    """A 63-bit seed, a real hash of the parts: no collisions by modulo, and 0 is a seed like any other."""
    # repr makes "1" and 1 different; int() makes 1 and a NumPy 1 equal.
    text = "\x1f".join(repr(part) if isinstance(part, str) else str(int(part)) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def generator(*parts: int | str) -> np.random.Generator:
    """A NumPy generator for the parts, e.g. generator(seed, "order", epoch)."""
    return np.random.default_rng(np.random.SeedSequence(seed_of(*parts)))


def uniform_grid(seed: int, rows: np.ndarray, columns: int) -> np.ndarray:
    """float32 [len(rows), columns] in [0, 1): one number per (seed, row, column), independent of the other rows.

    rows: int64 [B], any sign.
    """
    return (bits_grid(seed, rows, columns) >> np.uint64(40)).astype(np.float32) * np.float32(2**-24)


def bits_grid(seed: int, rows: np.ndarray, columns: int) -> np.ndarray:
    """uint64 [len(rows), columns]: 64 random bits per (seed, row, column); rows as in `uniform_grid`.

    A counter-based generator: SplitMix64's finaliser (Steele, Lea & Flood 2014), twice.
    """
    return _mix(_row(seed, rows)[:, None] + np.arange(1, columns + 1, dtype=np.uint64) * _STEP)


def bits_at(seed: int, rows: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """uint64 [n]: bits_grid(seed, rows, …)[row, column], computed for these places only; row, column: int64 [n]."""
    return _mix(_row(seed, rows)[row] + (column.view(np.uint64) + np.uint64(1)) * _STEP)


def digests(ids: np.ndarray, place: np.ndarray, there: np.ndarray) -> np.ndarray:
    """int64 [B]: a hash of each text that depends only on its words and their order; places not `there` are ignored.

    ids: int64 [B, T] in [0, 2^32). place: int64 [B, T], a word's number in its text. there: bool [B, T].
    """
    words = _mix((ids.view(np.uint64) << np.uint64(32)) | place.view(np.uint64))
    words *= there
    return _mix(words.sum(1, dtype=np.uint64)).view(np.int64)


_STEP = np.uint64(0x9E3779B97F4A7C15)


def _row(seed: int, rows: np.ndarray) -> np.ndarray:
    return _mix(rows.astype(np.int64).view(np.uint64) ^ np.uint64(_mix_int(seed)))


def _mix_int(x: int) -> int:
    """`_mix` for one number."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)


def _mix(x: np.ndarray) -> np.ndarray:
    mixed: np.ndarray = x ^ (x >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed

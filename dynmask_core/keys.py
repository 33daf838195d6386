"""Random generators named by what they are for: equal names, equal numbers, on any machine and in any order.

Arms are paired because everything random is drawn from a key, never from a shared stream: static is
key(seed, sample), duplicated k times key(seed, sample, epoch mod k), dynamic key(seed, sample, epoch).
"""

from __future__ import annotations

import hashlib

import numpy as np


def seed_of(*parts: int | str) -> int:
    """A 63-bit seed from the parts, through a real hash: no collisions by modulo, 0 is a seed like any other."""
    # repr keeps "1" and 1 apart; int() keeps 1 and a NumPy 1 together.
    text = "\x1f".join(repr(part) if isinstance(part, str) else str(int(part)) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def generator(*parts: int | str) -> np.random.Generator:
    """A NumPy generator for the parts, e.g. generator(seed, "order", epoch)."""
    return np.random.default_rng(np.random.SeedSequence(seed_of(*parts)))


def uniform_grid(seed: int, rows: np.ndarray, columns: int) -> np.ndarray:
    """float32 [len(rows), columns] in [0, 1): one number per (seed, row, column), whatever other rows are asked for.

    rows: int64 [B], any sign. A counter-based generator: SplitMix64's finaliser (Steele, Lea & Flood 2014), twice.
    """
    row = _mix(rows.astype(np.int64).view(np.uint64) ^ _mix(np.array([seed], dtype=np.uint64)))
    counter = np.arange(1, columns + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (_mix(row[:, None] + counter) >> np.uint64(40)).astype(np.float32) * np.float32(2**-24)


def _mix(x: np.ndarray) -> np.ndarray:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = x ^ (x >> np.uint64(31))
    return mixed

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

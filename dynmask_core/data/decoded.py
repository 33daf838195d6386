"""What was decoded of pictures and sounds is kept for a while, in bounded memory."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np

LIMIT = 32 * 2**20
"""Bytes; a page shows the same few samples again and again."""


class Decoded:
    """Arrays made from samples, those asked for last first; together no larger than `limit` bytes.

    A sample can be a file of megabytes: its digest is kept in its place.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.bytes = 0
        self._kept: OrderedDict[Hashable, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sample: str, settings: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """What `make` gives for a sample under these settings; nobody may write into it."""
        key = hashlib.blake2b(sample.encode(errors="surrogatepass"), digest_size=16).digest(), settings
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = np.ascontiguousarray(make())
        made.flags.writeable = False
        with self._lock:
            if key not in self._kept and made.nbytes <= self.limit:
                self._kept[key] = made
                self.bytes += made.nbytes
            while self.bytes > self.limit:
                self.bytes -= self._kept.popitem(last=False)[1].nbytes
        return made

    def __len__(self) -> int:
        return len(self._kept)

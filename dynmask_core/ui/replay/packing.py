"""How a replay stores what the models said: whole numbers, few bytes, compressed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

DIGITS = 5
"""After the point: as many as the app sends to its own lens, so that both show the same."""


def squeezed(content: bytes) -> str:
    """Compressed, as text for the page."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def squeezed_json(content: Any) -> str:
    return squeezed(json.dumps(content, separators=(",", ":")).encode())


def whole(values: np.ndarray) -> np.ndarray:
    """int64: floats as multiples of 10^−DIGITS."""
    multiples: np.ndarray = np.rint(values.astype(np.float64) * 10**DIGITS).astype(np.int64)
    return multiples


def laid_out(arrays: Mapping[str, np.ndarray]) -> tuple[dict[str, int], bytes]:
    """Arrays of whole numbers [M, …] over M epochs, for numbers.js: bytes per number of each, and all bytes in order.

    Numbers are stored as differences from the epoch before, which are small; negative ones are folded between the
    positive ones; all lowest bytes come first, so that the nearly empty highest ones compress to nothing.
    """
    widths, parts = {}, []
    for name, array in arrays.items():
        change = np.diff(array.astype(np.int64), axis=0, prepend=0).ravel()
        folded = np.where(change < 0, -2 * change - 1, 2 * change)
        widths[name] = max((int(folded.max(initial=0)).bit_length() + 7) // 8, 1)
        parts += [(folded >> 8 * byte & 255).astype(np.uint8).tobytes() for byte in range(widths[name])]
    return widths, b"".join(parts)

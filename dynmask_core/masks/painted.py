"""A painted matrix of edges as a short text that fits into an arm's name and into an address.

The text is base64url of: one byte n, its highest bit set if the rest is deflated; two bytes of checksum; the n × n bits
of the matrix, row after row. Sixty-four places take at most 687 characters, regular patterns a few dozen.
"""

from __future__ import annotations

import base64
import re
import zlib

import numpy as np

MOST = 64
"""The largest matrix that can be painted."""
_DEFLATED = 0x80


def write(edges: np.ndarray) -> str:
    """edges: bool [n, n] with 1 ≤ n ≤ MOST, rows are queries → text of letters, digits, - and _.

    Raises ValueError for another shape.
    """
    n = len(edges)
    if not 1 <= n <= MOST or edges.shape != (n, n):
        raise ValueError(edges.shape)
    bits = np.packbits(edges.astype(bool)).tobytes()
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    small = squeeze.compress(bits) + squeeze.flush()
    head, body = (n | _DEFLATED, small) if len(small) < len(bits) else (n, bits)
    whole = bytes([head]) + _check(n, bits) + body
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")


def read(text: str) -> np.ndarray:
    """bool [n, n]. Raises ValueError if the text is not one of `write`, whole and unchanged."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text) or len(text) % 4 == 1:
        raise ValueError(text)
    whole = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(whole) < 4:
        raise ValueError(text)
    n, check, body = whole[0] & ~_DEFLATED, whole[1:3], whole[3:]
    size = -(-n * n // 8)
    if whole[0] & _DEFLATED and n <= MOST:
        try:
            body = zlib.decompressobj(-15).decompress(body, size + 1)  # no more: a few bytes can hold gigabytes
        except zlib.error:
            raise ValueError(text) from None
    if not 1 <= n <= MOST or len(body) != size or _check(n, body) != check:
        raise ValueError(text)
    return np.unpackbits(np.frombuffer(body, dtype=np.uint8), count=n * n).reshape(n, n).astype(bool)


def checked(text: str) -> str:
    """The text itself. Raises ValueError as `read` does."""
    read(text)
    return text


def _check(n: int, bits: bytes) -> bytes:
    return (zlib.crc32(bytes([n]) + bits) & 0xFFFF).to_bytes(2, "big")

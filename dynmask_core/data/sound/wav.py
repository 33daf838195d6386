"""WAV files, also those whose headers lie."""

from __future__ import annotations

import io
import struct
import warnings

import numpy as np
import numpy.typing as npt

RATES = (1_000, 384_000)
"""Least and most values a second that a file is believed to have."""
BROKEN = (ValueError, EOFError, OSError, ArithmeticError, TypeError, KeyError, UnboundLocalError, struct.error)
"""What scipy raises for damaged files; UnboundLocalError if their values or the description of these is missing."""
MAX_CHUNKS = 1000
LONGEST_VALUE = 8
"""Bytes of the longest value times channels that may be cut off in its middle: two channels of 32 bits."""
MAX_VALUES = 50_000_000
"""Longer sounds count as broken: 400 MB would be needed while they are decoded. At 16,000 a second it is 52 minutes."""
_AFTER = (b"LIST", b"id3 ", b"ID3 ", b"fact", b"cue ", b"bext", b"smpl")
"""What can follow a sound's values in a file."""


def decoded(content: bytes) -> tuple[npt.NDArray[np.float32], int]:
    """float32 [N] in [-1, 1], channels averaged, and the values a second: of 8, 16, 24 and 32 bits, and floats.

    Some programs write the length when they end, and are ended before: then all is read that is there. Raises one of
    `BROKEN` for what cannot be decoded, or has more than MAX_VALUES.
    """
    from scipy.io import wavfile

    content = _values_last(_with_length(content))
    if 8 * len(content) > MAX_VALUES * _bits(content):
        raise ValueError(len(content))
    for missing in range(LONGEST_VALUE):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                rate, found = wavfile.read(io.BytesIO(content[: len(content) - missing]))
            break
        except BROKEN:
            if missing == LONGEST_VALUE - 1 or not content.startswith((b"RIFF", b"RIFX", b"RF64")):
                raise
    if not RATES[0] <= rate <= RATES[1]:
        raise ValueError(rate)
    if found.dtype == np.uint8:  # 8-bit files count from 0 to 255, all others around 0
        wave = (found.astype(np.float32) - 128) / 128
    else:
        wave = found.astype(np.float32) / (float(np.iinfo(found.dtype).max) if found.dtype.kind == "i" else 1.0)
    wave = np.nan_to_num(wave, nan=0.0, posinf=0.0, neginf=0.0)
    return wave if wave.ndim == 1 else wave.mean(1), int(rate)


def _values_last(content: bytes) -> bytes:
    """The file up to the end of its values: nothing behind them is of interest. Raises ValueError for more than
    MAX_CHUNKS parts before them: a megabyte of empty ones keeps scipy busy."""
    place, order = 12, ">I" if content.startswith(b"RIFX") else "<I"
    for _ in range(MAX_CHUNKS):
        if place + 8 > len(content):
            return content
        size = struct.unpack_from(order, content, place + 4)[0]
        end = place + 8 + size
        if content[place : place + 4] == b"data":
            return content[:end]
        place = end
    raise ValueError(MAX_CHUNKS)


def _bits(content: bytes) -> int:
    """Bits of a value, as the head says; 8 if it does not, which is the fewest that are read."""
    place = content.find(b"fmt ", 12, 4096)
    said = content[place + 22 : place + 24] if place > 0 else b""
    return max(int.from_bytes(said, "little"), 8) if len(said) == 2 else 8


def _with_length(content: bytes) -> bytes:
    """The file with its true length, if it says that there are no values and there are some."""
    place = content.find(b"data", 12, 4096)
    start = place + 8
    if place < 0 or content[place + 4 : start] != b"\0\0\0\0" or content[start : start + 4] in (b"", *_AFTER):
        return content
    return content[: place + 4] + struct.pack("<I", len(content) - start) + content[start:]

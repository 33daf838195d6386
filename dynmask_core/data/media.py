"""Pictures and sounds among the samples: a text that holds the whole file, as a data URL (RFC 2397).

So tables, runs, watched samples and pages carry them as they carry texts, and browsers show and play them as they are.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dynmask_core.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

TEXT, IMAGE, SOUND = "text", "image", "sound"
_BEGINNINGS = {"data:image/": IMAGE, "data:audio/": SOUND}
_SEEN = 20
"""So many samples tell what all of them are."""


def medium(sample: str) -> str:
    """What a sample is: TEXT, IMAGE or SOUND."""
    return next((kind for beginning, kind in _BEGINNINGS.items() if sample.startswith(beginning)), TEXT)


def medium_of(samples: Sequence[str]) -> str:
    """What all samples are, if they are the same; else TEXT, as for no sample at all."""
    kinds = {medium(sample) for sample in samples[:_SEEN] if sample}
    return kinds.pop() if len(kinds) == 1 else TEXT


def to_url(content: bytes, kind: str) -> str:
    """The sample that holds a file. kind: its media type, such as "image/png"."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def is_readable(sample: str) -> bool:
    """Whether the file of a picture or sound can be decoded; a text always can."""
    decode = {IMAGE: pixels_of, SOUND: wave_of}.get(medium(sample))
    try:
        return decode is None or decode(sample) is not None
    except InputError:
        return False


def is_empty(sample: str) -> bool:
    """Whether a sound that can be decoded lasts no time at all."""
    return medium(sample) == SOUND and not len(wave_of(sample)[0])


def content_of(sample: str) -> bytes:
    """The file that a picture or sound holds. Raises InputError `media_broken`."""
    head, _, body = sample.partition(",")
    try:
        if not head.endswith(";base64"):
            raise ValueError(head[:40])
        return base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error):
        raise InputError("media_broken") from None


def picture_of(pixels: npt.NDArray[np.uint8]) -> str:
    """uint8 [height, width] (grey) or [height, width, 3] as a sample: a PNG, which loses nothing."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return to_url(file.getvalue(), "image/png")


def pixels_of(sample: str) -> npt.NDArray[np.uint8]:
    """uint8 [height, width] of a grey picture, [height, width, 3] of any other. Raises InputError `media_broken`."""
    with open_picture(content_of(sample)) as opened:
        found: npt.NDArray[np.uint8] = np.asarray(opened.convert("L" if opened.mode in ("1", "L") else "RGB"))
    return found


def open_picture(content: bytes) -> Image:
    """A picture file, decoded. Raises InputError `media_broken` for what is none, or too large to be honest."""
    from PIL import Image

    try:
        opened = Image.open(io.BytesIO(content))
        opened.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise InputError("media_broken") from None
    return opened


def sound_of(wave: npt.NDArray[np.int16], rate: int) -> str:
    """int16 [N], `rate` values a second, as a sample: a WAV file."""
    from scipy.io import wavfile

    file = io.BytesIO()
    wavfile.write(file, rate, wave)
    return to_url(file.getvalue(), "audio/wav")


def wave_of(sample: str) -> tuple[npt.NDArray[np.float32], int]:
    """float32 [N] in [-1, 1], channels averaged, and the values a second. Raises InputError `media_broken`."""
    from dynmask_core.data.sound import wav

    try:
        return wav.decoded(content_of(sample))
    except wav.BROKEN:
        raise InputError("media_broken") from None

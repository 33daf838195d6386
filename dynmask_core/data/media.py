"""Pictures and sounds among the samples: a text that holds the whole file, as a data URL (RFC 2397).

So tables, runs, watched samples and pages carry them as they carry texts, and browsers show and play them as they are.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dynmask_core.config import MAX_SIDE
from dynmask_core.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

TEXT, IMAGE, SOUND = "text", "image", "sound"
MEDIA = (TEXT, IMAGE, SOUND)
_BEGINNINGS = {"data:image/": IMAGE, "data:audio/": SOUND}
_SEEN = 200
"""So many samples tell what all of them are."""
PICTURES = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
"""The formats that are read; Pillow knows more, and starts other programs for some of them."""
MAX_PIXELS = 50_000_000
"""Of one picture."""
MAX_DECODED = 200_000_000
"""Pixels of all pictures of a data set together: some seconds of work."""
_MOST_SCANS = 100
"""Times that a progressive JPEG may draw over itself. Programs write ten."""
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
"""What begins a part of a JPEG with a length, or its end."""
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, ArithmeticError,
    zlib.error, NotImplementedError,
)  # fmt: skip
"""What Pillow raises for damaged files."""


class Budget:
    """How many pixels of the pictures of a data set may still be decoded."""

    def __init__(self) -> None:
        self.left = MAX_DECODED

    def take(self, pixels: int) -> None:
        """To be called before they are decoded. Raises InputError `pictures_too_large`."""
        self.left -= pixels
        if self.left < 0:
            raise InputError("pictures_too_large", millions=MAX_DECODED // 1_000_000)


def medium(sample: str) -> str:
    """What a sample is: TEXT, IMAGE or SOUND."""
    return next((kind for beginning, kind in _BEGINNINGS.items() if sample.startswith(beginning)), TEXT)


def medium_of(samples: Sequence[str]) -> str:
    """What most samples are; TEXT if nothing is most of them, as of no sample at all."""
    kinds = Counter(medium(sample) for sample in samples[:_SEEN] if sample)
    most = max(kinds, key=kinds.__getitem__, default=TEXT)
    return most if 2 * kinds[most] > kinds.total() else TEXT


def to_url(content: bytes, kind: str) -> str:
    """The sample that holds a file. kind: its media type, such as "image/png"."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def is_readable(sample: str, budget: Budget | None = None) -> bool:
    """Whether the file of a picture or sound can be decoded; a text always can. Raises InputError, see `Budget`."""
    kind = medium(sample)
    return kind == TEXT or fault(sample, kind, budget) != "media_broken"


def fault(sample: str, kind: str, budget: Budget | None = None) -> str:
    """Why a sample cannot be used among pictures or sounds: "media_broken" if it is none of them or cannot be decoded,
    "no_tokens" if a sound lasts no time at all; "" if it can. kind: IMAGE or SOUND. Raises InputError, see `Budget`."""
    if medium(sample) != kind:
        return "media_broken"
    try:
        there = len(wave_of(sample)[0]) if kind == SOUND else _height(sample, budget)
    except InputError as error:
        if error.code != "media_broken":
            raise
        return error.code
    return "" if there else "no_tokens"


def _height(sample: str, budget: Budget | None) -> int:
    """The height of a picture, which may be decoded smaller than it is: only whether it can be decoded counts."""
    return open_picture(content_of(sample), 2 * MAX_SIDE, budget).height


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
    found: npt.NDArray[np.uint8] = np.asarray(open_picture(content_of(sample)))
    return found


def open_picture(content: bytes, small: int = 0, budget: Budget | None = None) -> Image:
    """A picture file, decoded, upright, as grey ("L") or coloured ("RGB") pixels; see-through parts become white.

    small: a JPEG may be decoded at a fraction of its size, not below this many pixels a side, which is much faster; 0:
    never. budget: what is left for the data set. Sizes are read from the file's head: nothing that is too large is
    decoded. Raises InputError `media_broken` for what is none of `PICTURES`, or has more than MAX_PIXELS.
    """
    from PIL import Image

    try:
        opened = Image.open(io.BytesIO(content), formats=PICTURES)
        if small:
            opened.draft(None, (small, small))
        drawn_often = opened.format == "JPEG" and _scans(content) > _MOST_SCANS
        if opened.width * opened.height > MAX_PIXELS or drawn_often:
            raise ValueError(opened.size)
        if budget is not None:
            budget.take(opened.width * opened.height)
        return plain(opened)
    except InputError:
        raise
    except (*_BROKEN, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError("media_broken") from None


def _scans(content: bytes) -> int:
    """How often a JPEG draws over itself, up to its end: a film may lie behind it, a preview inside."""
    place, found = 2, 0
    while (marker := _MARKER.search(content, place)) and marker[0] != b"\xff\xd9" and found <= _MOST_SCANS:
        place = marker.end()
        found += marker[0] == b"\xff\xda"
        if place + 2 <= len(content):
            place += int.from_bytes(content[place : place + 2], "big")
    return found


def labels_of(sample: str) -> npt.NDArray[np.int64]:
    """int64 [height, width]: a picture whose pixels are numbers of objects, as they are stored: indices of a palette,
    grey values, or whether a pixel is coloured and not see-through. Raises InputError `media_broken`."""
    from PIL import Image, ImageChops

    content = content_of(sample)
    open_picture(content)  # refuses what is none, or too large
    opened = Image.open(io.BytesIO(content), formats=PICTURES)
    if opened.mode in ("RGB", "RGBA", "LA"):
        layers = opened.convert("RGBA")
        red, green, blue, opaque = layers.split()
        bright = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        return ((np.asarray(bright) > 0) & (np.asarray(opaque) > 0)).astype(np.int64)
    return np.asarray(opened).astype(np.int64)


def plain(opened: Image) -> Image:
    """A picture of any mode, as `open_picture` returns it."""
    from PIL import Image, ImageOps

    picture = ImageOps.exif_transpose(opened)  # cameras store how they were held
    if picture.mode.startswith(("I", "F")):
        deep = np.asarray(picture, dtype=np.float64)
        top = 65535.0 if picture.mode.startswith("I") and deep.max(initial=0) > 255 else max(deep.max(initial=0), 255.0)
        return Image.fromarray((deep.clip(0, top) * (255 / top)).astype(np.uint8))
    if "A" in picture.mode or "transparency" in picture.info:
        layers = picture.convert("RGBA")
        white = Image.new("RGBA", layers.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(white, layers).convert("L" if picture.mode in ("LA", "La") else "RGB")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def is_grey(picture: Image) -> bool:
    """Whether a picture has no colours, however it is stored."""
    pixels = np.asarray(picture)
    return pixels.ndim == 2 or bool((pixels == pixels[..., :1]).all())


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

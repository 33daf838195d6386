"""Ways to damage a file, or a text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from random import Random

HOSTILE = (
    b'"', b"'", b"\\", b",", b"\t", b";", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\x80",
    b"\xf0\x9f\x91\xa9\xe2\x80\x8d", b"\xcc\x81", b"\xe2\x80\xae", b"\xed\xa0\x80", b"=cmd|' /C calc'!A0", b"{{7*7}}",
    b"<script>", b"![x](http://x.y/z.png)", b"../../etc/passwd", b"[", b"{", b"]", b"}", b"nan", b"NULL", b"-1",
    b"1e999", b"9" * 400, b"PK\x03\x04", b"\x1f\x8b\x08", b"<table>", b"<!--", b"&#x0;", b"data:image/png;base64,",
    b"sep=,\n",
    b"__label__", b"_!_", b"%s%n", b"a" * 3000, b" " * 3000, b"\t" * 3000, b"'" * 3000, b"[" * 3000,
)  # fmt: skip
ENDINGS = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx", ".xls", ".ods", ".parquet", ".arrow", ".html", ".gz", ".zip",
    ".conll", ".bz2", ".xz", "", ".png", ".wav", ".CSV", ".csv.gz",
)  # fmt: skip
_MOST = 2_000_000
"""Bytes that one input grows to: many small ones find more than few large ones."""


def damaged(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """The content after one to four accidents. others: files of which parts can come in."""
    for _ in range(random.randint(1, 4)):
        content = random.choice(_ACCIDENTS)(content, others, random)[:_MOST]
    return content


def renamed(name: str, random: Random) -> str:
    """Mostly the same name."""
    stem, dot, _ = name.partition(".")
    return name if random.random() < 0.8 or not dot else stem + random.choice(ENDINGS)


def repacked(content: bytes, random: Random, inner: Callable[[bytes], bytes]) -> bytes:
    """A ZIP archive with one of its files changed by `inner`, under its name or another; or with a header that lies."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, RuntimeError):
        return inner(content)
    if not members:
        return content
    name = random.choice(sorted(members))
    changed = inner(members[name])
    if random.random() < 0.3:
        del members[name]
        name = random.choice(
            (name.upper(), f"../{name}", f"/{name}", f"C:\\{name}", name + "/", "a" * 300, "\u202e", name)
        )
    members[name] = changed
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    packed = bytearray(buffer.getvalue())
    place = packed.rfind(b"PK\x01\x02")
    if random.random() < 0.2 and place >= 0:
        field = place + random.choice((8, 10, 16, 20, 24, 28, 42))  # flags, method, CRC, sizes, name, where it begins
        packed[field : field + 2] = random.randbytes(2)
    return bytes(packed)


def _flip(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 3, 30)) if content else 0):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start, end = sorted(random.randrange(len(content) + 1) for _ in range(2))
    return random.choice((content[:end], content[start:], content[:start] + content[end:]))


def _put(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    place = random.randrange(len(content) + 1)
    return content[:place] + random.choice(HOSTILE) * random.choice((1, 1, 2, 50)) + content[place:]


def _exchange(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    sign = random.choice((b",", b'"', b"\n", b" ", b":", b"0", b"1", b"a", b"}"))
    return content.replace(sign, random.choice(HOSTILE), random.choice((1, 5, -1)))


def _repeat(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    start, end = sorted(random.randrange(len(content) + 1) for _ in range(2))
    piece = content[start : min(end, start + random.choice((1, 10, 1000)))]
    return content[:start] + piece * random.choice((2, 20, 2000)) + content[start:]


def _splice(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    other = random.choice(others) if others else content
    return content[: random.randrange(len(content) + 1)] + other[random.randrange(len(other) + 1) :]


_ACCIDENTS = (_flip, _cut, _put, _put, _exchange, _repeat, _splice)

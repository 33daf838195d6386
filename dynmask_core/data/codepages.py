"""Legacy encodings: bytes → text, and which encoding makes most sense of them."""

from __future__ import annotations

import codecs
import unicodedata
from typing import NamedTuple

import chardet
import regex

HIGH = bytes(range(128, 256))
"""The bytes that encodings differ in."""

_NAMES = {"mac": "mac-roman", "x-mac-roman": "mac-roman", "windows-874": "cp874", "ms949": "cp949", "uhc": "cp949"}
"""Names that are in use and that Python does not know."""

_CODECS = {
    "gb2312": ("gb2312", "gb18030"),
    "gbk": ("gbk", "gb18030"),
    "big5": ("big5", "cp950", "big5hkscs"),
    "cp950": ("cp950", "big5hkscs"),
    "shift_jis": ("shift_jis", "cp932"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "euc_kr": ("euc_kr", "cp949"),
    "tis-620": ("tis-620", "cp874"),
    "iso8859-1": ("cp1252",),
    "iso8859-9": ("cp1254",),
}
"""What to try for an encoding: files that are said to be in it often hold what only its superset knows."""

# fmt: off
_GUESSES = (
    "gb18030", "cp949", "cp932", "euc_jp", "big5", "cp1252", "cp1251", "cp1250", "cp1254", "cp1253", "cp1255", "cp1256",
    "cp1257", "cp1258", "cp874", "koi8-r", "koi8-u", "mac", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7",
    "iso8859-8", "cp866", "cp850", "cp852", "mac-cyrillic", "mac-latin2", "mac-greek", "mac-turkish",
)
# fmt: on
"""The encodings to guess from, the more frequent first."""

_CHARDET = {"mac": "mac-roman", "euc_jp": "euc_jis_2004", "big5": "big5hkscs"}
"""What chardet calls them, if otherwise."""

_OURS = {_CHARDET.get(name, name): name for name in _GUESSES}

# What no text has inside a word: a foreign capital behind a small letter, a sign, another script, a control character.
_ODD = regex.compile(
    r"(?<=\p{Ll})[\p{Lu}--[\x00-\x7f]]"
    r"|(?<=\p{Ll})[[\p{S}\p{Ps}\p{Pi}\p{Po}]--[\x00-\x7f]](?=\p{L})"
    r"|(?<=\p{Latin})[\p{Greek}\p{Cyrillic}\p{Hebrew}\p{Arabic}\p{Thai}]"
    r"|(?<=[\p{Greek}\p{Cyrillic}\p{Hebrew}\p{Arabic}])\p{Latin}"
    r"|[\x80-\x9f\p{Co}\p{Cn}]",
    regex.VERSION1,
)
_SAMPLE_BYTES = 16_384
_JUDGED = 6


class Read(NamedTuple):
    """text: with U+FFFD where bytes are not in `encoding`. bad: how often. first: where the first is."""

    text: str
    encoding: str
    bad: int = 0
    first: int = 0


def text_of(data: bytes, encoding: str) -> Read:
    """Decodes bytes. Raises LookupError or ValueError if there is no such encoding of text."""
    name = codecs.lookup(_NAMES.get(encoding.lower(), encoding)).name
    said = encoding.lower() if encoding.lower() in _NAMES else name
    first = 0
    for codec in _CODECS.get(name, (name,)):
        try:
            return Read(data.decode(codec, "dynmask_euro"), said)
        except UnicodeDecodeError as error:
            first = error.start
    text = data.decode(codec, "dynmask_euro_replace" if codec.startswith("gb") else "replace")
    written = data.decode(codec, "ignore").count("\ufffd")
    return Read(text, said, text.count("\ufffd") - written, first)


def likely(data: bytes) -> list[str]:
    """The encodings other than Unicode in which the bytes may be text, the most sensible reading first.

    Each gives another text. A few bad bytes do not rule an encoding out.
    """
    sample = _telling_lines(data)
    scores = _scores(sample)
    high = len(sample) - len(sample.translate(None, HIGH))
    for name in _GUESSES:
        read = text_of(sample, name)
        if name not in scores and 20 * read.bad <= high and (read.bad or "€" in read.text):
            # chardet rules an encoding out for a single byte: it is asked about the others.
            known = read.text.replace("\ufffd", "").replace("€", "").encode(_CHARDET.get(name, name), "ignore")
            again = _scores(known)
            if again and max(again, key=again.__getitem__) == name:
                scores[name] = again[name]
    best = max(scores.values(), default=0)
    names: dict[str, str] = {}
    for name in sorted(scores, key=lambda name: -scores[name]):
        text = text_of(sample, name).text
        if scores[name] >= best / 2 and not reads_badly(text):
            names[text] = min(names.get(text, name), name, key=_GUESSES.index)
    return list(names.values())


def _scores(sample: bytes) -> dict[str, float]:
    """How much sense `sample` makes by encoding: chardet's confidence, less what is odd in the text."""
    scores: dict[str, float] = {}
    if not sample:
        return scores
    guesses = chardet.detect_all(sample, ignore_threshold=True, compat_names=False, include_encodings=list(_OURS))
    for guess in guesses[:_JUDGED]:
        name = _OURS.get(str(guess["encoding"]))
        if name is not None:
            text = text_of(sample, name).text
            foreign = len(text) - len(text.encode("ascii", "ignore"))
            scores[name] = guess["confidence"] * (1 - len(_ODD.findall(text)) / max(foreign, 1))
    return scores


def _telling_lines(data: bytes) -> bytes:
    """The first lines with non-ASCII bytes; the others say nothing about the encoding."""
    lines: list[bytes] = []
    size = 0
    for line in data.splitlines():
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > _SAMPLE_BYTES:
                break
    return b"\n".join(lines)[:_SAMPLE_BYTES]


def reads_badly(text: str) -> bool:
    """Whether unassigned, private or control characters show that the encoding is wrong."""
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    strange = {c for c in set(text) if c > "\x7f" and unicodedata.category(c) in ("Cc", "Cn", "Co")}
    # Counted in one go, and only if there are any: a text can have a hundred thousand different characters.
    return (sum(map(strange.__contains__, text)) if strange else 0) > 0.01 * foreign or control_share(text) > 0.01


def control_share(text: str) -> float:
    """Share of ASCII control characters that are neither spaces nor line ends."""
    controls = [c for c in set(text) if c < " " and c not in "\t\n\r\f\v"]
    return sum(map(text.count, controls)) / max(len(text), 1)


def _euro(error: UnicodeDecodeError) -> tuple[str, int]:
    """Windows writes € as the byte 0x80 in Chinese text; Python does not know it."""
    if error.encoding in ("gb2312", "gbk", "gb18030") and error.object[error.start] == 0x80:
        return "€", error.start + 1
    raise error


def _euro_or_replace(error: UnicodeDecodeError) -> tuple[str, int]:
    return ("€" if error.object[error.start] == 0x80 else "\ufffd"), error.end


# They are called for decoding alone.
codecs.register_error("dynmask_euro", _euro)  # type: ignore[arg-type]
codecs.register_error("dynmask_euro_replace", _euro_or_replace)  # type: ignore[arg-type]

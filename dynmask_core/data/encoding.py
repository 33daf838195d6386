"""Bytes → text; warnings tell when the encoding is a guess, and which bytes could not be read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from dynmask_core.data.codepages import HIGH, Read, control_share, likely, reads_badly, text_of
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError
from dynmask_core.remedies import Remedy

ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("gb18030", "GBK, GB18030 (简体中文)"),
    ("big5", "Big5 (繁體中文)"),
    ("cp932", "Shift JIS (日本語)"),
    ("euc_jp", "EUC-JP (日本語)"),
    ("cp949", "CP949, EUC-KR (한국어)"),
    ("cp1252", "Windows-1252, Latin-1 (English, Français, Deutsch, Español)"),
    ("mac", "Mac Roman (English, Français, Deutsch, Español)"),
    ("cp1250", "Windows-1250 (Polski, Čeština, Magyar)"),
    ("cp1251", "Windows-1251 (Русский)"),
    ("koi8-r", "KOI8-R (Русский)"),
    ("cp1253", "Windows-1253 (Ελληνικά)"),
    ("cp1254", "Windows-1254 (Türkçe)"),
    ("cp1255", "Windows-1255 (עברית)"),
    ("cp1256", "Windows-1256 (العربية)"),
    ("cp1257", "Windows-1257 (Lietuvių, Latviešu, Eesti)"),
    ("cp1258", "Windows-1258 (Tiếng Việt)"),
    ("cp874", "Windows-874 (ไทย)"),
)
"""The encodings to offer: what `decode` takes, and the name that people know."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose little-endian mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNICODE = ("utf-8", "utf-8-sig", "ascii")
_OFFERED = 3


class Decoded(NamedTuple):
    """text: without byte order marks. encoding: its name, which `decode` takes. warnings: `encoding_guessed` if it is
    neither named nor certain, `bytes_replaced` if bytes became U+FFFD."""

    text: str
    encoding: str
    warnings: tuple[DataWarning, ...] = ()


def decode(data: bytes, encoding: str | None = None, *, replace: bool = False) -> Decoded:
    """Decodes bytes; `encoding` None means guess. Byte order marks at the start of a line, or of a header within
    the text, are dropped.

    The guess tries byte order marks, UTF-16 by its NUL bytes, UTF-8, then the legacy encoding in which the text makes
    most sense; its warning offers the next ones. A named encoding is checked too: `wrong_encoding` if it turns the text
    into nonsense. replace: what is not in the encoding becomes U+FFFD; otherwise a few such bytes are the error
    `bad_bytes`, which offers that.

    Raises `InputError`: `unknown_encoding`, `wrong_encoding`, `bad_bytes`, `undetectable_encoding`, `binary_file`,
    `nul_byte`.
    """
    return _guessed(data, replace) if encoding is None else _named(data, encoding, replace)


def _guessed(data: bytes, replace: bool) -> Decoded:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _checked(text_of(data, name), data, replace)
    if b"\0" in data:
        return _with_nul_bytes(data)
    read = text_of(data, "utf-8")
    if control_share(read.text) > 0.01:
        raise InputError("binary_file")
    if _mostly_good(read, data):
        return _checked(read, data, replace)
    names = likely(data)
    if not names or reads_badly((read := text_of(data, names[0])).text):
        raise InputError("undetectable_encoding")
    others = _read_as(names[1:])
    decoded = _checked(read, data, replace, others)
    doubt = DataWarning("encoding_guessed", {"encoding": decoded.encoding}, others)
    return decoded._replace(warnings=(doubt, *decoded.warnings))


def _named(data: bytes, encoding: str, replace: bool) -> Decoded:
    try:
        read = text_of(data, encoding)
    except (LookupError, ValueError):
        raise InputError("unknown_encoding", encoding=encoding) from None
    nonsense = read.encoding not in _UNICODE and (_surely_utf8(data, read.encoding) or reads_badly(read.text))
    if nonsense or not (replace or _mostly_good(read, data)):
        try:
            other = _read_as([_guessed(data, replace).encoding])
        except InputError:
            other = ()
        raise InputError("wrong_encoding", encoding=encoding).mended_by(*other)
    return _checked(read, data, replace)


def _read_as(names: Sequence[str]) -> tuple[Remedy, ...]:
    return tuple(Remedy("read_as", {"encoding": name}, read={"encoding": name}) for name in names[:_OFFERED])


def _mostly_good(read: Read, data: bytes) -> bool:
    """Whether at most a third of the bytes that could be wrong are.

    Text in a legacy encoding that is read as UTF-8 shows more; UTF-8 with some foreign or cut bytes shows less.
    """
    if not read.bad:
        return True
    wide = read.encoding.startswith(("utf-16", "utf-32"))
    could_be = len(read.text) if wide else len(data) - len(data.translate(None, HIGH))
    return 3 * read.bad <= could_be


def _checked(read: Read, data: bytes, replace: bool, others: tuple[Remedy, ...] = ()) -> Decoded:
    """The text without marks; if bytes are bad, with a warning or as an error (which offers `others`, too)."""
    encoding, text = read.encoding, read.text
    warnings: tuple[DataWarning, ...] = ()
    if read.bad:
        before = text_of(data[: read.first], encoding).text
        line = max(before.count("\n"), before.count("\r")) + 1
        bad = {"line": line, "byte": f"0x{data[read.first]:02X}", "count": read.bad, "encoding": encoding}
        if not replace and not _mostly_good(read, data):
            raise InputError("wrong_encoding", encoding=encoding).mended_by(*others)
        if not replace:
            offer = Remedy("replace_bytes", {"count": read.bad}, read={"replace_bytes": True})
            raise InputError("bad_bytes", **bad).mended_by(offer, *others)
        warnings = (DataWarning("bytes_replaced", bad),)
    if encoding == "utf-8" and text.startswith("\ufeff"):
        encoding = "utf-8-sig"
    return Decoded(_no_nul(_without_marks(text)), encoding, warnings)


def _without_marks(text: str) -> str:
    """The text without the byte order marks that begin lines: files that were joined have one in the middle.

    Where the file before did not end its last line, the mark and the header stand in that line.
    """
    if "\ufeff" not in text:
        return text
    text = re.sub(r"(^|[\r\n])\ufeff+", r"\1", text)
    header = re.match(r"[^\r\n]+", text)
    return re.sub(rf"(?<!\ufeff)\ufeff++(?={re.escape(header[0])}(?:[\r\n]|$))", "\n", text) if header else text


def _no_nul(text: str) -> str:
    position = text.find("\0")
    if position >= 0:
        raise InputError("nul_byte", line=text.count("\n", 0, position) + 1)
    return text


def _surely_utf8(data: bytes, other: str) -> bool:
    """Certainly UTF-8: its mark, or four or more characters of three or more bytes; if `other` is UTF-16 or UTF-32, no
    NUL byte."""
    read = text_of(data, "utf-8")
    if read.bad:
        return False
    if other.startswith(("utf-16", "utf-32")):
        return b"\0" not in data
    return data.startswith(codecs.BOM_UTF8) or sum(character > "\u07ff" for character in read.text) >= 4


def _with_nul_bytes(data: bytes) -> Decoded:
    """UTF-16 without a byte order mark. Otherwise raises `nul_byte` if the rest is text, else `binary_file`."""
    # Only the right byte order shows line ends and separators; the wrong one turns them into other characters.
    marks = '\n\r\t ,;|{}"'
    wide = [text_of(data, name) for name in ("utf-16-le", "utf-16-be")]
    wide = [read for read in wide if not read.bad and "\0" not in read.text and not reads_badly(read.text)]
    best = max(wide, key=lambda read: sum(map(read.text.count, marks)), default=None)
    if best is not None and any(mark in best.text for mark in marks):
        return _checked(best, data, False)
    as_utf8 = text_of(data, "utf-8")
    if not as_utf8.bad and control_share(as_utf8.text) <= 0.05:
        _no_nul(as_utf8.text)
    raise InputError("binary_file")

"""Bytes → text; a warning tells when the encoding is a guess."""

from __future__ import annotations

import codecs
import unicodedata
from itertools import islice
from typing import NamedTuple

from charset_normalizer import from_bytes

from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose little-endian mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNICODE = ("utf-8", "utf-8-sig", "ascii")
# No warning for these: they only fit text that was written in them.
_CERTAIN = (*_UNICODE, "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030")
# Other encodings that spreadsheet programs write. More candidates would only make the guess on short texts worse.
_LEGACY = ("gb18030", "big5", "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254")
# All non-ASCII characters of Western European text.
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüýÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜÝ“”‘’„–—…«»€£§°¿¡·•\u00a0")
# The most frequent simplified characters: half to three quarters of any modern Chinese text.
_COMMON_CHINESE = frozenset(
    "的一是了不在有人我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
    "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无力它与长把机十民第公此已工使情明"
    "性知全三又关点正业外将两高间由问很最重并物手应向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位"
    "次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再"
    "感建务做接必场件计管期市直资命山金指许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色"
    "路记南品住告类求据程北边该交规万取格望觉术领共确传师观清今切院让识带导争运店房差服早餐酒评负"
)
_SAMPLE_BYTES = 65_536


class Decoded(NamedTuple):
    """text: without a byte order mark. encoding: the codec's name. warnings: `encoding_guessed` if others fit too."""

    text: str
    encoding: str
    warnings: tuple[DataWarning, ...] = ()


def decode(data: bytes, encoding: str | None = None, *, replace: bool = False) -> Decoded:
    """Decodes bytes; `encoding` None means guess.

    The guess tries byte order marks, UTF-16 by its NUL bytes, strict UTF-8, GB18030, then other legacy encodings. A
    given `encoding` is checked too: `wrong_encoding` if it turns the text into nonsense.

    Raises `InputError`: `unknown_encoding`, `wrong_encoding`, `undetectable_encoding`, `binary_file`, `nul_byte`.
    """
    text, name = _guessed(data) if encoding is None else _forced(data, encoding)
    doubt = () if name in _CERTAIN else (DataWarning("encoding_guessed", {"encoding": name}),)
    return Decoded(text, name, doubt)


def _guessed(data: bytes) -> tuple[str, str]:
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = _try(data, name)
            if text is None:
                raise InputError("wrong_encoding", encoding=name)
            return _no_nul(text), name
    if b"\0" in data:
        return _with_nul_bytes(data)
    utf8 = _try(data, "utf-8")
    text, name = _legacy(data) if utf8 is None else (utf8, "utf-8")
    if _control_share(text) > 0.01:
        raise InputError("binary_file")
    return text, name


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _no_nul(text: str) -> str:
    position = text.find("\0")
    if position >= 0:
        raise InputError("nul_byte", line=text.count("\n", 0, position) + 1)
    return text


def _forced(data: bytes, encoding: str) -> tuple[str, str]:
    try:
        name = codecs.lookup(encoding).name
        text = data.decode(name)
    except LookupError:
        raise InputError("unknown_encoding", encoding=encoding) from None
    except (UnicodeError, ValueError):
        raise InputError("wrong_encoding", encoding=encoding) from None
    if name == "utf-8" and text.startswith("\ufeff"):
        return _no_nul(text[1:]), "utf-8-sig"
    if name not in _UNICODE and (_surely_utf8(data, name) or _implausible(text)):
        raise InputError("wrong_encoding", encoding=encoding)
    return _no_nul(text.removeprefix("\ufeff")), name


def _surely_utf8(data: bytes, other: str) -> bool:
    """Certainly UTF-8: four or more characters of three or more bytes; if `other` is UTF-16 or UTF-32, no NUL byte."""
    text = _try(data, "utf-8")
    if text is None:
        return False
    if other.startswith(("utf-16", "utf-32")):
        return b"\0" not in data
    return sum(character > "\u07ff" for character in text) >= 4


def _implausible(text: str) -> bool:
    """Whether unassigned, private-use or control characters show that the encoding is wrong."""
    kinds = {unicodedata.category(character) for character in set(text)}
    c1_controls = any("\x80" <= character <= "\x9f" for character in set(text))
    return c1_controls or not kinds.isdisjoint(("Cn", "Co")) or _control_share(text) > 0.01


def _control_share(text: str) -> float:
    sample = text[:_SAMPLE_BYTES]
    controls = sum(character < " " and character not in "\t\n\r\f\v" for character in sample)
    return controls / max(len(sample), 1)


def _with_nul_bytes(data: bytes) -> tuple[str, str]:
    """UTF-16 without a byte order mark. Otherwise raises `nul_byte` if the rest is text, else `binary_file`."""
    # Only the right byte order shows line ends and separators; the wrong one turns them into other characters.
    marks = '\n\r\t ,;|{}"'
    best: tuple[int, str, str] | None = None
    for name in ("utf-16-le", "utf-16-be"):
        text = _try(data, name)
        if text is None or "\0" in text or _implausible(text):
            continue
        score = sum(text.count(mark) for mark in marks)
        if score and (best is None or score > best[0]):
            best = (score, text, name)
    if best is not None:
        return best[1], best[2]
    as_utf8 = _try(data, "utf-8")
    if as_utf8 is not None and _control_share(as_utf8) <= 0.05:
        _no_nul(as_utf8)
    raise InputError("binary_file")


def _legacy(data: bytes) -> tuple[str, str]:
    # East Asian encodings can decode each other's bytes, so each must yield its own script.
    for name, reads in (
        ("gb18030", _reads_as_chinese),
        ("cp932", lambda text: _share(text, "\u3040", "\u30ff") > 0.3),
        ("euc_jp", lambda text: _share(text, "\u3040", "\u30ff") > 0.3),
        ("euc_kr", lambda text: _share(text, "\uac00", "\ud7a3") > 0.9),
    ):
        text = _try(data, name)
        if text is not None and not _implausible(text) and reads(text):
            return text, name
    guess = from_bytes(_telling_lines(data), cp_isolation=list(_LEGACY)).best()
    if guess is None:
        raise InputError("undetectable_encoding")
    # Western, Central European and Turkish letters share bytes, and only some words tell them apart.
    latin = guess.encoding in ("cp1252", "cp1250", "cp1254")
    for name in ("cp1252", guess.encoding) if latin else (guess.encoding,):
        text = _try(data, name)
        western = text is not None and all(character in _WESTERN for character in text if character > "\x7f")
        if text is not None and not _implausible(text) and (western or name != "cp1252"):
            return text, name
    raise InputError("undetectable_encoding")


def _foreign(text: str) -> list[str]:
    """The first non-ASCII characters, enough to recognise a script."""
    return list(islice((character for character in text if character > "\x7f"), _SAMPLE_BYTES))


def _share(text: str, first: str, last: str) -> float:
    """Share of the characters `first` to `last` among the non-ASCII ones."""
    foreign = _foreign(text)
    return sum(first <= character <= last for character in foreign) / max(len(foreign), 1)


def _telling_lines(data: bytes) -> bytes:
    """The first lines with non-ASCII bytes; the others say nothing about the encoding."""
    lines: list[bytes] = []
    size = 0
    for line in data.split(b"\n"):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > _SAMPLE_BYTES:
                break
    return b"\n".join(lines)


def _reads_as_chinese(text: str) -> bool:
    """Whether at least 80 % of the Han characters are GB2312 level 1, and at least 25 % are frequent in Chinese.

    Korean, Japanese and Western bytes often decode as GB18030 without an error; these shares tell them apart.
    """
    foreign = _foreign(text)
    hanzi = [character for character in foreign if "\u4e00" <= character <= "\u9fff"]
    if not hanzi or _share(text, "\u3040", "\u30ff") > 0.1:
        return False
    first_level = 0
    for character in hanzi:
        code = character.encode("gb18030")
        first_level += len(code) == 2 and 0xB0 <= code[0] <= 0xD7 and code[1] >= 0xA1
    common = sum(character in _COMMON_CHINESE for character in hanzi)
    return first_level >= 0.8 * len(hanzi) and common >= 0.25 * len(hanzi)

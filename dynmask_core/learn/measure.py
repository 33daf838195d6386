"""The text of a lesson's file, measured before anything reads it: strangers write lessons."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dynmask_core.errors import InputError
from dynmask_core.learn import limits

_SIGNS = "[]()!*_`<&\\"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Characters without a shape or a place in a file. Those that turn the direction of writing hide what a line says."""


def measured(source: str | bytes) -> str:
    """The text in a file's content, with plain line ends.

    Raises InputError `lesson_…` with its line for one that is too large, no UTF-8, or would take long to read.
    """
    size = len(source)
    if size > limits.FILE_BYTES or (
        isinstance(source, str) and len(source.encode("utf-8", "replace")) > limits.FILE_BYTES
    ):
        raise InputError("lesson_large", line=1, kilobytes=limits.FILE_BYTES // 1000)
    if isinstance(source, str):
        text = source
    else:
        try:
            text = source.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError("lesson_utf8", line=source[: error.start].count(b"\n") + 1) from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if match := _CONTROL.search(text):
        line = text[: match.start()].count("\n") + 1
        raise InputError("lesson_control", line=line, code=f"U+{ord(match[0]):04X}")
    _measure(text.split("\n"))
    return text


def _measure(lines: Sequence[str]) -> None:
    """Raises InputError for a text that would take long to read."""
    if len(lines) > limits.LINES:
        raise InputError("lesson_lines", line=limits.LINES + 1, most=limits.LINES)
    signs = paragraph = 0
    for number, line in enumerate(lines, 1):
        if len(line) > limits.LINE_CHARACTERS:
            raise InputError("lesson_line_long", line=number, most=limits.LINE_CHARACTERS)
        found = sum(line.count(sign) for sign in _SIGNS)
        signs, paragraph = signs + found, paragraph + found if line.strip() else 0
        if signs > limits.SIGNS or paragraph > limits.SIGNS_IN_PARAGRAPH:
            raise InputError("lesson_signs", line=number, most=limits.SIGNS_IN_PARAGRAPH)

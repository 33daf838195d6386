"""Characters that are not seen: joiners, soft hyphens, marks of direction, variation selectors, spaces of no width."""

from __future__ import annotations

import regex

INVISIBLE = r"[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]"
"""Unicode's default ignorable code points, and the marks of annotations. A pattern of the `regex` module."""

_NOTHING = regex.compile(rf"(?:{INVISIBLE}|\s)*")
_UNSEEN = regex.compile(rf"{INVISIBLE}|\s")
_INVISIBLE = regex.compile(INVISIBLE)
_EMOJI = regex.compile(r"\p{Extended_Pictographic}")


def shows_nothing(text: str) -> bool:
    """Whether `text` has no characters but spaces and invisible ones."""
    return _NOTHING.fullmatch(text) is not None


def name_of(cell: str) -> str:
    """A cell as the name of a column: without spaces and invisible characters at its ends."""
    return cell.strip() if cell.isascii() else cell.strip("".join(_UNSEEN.findall(cell)))


def without_invisible(words: list[str]) -> list[str]:
    """The words without invisible characters; an emoji keeps them, because they say which emoji it is."""
    return [word if word.isascii() or _EMOJI.match(word) else _INVISIBLE.sub("", word) for word in words]


def has_invisible(text: str) -> bool:
    """Whether `text` has an invisible character."""
    return not text.isascii() and _INVISIBLE.search(text) is not None

"""Markdown of strangers: what it may hold, and HTML of it that fetches nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from dynmask_core.errors import InputError
from dynmask_core.learn.limits import NESTING

_CHINESE = "\u2e80"
"""Characters from here on need no space between them."""
_SHARED = "“”‘’—…"
"""Signs of Chinese and of other languages."""
_DEEPEST = 2 * NESTING
"""Where the library would stop silently; the limit refuses what is nested half as deep."""


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False, "maxNesting": _DEEPEST})
    reader.enable("table")
    # Every address is read and judged here, and none of them becomes a link of the page.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    reader.add_render_rule("image", _image)
    reader.add_render_rule("link_open", _link_open)
    reader.add_render_rule("link_close", _link_close)
    reader.add_render_rule("softbreak", _softbreak)
    return reader


def _image(self: Any, tokens: Sequence[Token], place: int, options: OptionsDict, env: dict[str, Any]) -> str:
    return escape(tokens[place].content)


def _link_open(self: Any, tokens: Sequence[Token], place: int, options: OptionsDict, env: dict[str, Any]) -> str:
    return ""


def _link_close(self: Any, tokens: Sequence[Token], place: int, options: OptionsDict, env: dict[str, Any]) -> str:
    """A link is shown as its words and, unless they are the same, its address."""
    depth = 0
    for before in range(place, -1, -1):
        depth += {"link_close": 1, "link_open": -1}.get(tokens[before].type, 0)
        if depth == 0:
            words = "".join(token.content for token in tokens[before + 1 : place])
            address = str(tokens[before].attrs.get("href", ""))
            return "" if words == address else f" ({escape(address)})"
    return ""


def _softbreak(self: Any, tokens: Sequence[Token], place: int, options: OptionsDict, env: dict[str, Any]) -> str:
    return "\n" if _between(tokens, place) else ""


def _between(tokens: Sequence[Token], place: int) -> str:
    """What stands for the end of a line: a space, but nothing between Chinese characters."""
    before = next((token.content for token in reversed(tokens[:place]) if token.content), " ")
    after = next((token.content for token in tokens[place + 1 :] if token.content), " ")
    sides = [sign for sign in (before[-1], after[0]) if sign not in _SHARED]
    return "" if sides and min(sides) >= _CHINESE else " "


_READER = _reader()


def between(words: str, more: str) -> str:
    """`more` as it follows `words` on a line: after a space, but not between Chinese characters.

    >>> between("Which?", "(several)"), between("哪些？", "（可多选）")
    (' (several)', '（可多选）')
    """
    sides = [sign for sign in (words[-1:], more[:1]) if sign not in _SHARED]
    return more if sides and min(sides) >= _CHINESE else f" {more}"


def tokens_of(text: str) -> list[Token]:
    """The blocks of a text. `map` of each holds its lines from 0."""
    return _READER.parse(text)


def to_html(text: str) -> str:
    """Markdown as HTML without tags of the writer's own, images, or links that could be followed."""
    return str(_READER.render(text))


def inline_html(text: str) -> str:
    """The same for words within a line."""
    return str(_READER.renderInline(text))


def plain(text: str) -> str:
    """The words alone, without any marks."""
    words: list[str] = []
    for block in _READER.parseInline(text):
        parts = block.children or []
        for place, token in enumerate(parts):
            words.append(_between(parts, place) if token.type in ("softbreak", "hardbreak") else token.content)
    return "".join(words)


_MARKS = {"em_open": "*", "em_close": "*", "strong_open": "**", "strong_close": "**"}


def stressed(text: str, escaped: Callable[[str], str]) -> str:
    """The words with what is stressed in them, as Markdown for labels that take it. escaped: makes words safe there.

    >>> stressed("*saw* gets as `x`", str)
    '*saw* gets as x'
    """
    words: list[str] = []
    for block in _READER.parseInline(text):
        parts = block.children or []
        for place, token in enumerate(parts):
            if token.type in ("softbreak", "hardbreak"):
                words.append(_between(parts, place))
            else:
                words.append(_MARKS.get(token.type) or escaped(token.content))
    written = "".join(words)
    # Where escaping has taken the marks their meaning, they would be shown as stars.
    return written if plain(written) == plain(text) else escaped(plain(text))


def problems(tokens: Sequence[Token], offset: int = 1) -> Iterator[InputError]:
    """What a lesson's Markdown may not hold: images, links within the prose that are none to the web, deep nesting.

    offset: the number of the text's first line.
    """
    for token in tokens:
        line = offset + (token.map[0] if token.map else 0)
        if token.level > NESTING:
            yield InputError("lesson_deep", line=line, most=NESTING)
            return
        for at, child in _placed(token, line):
            if child.type == "image":
                yield InputError("lesson_image", line=at)
            elif child.type == "link_open":
                address = str(child.attrs.get("href", ""))
                if not address.lower().startswith(("https://", "http://", "mailto:")):
                    yield InputError("lesson_link", line=at, address=shown(address))
            if child.level > NESTING:
                yield InputError("lesson_deep", line=at, most=NESTING)
                return


def _placed(token: Token, line: int) -> Iterator[tuple[int, Token]]:
    """The parts of a line of words, each with its line."""
    for child in token.children or []:
        yield line, child
        if child.type in ("softbreak", "hardbreak"):
            line += 1


def shown(text: str) -> str:
    """Words of the file as a sentence can hold them."""
    printable = "".join(character if character.isprintable() else "�" for character in text)
    return printable if len(printable) <= 60 else f"{printable[:59]}…"

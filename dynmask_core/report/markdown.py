"""A report as Markdown that reads the same in any viewer, and as it stands."""

from __future__ import annotations

import re

from dynmask_core.report.blocks import Block, Code, Content, Folded, Picture, Table, Words, head_of
from dynmask_core.report.plain import one_line

MARKS = {"better": "▲", "worse": "▼", "undetected": "≈", "too_few": "…", "chosen": "★", "note": "⚠"}
SPECIAL = re.compile(r"[\\`*_\[\]#|~$]")


def markdown_of(content: Content) -> str:
    parts = [f"# {escaped(content.title)}", escaped(content.lead)]
    for section in content.sections:
        parts.append(f"## {escaped(section.title)}")
        parts += [_written(block) for block in section.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(words: str) -> str:
    """Any text, so that no viewer takes a part of it for a tag, a table's edge, a link or a mention."""
    words = one_line(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    words = SPECIAL.sub(r"\\\g<0>", words)
    return words.replace("://", ":&#47;&#47;").replace("www.", "www&#46;").replace("@", "&#64;")


def _written(block: Block) -> str:
    if isinstance(block, Words):
        mark = MARKS.get(block.look)
        if mark:
            return f"> {mark} {escaped(block.text)}"
        term, rest = head_of(block)
        return f"**{escaped(term)}** {escaped(rest)}" if term else escaped(rest)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Picture):
        return _fenced(block.plain) if block.plain else ""
    if isinstance(block, Code):
        return _fenced(block.text, "sh")
    if isinstance(block, Folded):
        return "\n\n".join([f"### {escaped(block.title)}", *(_written(inner) for inner in block.blocks)])
    raise TypeError(block)


def _table(table: Table) -> str:
    edges = [":--" if place < table.left else "--:" for place in range(len(table.head))]
    lines = [[escaped(name) for name in table.head], edges, *([escaped(cell) for cell in row] for row in table.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _fenced(text: str, kind: str = "") -> str:
    """Between fences longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind or 'text'}\n{text}\n{fence}"

"""A report as Markdown that reads the same in any viewer, and also as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dynmask_core.blocks import (
    Block,
    Code,
    Content,
    Figure,
    Finding,
    Folded,
    Look,
    Paragraph,
    Pictures,
    Table,
    head_of,
    on_paper,
)
from dynmask_core.messages import Words, told
from dynmask_core.report.letters import in_letters
from dynmask_core.report.plain import one_line, written

MARKS: dict[Look, str] = {
    "better": "▲", "worse": "▼", "undetected": "≈", "same": "=", "too_few": "…", "few_texts": "…",
    "chosen": "★", "note": "⚠", "right": "✓", "wrong": "✗",
}  # fmt: skip
LEFT = ("words", "path")
"""Forms that are not numbers."""
SPECIAL = re.compile(r"[\\`*_\[\]#|~$]")


def markdown_of(content: Content, lang: str) -> str:
    return "\n\n".join(part for part in _parts(content, lang) if part) + "\n"


def escaped(words: Words, lang: str = "en") -> str:
    """Escapes any text, so that no viewer reads a part of it as a tag, a table border, a link or a mention."""
    line = one_line(told(words, lang)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = SPECIAL.sub(r"\\\g<0>", line)
    return line.replace("://", ":&#47;&#47;").replace("www.", "www&#46;").replace("@", "&#64;")


def _parts(content: Content, lang: str) -> Iterator[str]:
    yield f"# {escaped(content.title, lang)}"
    yield escaped(content.lead, lang)
    for section in content.sections:
        yield f"## {escaped(section.title, lang)}"
        yield from _drawn(section.blocks, lang)


def _drawn(blocks: Sequence[Block], lang: str) -> Iterator[str]:
    for block in on_paper(blocks):
        match block:
            case Paragraph(words, term):
                head, rest = head_of(told(words, lang)) if term else ("", told(words, lang))
                yield (f"**{escaped(head)}** " if head else "") + escaped(rest)
            case Finding(words, look):
                yield f"> {MARKS[look]} {escaped(words, lang)}"
            case Table():
                yield _table(block, lang)
            case Figure():
                yield _fenced(letters) if (letters := in_letters(block, lang)) else ""
            case Pictures(columns, rows):
                for name, pictures in rows:
                    for title, one in zip(columns, pictures, strict=True):
                        yield f"{escaped(name, lang)} · {escaped(title, lang)}: {escaped(one.alt, lang)}"
                        yield _fenced(one.letters)
            case Code(code):
                yield _fenced(code, "sh")
            case Folded(title, inner):
                yield f"### {escaped(title, lang)}"
                yield from _drawn(inner, lang)


def _table(table: Table, lang: str) -> str:
    forms = [column.form for column in table.columns]
    lines = [
        [escaped(column.title, lang) for column in table.columns],
        [":--" if form in LEFT else "--:" for form in forms],
        *([escaped(written(cell, form, lang)) for cell, form in zip(row, forms, strict=True)] for row in table.rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _fenced(text: str, kind: str = "text") -> str:
    """A code block whose fences are longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}"

"""What each arm writes for test pairs, as blocks."""

from __future__ import annotations

from typing import Any

from dynmask_core.analysis.written import WrittenTests
from dynmask_core.blocks import Block, Column, Paragraph, Table
from dynmask_core.masks import brief
from dynmask_core.messages import Words, listed, say

MOST = 20
"""So many pairs are shown."""
RIGHT = 6
"""So many of them are taken from the end of the order, where most arms are right."""
LONGEST = 300
"""Characters of a cell."""


def blocks(found: WrittenTests) -> list[Block]:
    """Those first that most arms have wrong; each answer with a mark that says whether it is right."""
    arms = list(found.written)
    answers = [Column(f"arm_{a}", brief(arm)) for a, arm in enumerate(arms)]
    if found.wanted is None:
        rows = [
            [_cut(source), *(_cut(found.written[arm][i]) for arm in arms)]
            for i, source in enumerate(found.sources[:MOST])
        ]
        begun = Column("source", say("written.begin"))
        return [Paragraph(say("written.read.prose")), Table("written", [begun, *answers], rows)]
    columns = [Column("source", say("written.source")), Column("wanted", say("written.wanted")), *answers]
    counts = listed((f"{brief(arm)} {found.wrong(arm)}" for arm in arms), between=" · ")
    lines: list[list[Any]] = []
    order = found.order if len(found.order) <= MOST else [*found.order[: MOST - RIGHT], *found.order[-RIGHT:]]
    for i in order:
        cells: list[Words] = [_cut(found.sources[i]), _cut(found.wanted[i])]
        lines.append(
            [*cells, *(f"{'✓' if found.right[arm][i] else '✗'} {_cut(found.written[arm][i])}" for arm in arms)]
        )
    told = say("written.read", tests=len(found.sources), counts=counts, shown=len(lines))
    return [Paragraph(told), Table("written", columns, lines)]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

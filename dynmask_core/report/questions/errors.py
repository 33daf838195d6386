"""Which test texts were answered wrongly, as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynmask_core.analysis.errors import SOURCE, Answers, select
from dynmask_core.blocks import Block, Column, Folded, Paragraph, Table
from dynmask_core.data.media import TEXT, medium
from dynmask_core.masks import brief
from dynmask_core.messages import Words, listed, say

TEXTS = 20
"""Of each arm, as `dynmask ask --what errors` lists them."""
LONGEST = 300
"""Characters of a text."""
CELLS = 12


def blocks(found: Answers) -> list[Block]:
    """What each arm confuses, and its wrong answers, the hardest first."""
    if not len(found):
        return [Paragraph(say("wrong.no_tests"))]
    wrong = {arm: select(found, arm, wrong=True) for arm in found.arms}
    counts = listed((f"{brief(arm)} {len(own)}" for arm, own in wrong.items()), between=" · ")
    said: list[Block] = [Paragraph(say("wrong.told", tests=len(found), counts=counts))]
    if any(map(len, wrong.values())):
        said += [Paragraph(say("wrong.cells.read")), _cells(found)]
    doubted = {arm: int((found.suspect[a] >= 0).sum()) for a, arm in enumerate(found.arms)}
    if any(doubted.values()):
        many = listed((f"{brief(arm)} {count}" for arm, count in doubted.items()), between=" · ")
        said.append(Paragraph(say("wrong.doubted", counts=many, source=SOURCE)))
    for arm, own in wrong.items():
        if len(own):
            title = say("wrong.hardest", arm=brief(arm), shown=min(TEXTS, len(own)), wrong=len(own))
            said.append(Folded(title, [Paragraph(say("wrong.texts.read")), texts(found, arm, own[:TEXTS].tolist())]))
    return said


def _cells(found: Answers) -> Table:
    """The largest cells off the diagonal of any arm's confusion matrix."""
    per_arm = [found.cells(arm) for arm in found.arms]
    total: dict[tuple[int, int], int] = {}
    for cells in per_arm:
        for cell, count in cells.items():
            if cell[0] != cell[1]:
                total[cell] = total.get(cell, 0) + count
    first = sorted(total, key=lambda cell: (-total[cell], cell))[:CELLS]
    columns = [Column("truth", say("wrong.truth")), Column("predicted", say("wrong.predicted"))]
    columns += [Column(f"arm_{a}", brief(arm), "count") for a, arm in enumerate(found.arms)]
    rows: list[list[Any]] = [
        [found.classes[cell[0]], found.classes[cell[1]], *(cells.get(cell, 0) for cells in per_arm)] for cell in first
    ]
    return Table("wrong_cells", columns, rows)


def texts(found: Answers, arm: str, chosen: Sequence[int]) -> Table:
    a = found.arms.index(arm)
    columns = [
        Column("text", say("wrong.text")), Column("truth", say("wrong.truth")),
        Column("predicted", say("wrong.predicted")), Column("probability", say("wrong.probability"), "percent"),
        Column("loss", say("wrong.loss"), "thousandths"), Column("suspect", say("wrong.suspect")),
        Column("unknown", say("wrong.unknown")),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for index in chosen:
        told = found.to_json(index)
        own = told["answers"][found.arms[a]]
        shown: Words = told["text"] if len(told["text"]) <= LONGEST else f"{told['text'][: LONGEST - 1]}…"
        if (kind := medium(told["text"])) != TEXT:
            shown = say("wrong.row", row=told["row"], what=say(f"medium.one.{kind}"))
        row = [shown, told["truth"], *(own[name] for name in ("predicted", "probability", "loss", "suspect"))]
        rows.append([*row, listed(told["unknown"]) or None])
    return Table(f"wrong_texts_{a}", columns, rows)

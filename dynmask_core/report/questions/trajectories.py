"""How the masks of words went, as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynmask_core.analysis.trajectories import (
    Trajectories,
    bundles,
    has_word_mask,
    of_snapshots,
    select,
    told_crossings,
    told_overall,
)
from dynmask_core.analysis.typical import typical_words
from dynmask_core.blocks import Block, Column, Figure, Paragraph, Table
from dynmask_core.masks import brief
from dynmask_core.messages import Words, listed, say, several
from dynmask_core.runs import Run

LINES, ROWS = 12, 20
FEW = 8
"""Rows of a mask that never moves."""
MOST_SAID = 8
"""Sentences on crossings."""


def blocks(run: Run) -> list[Block]:
    """The paths of all arms whose masks belong to words; [] before an epoch is recorded."""
    snapshots = run.snapshots()
    config, vocabulary = run.config(), run.vocabulary()
    if not snapshots or vocabulary is None:
        return []
    able = [arm for arm in config.arms if has_word_mask(snapshots, arm)]
    said: list[Block] = []
    if len(able) < len(config.arms):
        others = listed(brief(arm) for arm in config.arms if arm not in able)
        said.append(Paragraph(say("paths.elsewhere", arms=others)))
    if not able:
        return said
    said.append(Paragraph(say("paths.look")))
    typical, events = typical_words(run), run.events()
    for arm in able:
        said += of_arm(of_snapshots(config, arm, vocabulary, snapshots, events, typical), config.arms.index(arm))
    return said


def of_arm(found: Trajectories, index: int) -> list[Block]:
    """The sentences, the picture and the words that went farthest."""
    shown = select(found)
    together = bundles(found, shown)
    drawn = together[:LINES]
    crossed = told_crossings(found, together)
    sentences: list[Words] = [*told_overall(found), *(one.told() for one in found.changes), *crossed[:MOST_SAID]]
    if len(crossed) > MOST_SAID:
        sentences.append(say("paths.more", more=len(crossed) - MOST_SAID))
    picture = Figure("paths", found, {"bundles": drawn, "index": index}, f"paths_{found.arm}")
    if not found.moved.any():
        read = say("paths.table.still", arm=brief(found.arm), shown=min(FEW, len(shown)))
        return [Paragraph(several(*sentences)), picture, Paragraph(read), table(found, shown[:FEW])]
    read = say("paths.table.read", arm=brief(found.arm), shown=min(ROWS, len(shown)), found=len(shown))
    return [Paragraph(several(*sentences)), picture, Paragraph(read), table(found, shown[:ROWS])]


def table(found: Trajectories, shown: Sequence[int]) -> Table:
    columns = [Column("word", say("paths.word")), Column("count", say("paths.count"), "count")]
    if found.typical is not None:
        columns.append(Column("typical", say("paths.typical")))
    columns += [Column("path", say("paths.path"), "path")]
    columns += [Column(name, say(f"paths.{name}"), "thousandths") for name in ("start", "now")]
    if found.judged:
        columns += [Column(name, say(f"paths.{name}")) for name in ("state", "crossed")]
    rows: list[list[Any]] = []
    for index in shown:
        row: list[Any] = [found.words[index], int(found.counts[index])]
        if found.typical is not None:
            which = int(found.typical.which[index])
            row.append(found.typical.classes[which] if which >= 0 else None)
        path = found.paths[index].astype(float).tolist()
        row += [path, path[0], path[-1]]
        if found.judged:
            row.append(say("paths.kept") if found.kept[index, -1] else say("paths.removed"))
            row.append(listed(str(one.epoch) for one in found.crossings(index)) or None)
        rows.append(row)
    return Table(f"paths_table_{found.arm}", columns, rows)

"""Is the mask right? As blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynmask_core.analysis.faithfulness import Faithfulness, Mean
from dynmask_core.blocks import Beside, Block, Column, Figure, Finding, Folded, Look, Paragraph, Table
from dynmask_core.masks import brief
from dynmask_core.messages import Sentence, say, several
from dynmask_core.report.plain import percent

LOOKS: dict[str, Look] = {
    "more": "right", "less": "wrong", "even": "undetected", "few_texts": "few_texts", "none": "note",
}  # fmt: skip


def blocks(found: Sequence[Faithfulness], arms: Sequence[str]) -> list[Block]:
    """found: of some arms. arms: all of the run, for their colours."""
    said: list[Block] = [Finding(one.sentence, LOOKS[one.verdict]) for one in found]
    ranked = [one for one in found if one.rankings]
    if not ranked:
        return said
    said.append(Paragraph(say("faith.look")))
    for one in ranked:
        index = arms.index(one.arm)
        figures = [
            Figure("drops", one, {"side": side, "index": index}, f"faith_{one.arm}_{side}")
            for side in ("removed", "kept")
        ]
        said += [Beside(figures), *more(one)]
    said.append(Paragraph(say("faith.honest")))
    return [*said, Folded(say("faith.table"), [Paragraph(say("faith.table.read")), _table(ranked), *_bounds(ranked)])]


def more(one: Faithfulness) -> list[Block]:
    """What else must be known about an arm's answers."""
    mask, said = one.rankings["mask"], list[Sentence]()
    if mask.precision is not None and (chance := one.rankings["random"].precision) is not None:
        found = {"precision": percent(mask.precision), "random": percent(chance)}
        said.append(say("faith.truth", arm=brief(one.arm), marked=one.marked, **found))
    if one.flat:
        said.append(say("faith.tied", arm=brief(one.arm), flat=one.flat, texts=one.texts))
    if one.texts < one.given:
        said.append(say("faith.sampled", texts=one.texts, given=one.given))
    return [Paragraph(several(*said))] if said else []


def _table(ranked: Sequence[Faithfulness]) -> Table:
    marked = any(one.marked for one in ranked)
    columns = [Column("arm", say("faith.arm")), Column("order", say("faith.order"))]
    columns += [
        Column(name, say(f"faith.{name}"), "estimate", say(f"faith.{name}.help"))
        for name in ("comprehensiveness", "sufficiency", "more")
    ]
    columns += [Column(name, say(f"faith.{name}"), "estimate") for name in ("normalized", "normalized_alone")]
    if marked:
        columns += [
            Column(name, say(f"faith.{name}"), "percent", say(f"faith.{name}.help")) for name in ("precision", "f1")
        ]
    rows: list[list[Any]] = []
    for one in ranked:
        for name, ranking in one.rankings.items():
            estimates = [ranking.comprehensiveness, ranking.sufficiency, ranking.more]
            row: list[Any] = [brief(one.arm), say(f"faith.order.{name}")]
            row += [_ends(mean) for mean in (*estimates, *(ranking.normalized or (None, None)))]
            rows.append(row + [ranking.precision, ranking.f1] * marked)
    return Table("faith_table", columns, rows)


def _bounds(ranked: Sequence[Faithfulness]) -> list[Block]:
    most = max(ranked, key=lambda one: one.bounded)
    return [Paragraph(say("faith.bounds", bounded=most.bounded, exact=most.exact))] if most.bounded else []


def _ends(one: Mean | None) -> tuple[float, float, float] | None:
    return None if one is None else (one.mean, one.low, one.high)

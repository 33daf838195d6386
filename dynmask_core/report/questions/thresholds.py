"""Threshold after training, as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynmask_core.analysis.thresholds import PARTS, Thresholds
from dynmask_core.blocks import Beside, Block, Column, Figure, Finding, Folded, Paragraph, Table
from dynmask_core.data.report import detectable_difference
from dynmask_core.masks import brief
from dynmask_core.messages import say, several


def blocks(found: Sequence[Thresholds], arms: Sequence[str]) -> list[Block]:
    """found: of some arms. arms: all of the run, for their colours."""
    movable = [one for one in found if not one.why_not]
    if not movable:
        return [Paragraph(say("thresholds.nothing")), *fixed(found)]
    said: list[Block] = [said_of(one) for one in movable]
    said.append(Paragraph(say("thresholds.look", draws=movable[0].parts["test"].draws)))
    for one in movable:
        options = {"index": arms.index(one.arm)}
        figures = [Figure(name, one, options, f"{name}_{one.arm}") for name in ("over_thresholds", "shares")]
        said.append(Beside(figures))
    return [*said, honest(movable[0]), table(movable), *fixed(found)]


def said_of(one: Thresholds) -> Finding:
    """What the trained θ and the one that validation chooses do on the test texts."""
    test = one.parts["test"]

    def at(place: int) -> dict[str, str]:
        cost = test.flops[place] / max(test.flops[0], 1)
        return {"accuracy": f"{100 * test.accuracy[place]:.1f}", "kept": f"{100 * test.kept[place]:.0f}",
                "cost": f"{100 * cost:.0f}", "random": f"{100 * test.random_mean[place]:.1f}"}  # fmt: skip

    now = say("thresholds.said", arm=brief(one.arm), theta=f"{one.thetas[one.trained]:g}", **at(one.trained))
    if not any(one.parts["validation"].accuracy):
        return Finding(now, "note")
    by_validation = one.parts["validation"]
    if all(values[one.chosen] == values[one.trained] for values in (by_validation.accuracy, by_validation.kept)):
        return Finding(several(now, say("thresholds.said.same")), "chosen")
    best = say("thresholds.said.best", theta=f"{one.thetas[one.chosen]:g}", **at(one.chosen))
    return Finding(several(now, best), "chosen")


def honest(one: Thresholds) -> Paragraph:
    """What the curves cannot show."""
    test = one.parts["test"]
    said = [say("thresholds.honest")]
    points = detectable_difference(test.texts)
    if points is not None:
        said.append(say("thresholds.chance", texts=test.texts, points=f"{points:.1f}"))
    if test.texts < test.given:
        said.append(say("thresholds.sampled", texts=test.texts, given=test.given))
    return Paragraph(several(*said))


def table(movable: Sequence[Thresholds]) -> Folded:
    columns = [Column("arm", say("thresholds.arm")), Column("theta", "θ", "setting")]
    columns += [Column(part, say(f"thresholds.column.{part}"), "percent") for part in PARTS]
    orders = ["random", "lowest", "highest"] if any(one.parts["test"].lowest for one in movable) else ["random"]
    columns += [Column(name, say(f"thresholds.column.{name}"), "percent") for name in orders]
    columns += [Column(name, say(f"thresholds.column.{name}"), "percent") for name in ("kept", "cost")]
    rows: list[list[Any]] = []
    for one in movable:
        test = one.parts["test"]
        for i, theta in enumerate(one.thetas):
            removed = (test.random_mean, test.lowest, test.highest)[: len(orders)]
            others = [values[i] if values else None for values in removed]
            parts = [one.parts[part].accuracy[i] for part in PARTS]
            cost = test.flops[i] / max(test.flops[0], 1)
            rows.append([brief(one.arm), theta, *parts, *others, test.kept[i], cost])
    return Folded(
        say("thresholds.table"),
        [Paragraph(say("thresholds.table.read")), Table("thresholds_table", columns, rows)],
    )


def fixed(found: Sequence[Thresholds]) -> list[Block]:
    """Why arms have no θ to move."""
    return [Paragraph(say(f"thresholds.why.{one.why_not}", arm=brief(one.arm))) for one in found if one.why_not]

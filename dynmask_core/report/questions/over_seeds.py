"""A question to the models of a study, over its seeds, as blocks."""

from __future__ import annotations

from typing import Any

from dynmask_core.blocks import Block, Choice, Column, Figure, Finding, Folded, Paragraph, Section, Table
from dynmask_core.masks import brief
from dynmask_core.messages import say
from dynmask_core.studies import KINDS, Study
from dynmask_core.studies.kinds.base import column
from dynmask_core.studies.questions import QUESTIONS, OverSeeds, Series


def sections(study: Study) -> list[Section]:
    """Every question that this kind of study asks: its answer, or how to get it."""
    found = []
    for name in KINDS[study.config.kind].questions:
        kept = QUESTIONS[name].kept(study)
        found.append(Section(say(f"over.{name}"), blocks(kept) if kept is not None else unasked(study, name)))
    return found


def unasked(study: Study, name: str) -> list[Block]:
    command = f"dynmask ask {study.name} --what {name}"
    return [Paragraph(say(f"over.{name}.read")), Paragraph(say("run_report.unasked", command=command))]


def blocks(found: OverSeeds) -> list[Block]:
    """The verdicts, the seeds behind them, and all numbers."""
    said: list[Block] = [Paragraph(say(f"over.{found.question}.read"))]
    said += [Finding(one.sentence, one.decision) for one in found.deciding]
    if found.verdicts:
        options: list[Any] = [
            (
                say(f"over.metric.{metric}"),
                [Figure("over_dots", found, {"metric": metric}, f"over_dots_{found.question}")],
            )
            for metric in found.metrics
        ]
        said.append(Choice(f"over_{found.question}", say("compare.metric.choose"), options))
        said.append(Paragraph(say("over.dots.read")))
    for arm in found.curves:
        said.append(Figure("over_curves", found, {"arm": arm}, f"over_curves_{arm}"))
    if found.curves:
        said.append(Paragraph(say("over.curves.read", seeds=len(found.seeds))))
    said += [Paragraph(words) for words in found.notes.values()]
    if found.verdicts:
        said += [Paragraph(say(f"over.{found.question}.table.read")), _comparisons(found)]
        said.append(
            Folded(say("over.values"), [Paragraph(say("over.values.read")), *map(_values(found), found.metrics)])
        )
        said += [Folded(say("over.curves.table"), [_curves(found)])] if found.curves else []
    return said


def _comparisons(found: OverSeeds) -> Table:
    help = say("compare.interval.help")
    columns = [
        column("arm"), Column("against", say("over.against")), column("metric"), column("points", "points"),
        column("interval", "points_span", help), column("sd", "percent"), column("p", "p", say("compare.p.help")),
        column("adjusted", "p", say("compare.adjusted.help")),
        column("improvement", "hundredths", say("compare.improved.help")), column("decision"),
    ]  # fmt: skip
    rows = []
    for one in found.verdicts:
        own = one.statistics
        row = [brief(one.arm), one.other, say(f"over.metric.{one.metric}"), own.mean, own.ci95, own.sd, own.p_value]
        row += [one.adjusted_p, own.probability_of_improvement, say(f"study_report.decision.{one.decision}")]
        rows.append(row)
    return Table(f"over_{found.question}", columns, rows)


def _values(found: OverSeeds) -> Any:
    def table(metric: str) -> Table:
        """Every seed's numbers in one metric."""
        series: list[Series] = [one for one in found.series if one.metric == metric]
        columns = [Column("seed", say("figure.seed"), "whole")]
        for number, one in enumerate(series):
            name, other = say(f"over.metric.{metric}"), say(f"over.other.{one.against}")
            columns.append(Column(f"own_{number}", say("over.column", arm=brief(one.arm), metric=name), "percent"))
            columns.append(Column(f"other_{number}", say("over.column", arm=brief(one.arm), metric=other), "percent"))
        rows = [
            [seed, *(value for one in series for value in (one.own.get(seed), one.other.get(seed)))]
            for seed in found.seeds
        ]
        return Table(f"over_{found.question}_{metric}", columns, rows)

    return table


def _curves(found: OverSeeds) -> Table:
    columns = [column("arm"), Column("theta", "θ", "setting"), Column("own", say("thresholds.column.test"), "percent")]
    columns += [column("interval", "percent_span"), Column("random", say("thresholds.column.random"), "percent")]
    columns += [Column("random_ends", say("study_report.column.interval"), "percent_span")]
    columns += [Column(name, say(f"thresholds.column.{name}"), "percent") for name in ("kept", "cost")]
    rows = [
        [brief(arm), *numbers]
        for arm, own in found.curves.items()
        for numbers in zip(
            own.thetas, own.own, own.own_ends, own.random, own.random_ends, own.kept, own.cost, strict=True
        )
    ]
    return Table("over_curves", columns, rows)

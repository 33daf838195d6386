"""Every arm against the first one, paired by seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from dynmask_core.blocks import Block, Choice, Column, Figure, Finding, Folded, Paragraph, Section, Table
from dynmask_core.evaluate.statistics import interval
from dynmask_core.masks import brief
from dynmask_core.masks.naming import named
from dynmask_core.messages import say
from dynmask_core.recipes import Recipe
from dynmask_core.studies import worth
from dynmask_core.studies.comparison import Comparison, compare, judged, to_json, transfer
from dynmask_core.studies.config import StudyConfig, require
from dynmask_core.studies.cost import COSTS, costs
from dynmask_core.studies.kinds.base import StudyKind, column
from dynmask_core.studies.results import METRICS, Result


class Compare(StudyKind[Comparison]):
    """With `axes`, each arm takes in each seed the cell that is best on validation; all arms have the same cells."""

    name: ClassVar[str] = "compare"
    seeds: ClassVar[int] = 10
    least_seeds: ClassVar[int] = 6  # with five pairs an exact test can never reach 0.05
    start: ClassVar[Recipe] = Recipe(("none", "static", "repaired"))
    asks: ClassVar[tuple[str, ...]] = ("train_rows", "test_on")
    axes_by: ClassVar[str] = "choose"
    questions: ClassVar[tuple[str, ...]] = ("faithfulness", "thresholds")
    reading: ClassVar[tuple[str, ...]] = ("seeds", "interval", "exact", "holm", "mcnemar", "limits")

    def check(self, config: StudyConfig) -> None:
        super().check(config)
        require(len(config.base.arms) > 1, "arms", ",".join(config.base.arms), "2–4")

    def analyse(self, found: Sequence[Result], config: StudyConfig) -> Comparison:
        return compare(found, config.base.arms)

    def to_json(self, result: Comparison) -> dict[str, Any]:
        cost = costs(result) if result.seeds else []
        return {**to_json(result), "cost": cost, "reference": worth.to_json(result)}

    def findings(self, result: Comparison, config: StudyConfig, *, final: bool) -> list[Block]:
        found: list[Block] = []
        if config.axes:
            choices = "; ".join(f"{name}: {', '.join(map(str, values))}" for name, values in config.axes)
            found.append(Paragraph(say("study_report.choosing", choices=choices)))
        if not result.seeds:
            return [*found, Finding(say("figure.empty"), "note")]
        if not final:
            return [*found, Finding(say("compare.wait", seeds=len(result.seeds)), "wait")]
        found += [Finding(judged(d, result), d.decision) for d in result.of("accuracy")]
        read = Paragraph(say("study_report.dots.read", baseline=brief(result.arms[0])))
        return [*found, _by_metric("dots", result, read)]

    def sections(self, result: Comparison, config: StudyConfig, *, final: bool) -> list[Section]:
        if not result.seeds:
            return []
        tested = [_differences(result), *_same_texts(result)] if final else []
        return [
            _scores(result, final=final),
            *worth.sections(result, final=final),
            *tested,
            _cost(result),
            *_transfer(result),
        ]


def _by_metric(draw: str, result: Comparison, *of_accuracy: Block) -> Choice:
    """A figure for the metric that the reader chooses. of_accuracy: blocks to show below the figure for accuracy."""
    options = []
    for metric in METRICS:
        figure = Figure(draw, result, {"metric": metric}, f"figure_{draw}")
        options.append((say(f"score.{metric}"), [figure, *(of_accuracy if metric == "accuracy" else ())]))
    return Choice("metric", say("compare.metric.choose"), options)


def _scores(result: Comparison, *, final: bool) -> Section:
    """An interval is the end of a comparison: without `final` there is none."""
    sure = [column("interval", "percent_span", say("compare.interval.help"))] if final else []
    columns = [
        column("arm"), column("accuracy", "percent"), *sure,
        column("sd", "percent", say("compare.spread.help")),
        *(column(metric, "percent") for metric in METRICS[1:]),
        column("seconds", "tenths"), column("kept", "percent", say("score.kept.help")), column("flops", "flops"),
    ]  # fmt: skip
    rows = []
    for arm in result.arms:
        own = result.scores(arm)
        more = [float(result.scores(arm, metric).mean()) for metric in METRICS[1:]]
        more += [float(result.numbers(arm, name).mean()) for name in ("seconds", "kept_fraction", "training_flops")]
        ends = [interval(own)] if final else []
        rows.append([named(arm), float(own.mean()), *ends, float(own.std(ddof=1)) if len(own) > 1 else None, *more])
    read = Paragraph(say("study_report.scores.read", seeds=len(result.seeds), tests=result.tests))
    table = Table("study_arms", columns, rows)
    return Section(say("study_report.scores"), [read, table, _by_metric("scores", result)])


def _differences(result: Comparison) -> Section:
    columns = [
        column("arm"), column("metric"), column("points", "points"),
        column("interval", "points_span", say("compare.interval.help")), column("sd", "percent"),
        column("p", "p", say("compare.p.help")), column("adjusted", "p", say("compare.adjusted.help")),
        column("improvement", "hundredths", say("compare.improved.help")), column("decision"),
    ]  # fmt: skip
    rows = []
    for d in result.differences:
        own = d.statistics
        row = [named(d.arm), say(f"score.{d.metric}"), own.mean, own.ci95, own.sd, own.p_value, d.adjusted_p]
        rows.append([*row, own.probability_of_improvement, say(f"study_report.decision.{d.decision}")])
    read = Paragraph(say("study_report.differences.read", baseline=brief(result.arms[0])))
    return Section(say("study_report.differences"), [read, Table("study_differences", columns, rows)])


def _same_texts(result: Comparison) -> list[Section]:
    if not result.same_texts:
        return []
    baseline = brief(result.arms[0])

    def counted(form: Any) -> list[Column]:
        only = column("only_baseline", form, baseline=baseline)
        return [column("only_arm", form), only, column("p", "p")]

    rows: list[list[Any]] = []
    single: list[list[Any]] = []
    for check in result.same_texts:
        won = sum(seed.only_treated for seed in check.seeds) / len(check.seeds)
        lost = sum(seed.only_baseline for seed in check.seeds) / len(check.seeds)
        rows.append([named(check.arm), won, lost, check.p_value])
        single += [
            [named(check.arm), seed, one.only_treated, one.only_baseline, one.p_value]
            for seed, one in zip(result.seeds, check.seeds, strict=True)
        ]
    seed = Column("seed", say("figure.seed"), "whole")
    every = Table("study_same_texts_seeds", [column("arm"), seed, *counted("whole")], single)
    blocks: list[Block] = [
        Paragraph(say("study_report.same_texts.read", baseline=baseline, tests=result.tests)),
        Table("study_same_texts", [column("arm"), *counted("tenths")], rows),
        Folded(say("study_report.same_texts.seeds"), [every]),
    ]
    return [Section(say("study_report.same_texts"), blocks)]


def _cost(result: Comparison) -> Section:
    help = say("compare.frontier.help")
    columns = [
        column("arm"), column("accuracy", "percent"), column("seconds", "tenths"),
        column("seconds_ratio", "hundredths", say("cost.seconds.help")), column("flops", "flops"),
        column("flops_ratio", "hundredths", say("cost.flops.help")),
        column("kept", "percent", say("score.kept.help")),
        column("frontier_seconds", help=help), column("frontier_flops", help=help),
    ]  # fmt: skip
    names = ("accuracy", "seconds", "seconds_ratio", "training_flops", "training_flops_ratio", "kept_fraction")
    yes = say("study_report.yes")
    rows = [
        [
            named(one["arm"]),
            *(one[name] for name in names),
            *(yes if one[f"{cost}_frontier"] else None for cost in COSTS),
        ]
        for one in costs(result)
    ]
    figures: list[tuple[Any, list[Block]]] = [
        (say(f"compare.cost.{cost}"), [Figure("cost", result, {"cost": cost}, "figure_cost")]) for cost in COSTS
    ]
    choice = Choice("cost", say("compare.cost.choose"), figures, on_paper="all")
    read = Paragraph(say("study_report.cost.read"))
    return Section(say("study_report.cost"), [read, Table("study_cost", columns, rows), choice])


def _transfer(result: Comparison) -> list[Section]:
    if not result.transferred:
        return []
    columns = [
        column("arm"), column("home", "percent"), column("away", "percent"), column("drop", "points"),
        column("interval", "points_span", say("compare.interval.help")),
    ]  # fmt: skip
    found = [transfer(result, arm) for arm in result.arms]
    rows = [[named(one["arm"]), *(one[name] for name in ("home", "away", "drop", "ci95"))] for one in found]
    blocks: list[Block] = [
        Paragraph(say("study_report.transfer.read")),
        Table("study_transfer", columns, rows),
        Figure("transfer", result, key="figure_transfer"),
    ]
    return [Section(say("study_report.transfer"), blocks)]

"""What a comparison shows, as blocks of a report."""

from __future__ import annotations

from functools import partial

from dynmask_core.evaluate.statistics import interval
from dynmask_core.messages import p_value, text
from dynmask_core.report.blocks import Block, Folded, Picture, Section, Table, Words
from dynmask_core.report.plain import flops, percent, points, span, strips
from dynmask_core.studies.comparison import Comparison, transfer, verdict
from dynmask_core.studies.cost import COSTS, costs
from dynmask_core.studies.results import METRICS


def findings(comparison: Comparison, lang: str) -> list[Block]:
    """The verdicts, and the picture they rest on."""
    from dynmask_core.report import figures

    if not comparison.seeds:
        return [Words(text("figure.empty", lang), "note")]
    accuracy, baseline = comparison.of("accuracy"), comparison.arms[0]
    found: list[Block] = [Words(verdict(d, comparison, lang), d.decision) for d in accuracy]
    theirs = comparison.scores(baseline)
    rows = [
        (
            f"{d.arm} - {baseline}",
            (100 * (comparison.scores(d.arm) - theirs)).tolist(),
            100 * d.statistics.mean,
            (100 * d.statistics.ci95[0], 100 * d.statistics.ci95[1]),
        )
        for d in accuracy
    ]
    found.append(Picture(partial(figures.dots, comparison, "accuracy", lang), strips(rows, baseline, signed=True)))
    return [*found, Words(text("study_report.dots.read", lang, baseline=baseline))]


def sections(comparison: Comparison, lang: str) -> list[Section]:
    """Scores, differences, same texts, cost, transfer. None where no seed is complete."""
    if not comparison.seeds:
        return []
    return [
        _scores(comparison, lang),
        _differences(comparison, lang),
        *_same_texts(comparison, lang),
        _cost(comparison, lang),
        *_transfer(comparison, lang),
    ]


def _scores(comparison: Comparison, lang: str) -> Section:
    from dynmask_core.report import figures

    heads = ("accuracy", "interval", "sd", "f1", "precision", "recall", "seconds", "kept", "flops")
    head = [text("study_report.column.arm", lang), *(text(f"study_report.column.{name}", lang) for name in heads)]
    rows, plain = [], []
    for arm in comparison.arms:
        accuracy = comparison.scores(arm)
        mean, ends = float(accuracy.mean()), interval(accuracy)
        one = [percent(mean), span(ends), percent(accuracy.std(ddof=1)) if len(accuracy) > 1 else "–"]
        one += [percent(comparison.scores(arm, metric).mean()) for metric in METRICS[1:]]
        one += [f"{comparison.numbers(arm, 'seconds').mean():.1f}"]
        one += [percent(comparison.numbers(arm, "kept_fraction").mean())]
        rows.append([arm, *one, flops(comparison.numbers(arm, "training_flops").mean())])
        plain.append((arm, (100 * accuracy).tolist(), 100 * mean, (100 * ends[0], 100 * ends[1])))
    told = text("study_report.scores.read", lang, seeds=len(comparison.seeds), tests=comparison.tests)
    blocks: list[Block] = [
        Words(told),
        Table(head, rows),
        Picture(partial(figures.scores, comparison, "accuracy", lang), strips(plain)),
    ]
    return Section(text("study_report.scores", lang), blocks)


def _differences(comparison: Comparison, lang: str) -> Section:
    heads = ("metric", "points", "interval", "sd", "p", "adjusted", "improvement")
    head = [text("study_report.column.arm", lang), *(text(f"study_report.column.{name}", lang) for name in heads)]
    rows = [
        [
            d.arm,
            text(f"score.{d.metric}", lang),
            points(d.statistics.mean),
            span(d.statistics.ci95, signed=True),
            percent(d.statistics.sd),
            p_value(d.statistics.p_value),
            p_value(d.adjusted_p),
            f"{d.statistics.probability_of_improvement:.2f}",
            text(f"study_report.decision.{d.decision}", lang),
        ]
        for d in comparison.differences
    ]
    told = text("study_report.differences.read", lang, baseline=comparison.arms[0])
    table = Table([*head, text("study_report.column.decision", lang)], rows, left=2)
    return Section(text("study_report.differences", lang), [Words(told), table])


def _same_texts(comparison: Comparison, lang: str) -> list[Section]:
    if not comparison.same_texts:
        return []
    baseline = comparison.arms[0]
    heads = ("only_arm", "only_baseline", "p")
    head = [text(f"study_report.column.{name}", lang, baseline=baseline) for name in heads]
    rows, single = [], []
    for check in comparison.same_texts:
        won = sum(seed.only_treated for seed in check.seeds) / len(check.seeds)
        lost = sum(seed.only_baseline for seed in check.seeds) / len(check.seeds)
        rows.append([check.arm, f"{won:.1f}", f"{lost:.1f}", p_value(check.p_value)])
        single += [
            [check.arm, str(seed), str(one.only_treated), str(one.only_baseline), p_value(one.p_value)]
            for seed, one in zip(comparison.seeds, check.seeds, strict=True)
        ]
    arm = text("study_report.column.arm", lang)
    every = Table([arm, text("figure.seed", lang), *head], single)
    blocks: list[Block] = [
        Words(text("study_report.same_texts.read", lang, baseline=baseline, tests=comparison.tests)),
        Table([arm, *head], rows),
        Folded(text("study_report.same_texts.seeds", lang), [every]),
    ]
    return [Section(text("study_report.same_texts", lang), blocks)]


def _cost(comparison: Comparison, lang: str) -> Section:
    from dynmask_core.report import figures

    heads = ["accuracy", "seconds", "seconds_ratio", "flops", "flops_ratio", "kept"]
    heads += ["frontier_seconds", "frontier_flops"]
    head = [text("study_report.column.arm", lang), *(text(f"study_report.column.{name}", lang) for name in heads)]
    yes, no = text("study_report.yes", lang), "–"
    rows = [
        [
            one["arm"],
            percent(one["accuracy"]),
            f"{one['seconds']:.1f}",
            f"{one['seconds_ratio']:.2f}",
            flops(one["training_flops"]),
            f"{one['training_flops_ratio']:.2f}",
            percent(one["kept_fraction"]),
            yes if one["seconds_frontier"] else no,
            yes if one["training_flops_frontier"] else no,
        ]
        for one in costs(comparison)
    ]
    pictures = [Picture(partial(figures.cost, comparison, cost, lang)) for cost in COSTS]
    blocks: list[Block] = [Words(text("study_report.cost.read", lang)), Table(head, rows), *pictures]
    return Section(text("study_report.cost", lang), blocks)


def _transfer(comparison: Comparison, lang: str) -> list[Section]:
    from dynmask_core.report import figures

    if not comparison.transferred:
        return []
    found = [transfer(comparison, arm) for arm in comparison.arms]
    head = [text(f"study_report.column.{name}", lang) for name in ("home", "away", "drop", "interval")]
    rows = [
        [one["arm"], percent(one["home"]), percent(one["away"]), points(one["drop"]), span(one["ci95"], signed=True)]
        for one in found
    ]
    drops = [
        (
            one["arm"],
            (100 * (comparison.scores(one["arm"]) - comparison.scores(one["arm"], part="transfer"))).tolist(),
            100 * one["drop"],
            (100 * one["ci95"][0], 100 * one["ci95"][1]),
        )
        for one in found
    ]
    blocks: list[Block] = [
        Words(text("study_report.transfer.read", lang)),
        Table([text("study_report.column.arm", lang), *head], rows),
        Picture(
            partial(figures.transfer, comparison, lang),
            strips(drops, text("study_report.no_drop", lang), signed=True),
        ),
    ]
    return [Section(text("study_report.transfer", lang), blocks)]

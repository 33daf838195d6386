"""Figures drawn in monospaced characters, for viewers without images. Same names and arguments as in `figures`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dynmask_core.blocks import Figure
from dynmask_core.evaluate.statistics import interval
from dynmask_core.masks import brief
from dynmask_core.messages import text, told
from dynmask_core.report.heatmap import Axes, cut, worth
from dynmask_core.report.plain import grid, strips
from dynmask_core.studies.comparison import Comparison
from dynmask_core.studies.comparison import transfer as transferred
from dynmask_core.studies.kinds.curve import Curve
from dynmask_core.studies.kinds.sweep import Sweep
from dynmask_core.studies.questions import OverSeeds
from dynmask_core.studies.settings import Value


def in_letters(figure: Figure, lang: str) -> str:
    """The figure as text; "" if a table shows it better."""
    draw = DRAWN.get(figure.draw)
    return "" if draw is None else draw(figure.of, lang=lang, **figure.options)


def dots(comparison: Comparison, metric: str, lang: str) -> str:
    baseline = comparison.arms[0]
    theirs = comparison.scores(baseline, metric)
    rows = [
        (
            f"{brief(d.arm)} - {brief(baseline)}",
            (100 * (comparison.scores(d.arm, metric) - theirs)).tolist(),
            100 * d.statistics.mean,
            _percent(d.statistics.ci95),
        )
        for d in comparison.of(metric)
    ]
    return strips(rows, brief(baseline), signed=True)


def over_dots(found: OverSeeds, metric: str, lang: str) -> str:
    rows = [
        (
            f"{brief(one.arm)} - {told(one.other, lang)}",
            [100 * difference for difference in one.differences.values()],
            100 * one.statistics.mean,
            _percent(one.statistics.ci95),
        )
        for one in found.verdicts
        if one.metric == metric
    ]
    return strips(rows, text("over.zero", lang), signed=True)


def scores(comparison: Comparison, metric: str, lang: str) -> str:
    rows = []
    for arm in comparison.arms:
        own = comparison.scores(arm, metric)
        rows.append((brief(arm), (100 * own).tolist(), 100 * float(own.mean()), _percent(interval(own))))
    return strips(rows)


def transfer(comparison: Comparison, lang: str) -> str:
    rows = []
    for one in (transferred(comparison, arm) for arm in comparison.arms):
        drops = comparison.scores(one["arm"]) - comparison.scores(one["arm"], part="transfer")
        rows.append((brief(one["arm"]), (100 * drops).tolist(), 100 * one["drop"], _percent(one["ci95"])))
    return strips(rows, text("study_report.no_drop", lang), signed=True)


def learning_curve(curve: Curve, lang: str) -> str:
    points = [point for arm in curve.arms for point in curve.points(arm)]
    return "\n\n".join(
        strips([
            (f"{size}: {brief(p.arm)}", [100 * score for score in p.per_seed], 100 * p.accuracy, _percent(p.ci95))
            for p in points
            if p.size == size
        ])
        for size in curve.comparisons
    )  # fmt: skip


def heatmap(sweep: Sweep, quantity: str, lang: str, axes: Axes, fixed: Mapping[str, Value]) -> str:
    best = sweep.choice and sweep.choice.cell.cell
    cells = [
        ["-" if c is None else f"{worth(c, quantity):.1f}{'*' if c.cell == best else ' '}" for c in row]
        for row in cut(sweep, axes, fixed)
    ]
    across = axes[1] if len(axes) > 1 else axes[0]
    down = [str(value) for value in axes[0][1]] if len(axes) > 1 else [""]
    sides = f"{axes[0][0]} ↓  {across[0]} →" if len(axes) > 1 else f"{across[0]} →"
    title = f"{text(f'figure.heatmap.{quantity}', lang)}   {sides}   * {text('study_report.map.chosen', lang)}"
    return grid(title, [f"{value} " for value in across[1]], down, cells)


DRAWN: dict[str, Callable[..., str]] = {
    one.__name__: one for one in (dots, over_dots, scores, transfer, learning_curve, heatmap)
}


def _percent(ends: tuple[float, float]) -> tuple[float, float]:
    return 100 * ends[0], 100 * ends[1]

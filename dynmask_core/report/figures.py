"""The figures of studies, for pages and reports: functions of the results, drawn with Plotly.

Those of a single run are in `run_figures`.
"""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go

from dynmask_core.blocks import Figure
from dynmask_core.colors import arm_color
from dynmask_core.masks.naming import in_words, named
from dynmask_core.messages import text, told
from dynmask_core.report.drawing import (
    GREY,
    alt,
    bars,
    empty,
    folded,
    framed,
    jitter,
    key,
    keys,
    label,
    marks,
    pairs_row,
    rows_named,
    short,
    wrapped,
    zero,
)
from dynmask_core.report.heatmap import heatmap
from dynmask_core.report.plain import flops
from dynmask_core.report.run_figures import drops, over_noise, over_thresholds, paths, shares
from dynmask_core.report.seed_figures import over_curves, over_dots
from dynmask_core.studies.comparison import Comparison
from dynmask_core.studies.comparison import transfer as transferred
from dynmask_core.studies.cost import frontier
from dynmask_core.studies.kinds.curve import Curve

__all__ = ["alt", "cost", "dots", "draw", "heatmap", "learning_curve", "scores", "transfer"]


def draw(block: Figure, lang: str) -> go.Figure:
    """Draws the figure that a block describes."""
    return DRAWN[block.draw](block.of, lang=lang, **block.options)


def _called(arm: str, lang: str) -> str:
    """The arm in words, for a row or the legend of a figure, and where the pointer is."""
    return label(told(named(arm), lang), 60)


def dots(comparison: Comparison, metric: str, lang: str) -> go.Figure:
    """The other arms' differences to the baseline in points (hundredths): every seed, and means with intervals."""
    baseline = comparison.arms[0]
    differences = comparison.of(metric)
    if not differences:
        return empty(lang)
    words = {"baseline": label(baseline), "metric": text(f"score.{metric}", lang)}
    below = comparison.scores(baseline, metric)
    facts = "; ".join(
        f"{short(d.arm)} {100 * d.statistics.mean:+.1f} "
        f"({100 * d.statistics.ci95[0]:+.1f} … {100 * d.statistics.ci95[1]:+.1f})"
        for d in differences
    )
    said = text("figure.dots.alt", lang, told=facts, metric=words["metric"], baseline=short(baseline))
    figure = framed(130 + 74 * len(differences), text("figure.dots.x", lang, **words), alt=said)
    for row, difference in enumerate(differences):
        own, color = comparison.scores(difference.arm, metric), arm_color(row + 1)
        hover = [
            f"{text('figure.seed', lang)} {seed}: {100 * gained:+.2f}<br>"
            f"{_called(difference.arm, lang)} {100 * mine:.2f}<br>{words['baseline']} {100 * theirs:.2f}"
            for seed, gained, mine, theirs in zip(comparison.seeds, own - below, own, below, strict=True)
        ]
        pairs_row(figure, row, label(difference.arm), 100 * (own - below), hover, difference.statistics, color, lang)
    zero(figure, len(differences), f"0 = {words['baseline']}")
    rows_named(figure, [_called(d.arm, lang) for d in differences], 0.42)
    keys(figure, lang, "diamond", bar=True)
    return figure


def scores(comparison: Comparison, metric: str, lang: str) -> go.Figure:
    """The test score of every seed and arm in percent; a line joins each seed, a tick marks the mean."""
    if not comparison.seeds:
        return empty(lang)
    name = text(f"score.{metric}", lang)
    values = {arm: 100 * comparison.scores(arm, metric) for arm in comparison.arms}
    facts = "; ".join(f"{short(arm)} {own.mean():.1f}" for arm, own in values.items())
    figure = framed(340, y=f"{name}, %", alt=text("figure.scores.alt", lang, told=facts, metric=name))
    shift = jitter(len(comparison.seeds), 0.16)
    for place in range(len(comparison.seeds)):
        figure.add_scatter(
            x=[index + shift[place] for index in range(len(values))],
            y=[own[place] for own in values.values()],
            mode="lines",
            line={"color": GREY, "width": 1},
            opacity=0.35,
            showlegend=False,
            hoverinfo="skip",
        )
    for index, (arm, own) in enumerate(values.items()):
        hover = [
            f"{_called(arm, lang)}<br>{text('figure.seed', lang)} {seed}: {score:.2f}"
            for seed, score in zip(comparison.seeds, own, strict=True)
        ]
        marks(figure, index + shift, own, hover, {"color": arm_color(index), "size": 8, "opacity": 0.7})
        tick = {"symbol": "line-ew", "size": 44, "line": {"color": arm_color(index), "width": 3}}
        marks(
            figure,
            [index],
            [own.mean()],
            f"{_called(arm, lang)}<br>{text('figure.mean', lang)}: {own.mean():.2f}",
            tick,
        )
    figure.update_xaxes(
        tickvals=list(range(len(values))),
        ticktext=[f"{folded(arm)}<br>{wrapped(told(in_words(arm), lang), lang)}" for arm in values],
        tickfont={"size": 11},
        range=[-0.55, len(values) - 0.45],
        showgrid=False,
    )
    keys(figure, lang, "line-ew", pairs=True)
    return figure


def cost(comparison: Comparison, cost: str, lang: str) -> go.Figure:
    """Test accuracy in percent over training cost: seeds small, means large, the frontier as a step line.

    cost: "seconds" or "training_flops".
    """
    if not comparison.seeds:
        return empty(lang)
    points = {
        arm: (comparison.numbers(arm, cost), 100 * comparison.scores(arm), arm_color(index))
        for index, arm in enumerate(comparison.arms)
    }
    means = {arm: (float(spent.mean()), float(score.mean())) for arm, (spent, score, _) in points.items()}
    best = frontier(means)
    write = flops if cost == "training_flops" else "{:.1f}".format
    x, facts = text(f"figure.cost.{cost}", lang), ", ".join(map(short, best))
    said = text("figure.cost.alt", lang, cost=x, told=facts)
    figure = framed(400, x, f"{text('score.accuracy', lang)}, %", alt=said)
    steps = [means[arm] for arm in best]
    edge = max(spent.max() for spent, _, _ in points.values())
    figure.add_scatter(
        x=[spent for spent, _ in steps] + [edge],
        y=[score for _, score in steps] + [steps[-1][1]],
        mode="lines",
        line={"color": GREY, "width": 1.5, "shape": "hv", "dash": "dot"},
        name=text("figure.frontier", lang),
        hoverinfo="skip",
    )
    for arm, (spent, score, color) in points.items():
        hover = [
            f"{_called(arm, lang)}<br>{text('figure.seed', lang)} {seed}: {own:.2f} %, {write(paid)}"
            for seed, own, paid in zip(comparison.seeds, score, spent, strict=True)
        ]
        marks(figure, spent, score, hover, {"color": color, "size": 6, "opacity": 0.4})
    for arm, (_, _, color) in points.items():
        paid, scored = means[arm]
        figure.add_scatter(
            x=[paid],
            y=[scored],
            mode="markers",
            marker={"color": color, "size": 14, "symbol": "diamond"},
            name=_called(arm, lang),
            hoverinfo="text",
            hovertext=f"{_called(arm, lang)}<br>{text('figure.mean', lang)}: {scored:.2f} %, {write(paid)}",
        )
    figure.update_xaxes(rangemode="tozero", tickformat="~s" if cost == "training_flops" else None)
    keys(figure, lang)
    return figure


def learning_curve(curve: Curve, lang: str) -> go.Figure:
    """Test accuracy in percent over the number of training texts: means with intervals, and every seed."""
    if not curve.comparisons:
        return empty(lang)
    last = {arm: curve.points(arm)[-1] for arm in curve.arms}
    facts = "; ".join(f"{short(arm)} {100 * point.accuracy:.1f}" for arm, point in last.items())
    said = text("figure.curve.alt", lang, told=facts, size=max(curve.comparisons))
    figure = framed(400, text("figure.curve.x", lang), f"{text('score.accuracy', lang)}, %", alt=said)
    for index, arm in enumerate(curve.arms):
        points, color = curve.points(arm), arm_color(index)
        means = [100 * point.accuracy for point in points]
        ends = [(100 * point.ci95[0], 100 * point.ci95[1]) for point in points]
        # Shifted, so that the bars of different arms do not overlap.
        apart = [point.size * 1.03 ** (index - (len(curve.arms) - 1) / 2) for point in points]
        seeds = [(x, 100 * score) for x, point in zip(apart, points, strict=True) for score in point.per_seed]
        figure.add_scatter(
            x=[x for x, _ in seeds],
            y=[score for _, score in seeds],
            mode="markers",
            marker={"color": color, "size": 5, "opacity": 0.35},
            showlegend=False,
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=apart,
            y=means,
            mode="lines+markers",
            line={"color": color, "width": 2},
            marker={"size": 9},
            error_y=bars(means, ends),
            name=_called(arm, lang),
            hoverinfo="text",
            hovertext=[
                f"{_called(arm, lang)}, {text('figure.texts', lang, size=point.size)}<br>"
                f"{mean:.2f} ({low:.2f} … {high:.2f})"
                for point, mean, (low, high) in zip(points, means, ends, strict=True)
            ],
        )
    sizes = list(curve.comparisons)
    figure.update_xaxes(type="log", tickvals=sizes, ticktext=[str(size) for size in sizes])
    keys(figure, lang, "circle", bar=True)
    return figure


def transfer(comparison: Comparison, lang: str) -> go.Figure:
    """Accuracy in percent on the own (diamond) and the other data set (circle), and the drop between them."""
    if not comparison.transferred:
        return empty(lang)
    found = [transferred(comparison, arm) for arm in comparison.arms]
    names = [label(one["arm"]) for one in found]
    drops = [text("figure.transfer.drop", lang, points=f"{100 * one['drop']:.1f}") for one in found]
    facts = "; ".join(f"{short(one['arm'])} {100 * one['home']:.1f} → {100 * one['away']:.1f}" for one in found)
    x = f"{text('score.accuracy', lang)}, %"
    figure = framed(130 + 74 * len(found), x, alt=text("figure.transfer.alt", lang, told=facts))
    for row, one in enumerate(found):
        color = arm_color(row)
        for part in ("test", "transfer"):
            own = 100 * comparison.scores(one["arm"], part=part)
            where = text(f"figure.transfer.{'home' if part == 'test' else 'away'}", lang)
            hover = [
                f"{names[row]}, {where}<br>{text('figure.seed', lang)} {seed}: {score:.2f}"
                for seed, score in zip(comparison.seeds, own, strict=True)
            ]
            look = {"color": color, "size": 6, "opacity": 0.5, "symbol": "diamond" if part == "test" else "circle"}
            marks(figure, own, -row - 0.22 + jitter(len(own), 0.2), hover, look)
        marks(
            figure,
            [100 * one["home"], 100 * one["away"]],
            [-row + 0.1] * 2,
            f"{names[row]}<br>{100 * one['home']:.2f} → {100 * one['away']:.2f}",
            {"size": 12, "symbol": ["diamond", "circle"], "color": color},
            mode="lines+markers",
            line={"color": color, "width": 2},
        )
    rows_named(figure, [f"{_called(a, lang)} · {d}" for a, d in zip(comparison.arms, drops, strict=True)], 0.42)
    for part, symbol in (("home", "diamond"), ("away", "circle")):
        name = text(f"figure.transfer.{part}", lang)
        key(figure, name, mode="markers", marker={"color": GREY, "size": 10, "symbol": symbol})
    return figure


DRAWN: dict[str, Callable[..., go.Figure]] = {
    one.__name__: one
    for one in (
        dots,
        scores,
        cost,
        learning_curve,
        transfer,
        heatmap,
        drops,
        over_noise,
        over_thresholds,
        shares,
        paths,
        over_dots,
        over_curves,
    )
}

"""The figures of questions to the models of a study, over its seeds."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dynmask_core.colors import BASELINE, arm_color
from dynmask_core.masks import brief, naming
from dynmask_core.messages import text, told
from dynmask_core.report.drawing import empty, framed, keys, label, pairs_row, rows_named, short, zero
from dynmask_core.studies.questions import OverSeeds, Verdict


def over_dots(found: OverSeeds, metric: str, lang: str) -> go.Figure:
    """Every comparison in a metric, in points (hundredths): every seed, and means with intervals."""
    verdicts = [one for one in found.verdicts if one.metric == metric]
    if not verdicts:
        return empty(lang)
    name = text(f"over.metric.{metric}", lang)
    ends = "; ".join(
        f"{short(named(one, lang), 60)} {100 * one.statistics.mean:+.1f} "
        f"({100 * one.statistics.ci95[0]:+.1f} … {100 * one.statistics.ci95[1]:+.1f})"
        for one in verdicts
    )
    said = text("over.dots.alt", lang, metric=name, told=ends)
    figure = framed(130 + 74 * len(verdicts), text("over.dots.x", lang, metric=name), alt=said)
    for row, one in enumerate(verdicts):
        points = [100 * difference for difference in one.differences.values()]
        hover = [
            f"{text('figure.seed', lang)} {seed}: {gained:+.2f}"
            for seed, gained in zip(one.differences, points, strict=True)
        ]
        color = arm_color(found.arms.index(one.arm))
        pairs_row(figure, row, label(one.arm), points, hover, one.statistics, color, lang)
    zero(figure, len(verdicts), text("over.zero", lang))
    rows_named(figure, [label(named(one, lang), 60) for one in verdicts], 0.42)
    keys(figure, lang, "diamond", bar=True)
    return figure


def named(one: Verdict, lang: str) -> str:
    """What is compared: the arm − the other."""
    return f"{brief(one.arm)} − {told(one.other, lang)}"


def over_curves(found: OverSeeds, arm: str, lang: str) -> go.Figure:
    """Test accuracy in percent over θ, without the words below it and without as many random ones: means over the seeds
    with pointwise 95 % intervals."""
    curves, color = found.curves[arm], arm_color(found.arms.index(arm))
    said = text("over.curves.alt", lang, arm=brief(arm), seeds=len(found.seeds))
    figure = framed(360, text("thresholds.theta", lang), f"{text('thresholds.axis.accuracy', lang)}, %", alt=said)
    lines = (("random", curves.random, curves.random_ends, BASELINE), ("own", curves.own, curves.own_ends, color))
    for name, means, ends, shade in lines:
        _band(figure, curves.thetas, ends, shade)
        figure.add_scatter(
            x=curves.thetas, y=[100 * mean for mean in means], name=text(f"thresholds.line.{name}", lang), mode="lines",
            line={"color": shade, "width": 3 if name == "own" else 1.8, "dash": "solid" if name == "own" else "dot"},
            hovertemplate="θ %{x:g}: %{y:.1f}",
        )  # fmt: skip
    figure.update_layout(
        title={
            "text": label(told(naming.named(arm), lang), 60),
            "font": {"size": 14},
            "x": 0,
            "xref": "paper",
            "y": 0.99,
            "yanchor": "top",
        },
        margin={"t": 40},
    )
    return figure


def _band(figure: go.Figure, thetas: Sequence[float], ends: Sequence[tuple[float, float]], color: str) -> None:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    figure.add_scatter(
        x=[*thetas, *reversed(thetas)],
        y=[100 * high for _, high in ends] + [100 * low for low, _ in reversed(ends)],
        fill="toself", mode="none", fillcolor=f"rgba({red}, {green}, {blue}, 0.15)", showlegend=False, hoverinfo="skip",
    )  # fmt: skip

"""The figures of what was asked of a run; `index` is the place of an arm in it, which decides its colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dynmask_core.analysis.faithfulness import SHARES, TOLD, Faithfulness, Mean
from dynmask_core.analysis.snr import LEVELS, InNoise
from dynmask_core.analysis.snr import TOLD as TOLD_LEVEL
from dynmask_core.analysis.thresholds import Thresholds
from dynmask_core.analysis.trajectories import Trajectories
from dynmask_core.colors import BASELINE, arm_color
from dynmask_core.masks import brief
from dynmask_core.masks.naming import named
from dynmask_core.messages import listed, text, told
from dynmask_core.report.drawing import GREY, bars, framed, key, label

LINES: dict[str, tuple[str, str]] = {
    "random": ("dot", "circle-open"), "rare": ("dash", "square-open"), "attended": ("dashdot", "diamond-open"),
    "log_odds": ("longdash", "triangle-up-open"), "lowest": ("dash", "square-open"),
    "highest": ("longdash", "triangle-up-open"),
}  # fmt: skip
"""Dashes and marks of what stands beside the mask: lines are told apart without colour."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up")
"""Marks of the arms, so that they are told apart without colour."""
NAMED = 3
"""Words that a line of a path is named with."""


def drops(found: Faithfulness, side: str, index: int, lang: str) -> go.Figure:
    """Lost points of probability over the share of words, in every order; with intervals of the mask's and the random
    order. side: "removed" or "kept", see `Ranking`."""
    title = text("faith.gone" if side == "removed" else "faith.alone", lang)
    place = SHARES.index(TOLD)
    lost = {name: 100 * getattr(ranking, side)[place].mean for name, ranking in found.rankings.items()}
    said = text(
        "faith.alt", lang, arm=brief(found.arm), title=title, share=TOLD,
        told="; ".join(f"{text(f'faith.order.{name}', lang)} {points:.1f}" for name, points in lost.items()),
    )  # fmt: skip
    figure = framed(330, y=text("faith.answer", lang), alt=said)
    for name, ranking in found.rankings.items():
        means: list[Mean] = getattr(ranking, side)
        dash, symbol = LINES.get(name, ("solid", "circle"))
        values = [100 * one.mean for one in means]
        ends = [(100 * one.low, 100 * one.high) for one in means]
        figure.add_scatter(
            x=[f"{share} %" for share in SHARES],
            y=values,
            error_y={**bars(values, ends), "thickness": 1, "width": 3} if name in ("mask", "random") else None,
            name=text(f"faith.order.{name}", lang),
            mode="lines+markers",
            line={"color": arm_color(index) if name == "mask" else BASELINE, "dash": dash, "width": _width(name)},
            marker={"symbol": symbol, "size": 8},
            hovertemplate="%{x}: %{y:.1f}",
        )
    _titled(figure, f"{told(named(found.arm), lang)} · {title}")
    figure.update_xaxes(type="category", fixedrange=True)
    figure.update_yaxes(rangemode="tozero", fixedrange=True)
    return figure


def over_thresholds(found: Thresholds, index: int, lang: str) -> go.Figure:
    """Test accuracy in percent over θ: of the mask, on validation too, and with as many other words removed."""
    test, thetas = found.parts["test"], found.thetas
    lines: dict[str, Sequence[float]] = {
        "own": test.accuracy, "random": test.random_mean, "lowest": test.lowest, "highest": test.highest,
    }  # fmt: skip
    at = {name: values[found.chosen] for name, values in lines.items() if values}
    said = text(
        "thresholds.figure.alt", lang, arm=brief(found.arm), theta=f"{thetas[found.chosen]:g}",
        told="; ".join(f"{text(f'thresholds.{name}', lang)} {100 * value:.1f}" for name, value in at.items()),
    )  # fmt: skip
    figure = framed(380, text("thresholds.theta", lang), f"{text('thresholds.axis.accuracy', lang)}, %", alt=said)
    band = [*test.random_high, *reversed(test.random_low)]
    figure.add_scatter(
        x=[*thetas, *reversed(thetas)], y=[100 * value for value in band], fill="toself", mode="none",
        fillcolor="rgba(128, 138, 154, 0.18)", showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    color = arm_color(index)
    for name, values in lines.items():
        if values:
            dash, _ = LINES.get(name, ("solid", ""))
            line = {"color": color if name == "own" else BASELINE, "dash": dash, "width": _width(name)}
            _over(figure, thetas, values, text(f"thresholds.line.{name}", lang), line)
    if any(found.parts["validation"].accuracy):
        name = text("thresholds.validation", lang)
        _over(figure, thetas, found.parts["validation"].accuracy, name, {"color": color, "dash": "dot", "width": 1.2})
    for place, name in ((found.trained, "trained"), (found.chosen, "best")):
        figure.add_vline(x=thetas[place], line={"color": GREY, "width": 1, "dash": "dash" if name == "best" else "dot"})
        figure.add_annotation(
            text=text(f"thresholds.{name}", lang), x=thetas[place], y=1 if name == "trained" else 1.06, yref="paper",
            yanchor="bottom", xanchor="right" if thetas[place] > 0.5 else "left", showarrow=False, font={"size": 11},
        )  # fmt: skip
    figure.update_layout(margin={"t": 66})
    _titled(figure, told(named(found.arm), lang))
    return figure


def shares(found: Thresholds, index: int, lang: str) -> go.Figure:
    """Words kept and arithmetic on the test texts over θ, both in percent; arithmetic of that at θ = 0."""
    test = found.parts["test"]
    cost = [flops / max(test.flops[0], 1) for flops in test.flops]
    kept, at = test.kept[found.chosen], cost[found.chosen]
    facts = {"theta": f"{found.thetas[found.chosen]:g}", "kept": f"{100 * kept:.0f}", "cost": f"{100 * at:.0f}"}
    said = text("thresholds.shares.alt", lang, arm=brief(found.arm), **facts)
    figure = framed(270, text("thresholds.theta", lang), "%", alt=said)
    color = arm_color(index)
    _over(figure, found.thetas, test.kept, text("thresholds.kept", lang), {"color": color, "width": 2.5})
    _over(figure, found.thetas, cost, text("thresholds.cost", lang), {"color": color, "dash": "dash", "width": 2})
    _titled(figure, f"{told(named(found.arm), lang)} · {text('thresholds.axis.share', lang)}")
    figure.update_yaxes(rangemode="tozero")
    return figure


def over_noise(found: Sequence[InNoise], colors: Sequence[int], lang: str) -> go.Figure:
    """Accuracy in percent over the distance of the noise, on average over the noises, of each arm; thin and dashed with
    the ideal ratio mask. colors: the arms' places in their run."""
    place = LEVELS.index(TOLD_LEVEL)
    told = "; ".join(f"{brief(one.arm)} {100 * one.mean[place]:.1f}" for one in found)
    said = text("snr.alt", lang, level=f"{TOLD_LEVEL:g}", told=told)
    figure = framed(380, text("snr.axis", lang), f"{text('snr.accuracy', lang)}, %", alt=said)
    ticks = [f"{level:g}".replace("-", "−") for level in LEVELS] + [text("snr.clean", lang)]
    for one, color in zip(found, colors, strict=True):
        values = [100 * value for value in [*one.mean, one.clean]]
        line, name = {"color": arm_color(color), "width": 2.5}, label(brief(one.arm))
        look = {"symbol": SYMBOLS[color % len(SYMBOLS)], "size": 8}
        figure.add_scatter(x=ticks, y=values, name=name, mode="lines+markers", line=line, marker=look,
                           hovertemplate="%{x}: %{y:.1f}")  # fmt: skip
        thin, ideal = {"color": arm_color(color), "width": 1.2, "dash": "dash"}, [100 * value for value in one.ideal]
        figure.add_scatter(x=ticks[:-1], y=ideal, mode="lines", line=thin, showlegend=False,
                           name=f"{name} · {text('snr.ideal', lang)}", hovertemplate="%{x}: %{y:.1f}")  # fmt: skip
    key(figure, text("snr.ideal", lang), mode="lines", line={"color": GREY, "width": 1.2, "dash": "dash"})
    figure.update_xaxes(type="category", fixedrange=True)
    figure.update_yaxes(range=[0, 103], fixedrange=True)
    return figure


def paths(found: Trajectories, bundles: Sequence[Sequence[int]], index: int, lang: str) -> go.Figure:
    """The mask of words over the epochs, one line for all words of a bundle, with θ if it decides."""
    said = text("paths.figure.alt", lang, arm=brief(found.arm), lines=len(bundles), epoch=found.epochs[-1])
    figure = framed(400, text("paths.epoch", lang), alt=said)
    for bundle in bundles:
        values = found.paths[bundle[0]].astype(float)
        these = listed((found.words[word] for word in bundle), NAMED)
        figure.add_scatter(
            x=found.epochs, y=values, mode="lines", showlegend=False, opacity=0.75, hoverinfo="text",
            line={"color": arm_color(index), "width": 1.8},
            hovertext=[
                f"{label(these, 60)}<br>{text('paths.value', lang, epoch=epoch, value=f'{value:.2f}')}"
                for epoch, value in zip(found.epochs, values, strict=True)
            ],
        )  # fmt: skip
    ends = _apart([(float(found.paths[bundle[0], -1]), bundle) for bundle in bundles])
    for height, bundle in ends:
        figure.add_annotation(
            text=label(found.words[bundle[0]], 14), x=found.epochs[-1], y=height, xanchor="left", xshift=4,
            showarrow=False, font={"size": 11},
        )  # fmt: skip
    starts = [float(found.paths[bundle[0], 0]) for bundle in bundles]
    look = {"symbol": "circle-open", "size": 8, "color": arm_color(index)}
    figure.add_scatter(
        x=[found.epochs[0]] * len(starts), y=starts, mode="markers", marker=look, name=text("paths.start", lang)
    )
    if found.judged:
        figure.add_scatter(
            x=found.epochs, y=found.thresholds.astype(float), mode="lines", name="θ", hoverinfo="skip",
            line={"color": GREY, "dash": "dash", "width": 2},
        )  # fmt: skip
    for change in found.changes:
        figure.add_vline(x=change.epoch, line={"color": GREY, "width": 1, "dash": "dot"})
    _titled(figure, told(named(found.arm), lang))
    key(figure, text("paths.axis", lang), mode="lines", line={"color": arm_color(index), "width": 1.8})
    figure.update_yaxes(range=[-0.04, 1.04])
    room = 0.14 * max(found.epochs[-1] - found.epochs[0], 1)
    figure.update_xaxes(range=[found.epochs[0] - 0.02 * room, found.epochs[-1] + room])
    return figure


NAMES_APART, MOST_NAMES = 0.045, 14


def _apart(ends: list[tuple[float, Any]]) -> list[tuple[float, Any]]:
    """Those of the named lines whose names do not lie on another's."""
    placed: list[tuple[float, Any]] = []
    for height, bundle in ends:
        if len(placed) < MOST_NAMES and all(abs(height - other) >= NAMES_APART for other, _ in placed):
            placed.append((height, bundle))
    return placed


def _over(figure: go.Figure, x: Sequence[float], shares: Sequence[float], name: str, line: dict[str, Any]) -> None:
    percent = [100 * share for share in shares]
    figure.add_scatter(x=x, y=percent, name=name, mode="lines", line=line, hovertemplate="θ %{x:g}: %{y:.1f}")


def _width(name: str) -> float:
    return 3 if name in ("mask", "own") else 1.6


def _titled(figure: go.Figure, title: str) -> None:
    figure.update_layout(
        title={"text": label(title, 60), "font": {"size": 14}, "x": 0, "xref": "paper", "y": 0.99, "yanchor": "top"},
        margin={"t": max(figure.layout.margin.t or 0, 40)},
    )

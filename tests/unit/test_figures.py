"""Figures show the numbers they are given, say them in words, and take no name for a tag."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dynmask_core.colors import arm_color, on_dark
from dynmask_core.masks import naming
from dynmask_core.messages import LANGUAGES, told
from dynmask_core.report import figures
from dynmask_core.report.plain import WIDTH, flops, strips
from dynmask_core.studies.comparison import Comparison, compare
from dynmask_core.studies.kinds.curve import curve
from dynmask_core.studies.kinds.sweep import Sweep, sweep
from dynmask_core.studies.results import METRICS, Result
from dynmask_core.ui.parts import in_theme

ARMS = ("none", "static", "lexicon:a|<b>b</b>")
AXES = (("step_size", (0.01, 0.1)), ("evidence_threshold", (0.0, 1.0, 2.0)), ("dropout", (0.1, 0.2)))


def result(arm: str, seed: int, score: float, cell: Any = (), size: int | None = None) -> Result:
    part: dict[str, Any] = dict.fromkeys(METRICS, score) | {"loss": 1.0, "confusion": [[3, 1], [1, 3]]}
    costs = {"seconds": 1.0 + score, "training_flops": 1e9 * score, "kept_fraction": 0.5}
    values = {"name": arm, "test": part, "validation": part, "transfer": part, **costs}
    return Result(arm, seed, cell, size, f"run-{seed}-{len(cell) and [v for _, v in cell]}", values, None)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    drawn = np.random.default_rng(0).uniform(0.6, 0.9, (6, len(ARMS)))
    return compare([result(arm, s, drawn[s, i]) for s in range(6) for i, arm in enumerate(ARMS)], ARMS)


def grid(left_out: int | None = None) -> Sweep:
    """Two seeds in each of 12 cells, later ones better; one may be missing."""
    cells = list(itertools.product(*([(name, value) for value in values] for name, values in AXES)))
    kept = [(place, cell) for place, cell in enumerate(cells) if place != left_out]
    return sweep([result("repaired", s, 0.5 + place / 50, cell) for s in range(2) for place, cell in kept], "repaired")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_says_itself_in_words_and_reads_no_name_as_a_tag(comparison: Comparison, lang: str) -> None:
    drawn = curve([result(a, s, 0.7, size=z) for a in ARMS for s in range(2) for z in (10, 20)], ARMS)
    made = [
        figures.dots(comparison, "f1", lang),
        figures.scores(comparison, "accuracy", lang),
        figures.cost(comparison, "seconds", lang),
        figures.cost(comparison, "training_flops", lang),
        figures.transfer(comparison, lang),
        figures.learning_curve(drawn, lang),
        *(figures.heatmap(grid(), quantity, lang, AXES) for quantity in ("validation", "kept_fraction", "seconds")),
    ]
    for figure in made:
        assert len(figures.alt(figure)) > 10
        shown = json.loads(figure.to_json())
        del shown["layout"]["meta"]  # plain text, no tags are read in it
        assert "<b>" not in json.dumps(shown)
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whoever_reads_a_figure_of_a_study_reads_the_arms_in_words(comparison: Comparison, lang: str) -> None:
    drawn = curve([result(a, s, 0.7, size=z) for a in ARMS for s in range(2) for z in (10, 20)], ARMS)
    wanted = [told(naming.in_words(arm), lang) for arm in ARMS]
    for figure in (figures.cost(comparison, "seconds", lang), figures.learning_curve(drawn, lang)):
        legend = [trace.name for trace in figure.data if trace.name]
        pointed = [str(trace.hovertext) for trace in figure.data if trace.hovertext]
        for words in wanted:
            assert any(words in name for name in legend)
            assert any(words in one for one in pointed)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_nothing_is_done_a_figure_says_so(lang: str) -> None:
    nothing = compare([], ARMS)
    made = [figures.dots(nothing, "accuracy", lang), figures.scores(nothing, "accuracy", lang)]
    made += [figures.cost(nothing, "seconds", lang), figures.transfer(nothing, lang)]
    made += [figures.learning_curve(curve([], ARMS), lang), figures.heatmap(sweep([], "x"), "seconds", lang, AXES)]
    assert len({figures.alt(figure) for figure in made}) == 1


def test_dots_are_the_differences_of_the_seeds(comparison: Comparison) -> None:
    figure = figures.dots(comparison, "accuracy", "en")
    dots = [trace.x for trace in figure.data if len(trace.x) == 6]
    for row, arm in enumerate(ARMS[1:]):
        wanted = 100 * (comparison.scores(arm) - comparison.scores("none"))
        assert dots[row] == pytest.approx(wanted)
    means = [trace.x[0] for trace in figure.data if trace.marker.symbol == "diamond" and trace.x[0] is not None]
    assert means == pytest.approx([100 * d.statistics.mean for d in comparison.of("accuracy")])


def test_a_point_of_the_map_knows_the_runs_of_its_cell() -> None:
    swept = grid()
    figure = figures.heatmap(swept, "validation", "en", AXES, {"dropout": 0.1})
    shown, points = figure.data
    assert np.array(shown.z) == pytest.approx(np.array([[50, 54, 58], [62, 66, 70]]))
    by_cell = {cell.cell: list(cell.runs) for cell in swept.cells}
    for x, y, runs in zip(points.x, points.y, points.customdata, strict=True):
        cell = (("step_size", AXES[0][1][y]), ("evidence_threshold", AXES[1][1][x]), ("dropout", 0.1))
        assert list(runs) == by_cell[cell]


def test_the_chosen_cell_is_outlined_in_its_slice_alone() -> None:
    assert len(figures.heatmap(grid(), "validation", "en", AXES, {"dropout": 0.1}).layout.shapes) == 0
    (box,) = figures.heatmap(grid(), "validation", "en", AXES).layout.shapes
    assert (box.x0, box.y0) == (1.5, 0.5)


def test_a_cell_without_a_run_says_so() -> None:
    figure = figures.heatmap(grid(left_out=0), "seconds", "en", AXES, {"dropout": 0.1})
    assert figure.data[0].z[0][0] is None
    assert len(figure.data[1].x) == 5
    assert [note.text for note in figure.layout.annotations].count("no run") == 1


def test_one_axis_is_a_single_row() -> None:
    axes = AXES[:1]
    swept = sweep([result("repaired", 0, 0.5 + v, (("step_size", v),)) for v in (0.01, 0.1)], "repaired")
    assert np.array(figures.heatmap(swept, "validation", "en", axes).data[0].z).shape == (1, 2)


def test_a_small_spread_does_not_look_like_a_large_one() -> None:
    swept = sweep([result("repaired", 0, 0.5 + v / 10, (("step_size", v),)) for v in (0.01, 0.1)], "repaired")
    shown = figures.heatmap(swept, "validation", "en", AXES[:1]).data[0]
    assert shown.zmax - shown.zmin >= 5


def test_strips_mark_zero_seeds_and_interval() -> None:
    text = strips([("a - b", [-1.0, 1.0, 1.0], 0.5, (-0.5, 1.0))], "b", signed=True)
    scale, name, dots, bar, zero = text.splitlines()
    assert name == "a - b"
    assert zero == "0 = b"
    middle = (WIDTH - 1) // 2
    assert (scale[middle], dots[middle], dots[0], dots[-1]) == ("0", "|", "o", "2")
    assert bar.index("[") < middle < bar.index("#") < bar.index("]")
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert strips([("flat", [0.5, 0.5], 0.5, (0.5, 0.5))]).splitlines()[2].strip() == "2"


@pytest.mark.parametrize(
    ("count", "said"), [(12, "12"), (98_200_000, "98.2 M"), (922e6, "922 M"), (1.5e12, "1.50 T"), (2e15, "2.00 P")]
)
def test_arithmetic_is_written_with_a_prefix(count: float, said: str) -> None:
    assert flops(count) == said


def contrast(ink: str, page: str) -> float:
    """Of two colours "#rrggbb", as WCAG 2 defines it."""

    def light(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(ink), light(page)))
    return (high + 0.05) / (low + 0.05)


def test_on_a_dark_page_the_arms_keep_their_hues_and_are_lighter() -> None:
    figure = go.Figure(go.Scatter(x=[1], y=[2], marker={"color": [arm_color(0), arm_color(1)]}, name=arm_color(2)))
    light = in_theme(figure, dark=False)
    assert light.data[0].marker.color == (arm_color(0), arm_color(1))
    drawn = in_theme(figure, dark=True)
    assert drawn.data[0].marker.color == (on_dark(arm_color(0)), on_dark(arm_color(1)))
    for page, shown in (("#ffffff", light), ("#14171f", drawn)):
        assert contrast(shown.layout.xaxis.tickfont.color, page) >= 4.5
    assert on_dark("#000000") == "#4c4c4c"
    assert on_dark("#ffffff") == "#ffffff"
    assert drawn.data[0].x == (1,)

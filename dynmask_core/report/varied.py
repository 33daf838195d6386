"""What a sweep and a learning curve show, as blocks of a report."""

from __future__ import annotations

import itertools
from functools import partial

from dynmask_core.messages import p_value, text
from dynmask_core.report.blocks import Block, Folded, Picture, Section, Table, Words
from dynmask_core.report.plain import grid, percent, points, said, setting_name, shown, span, strips
from dynmask_core.studies.config import StudyConfig
from dynmask_core.studies.curve import Curve
from dynmask_core.studies.sweep import Sweep

QUANTITIES = ("validation", "kept_fraction", "seconds")
MOST_SLICES = 12
"""Heat maps of one arm and quantity: of a grid with more slices the first are drawn, the table holds all."""


def chosen(sweeps: list[Sweep], lang: str) -> list[Block]:
    """Per arm which cell validation chooses, what the choosing flatters, and what the tests say."""
    found: list[Block] = []
    for sweep in sweeps:
        choice = sweep.choice
        if choice is None:
            found.append(Words(text("figure.empty", lang), "note"))
            continue
        settings = said(choice.cell.cell, lang)
        lines = [text("study_report.chosen", lang, arm=sweep.arm, settings=settings, cells=choice.cells)]
        reached = percent(choice.validation)
        if choice.honest is None or choice.flattery is None:
            lines.append(text("study_report.chosen.one_seed", lang, reached=reached))
        else:
            numbers = {"flattery": points(choice.flattery), "honest": percent(choice.honest), "cells": choice.cells}
            lines.append(text("study_report.chosen.flattery", lang, reached=reached, **numbers))
        worth = {"test": percent(choice.test), "texts": choice.texts, "seeds": choice.seeds}
        if choice.seeds > 1:
            lines.append(text("study_report.chosen.test", lang, ends=span(choice.ci95), **worth))
        else:
            lines.append(text("study_report.chosen.test_once", lang, **worth))
        found.append(Words(("" if lang == "zh" else " ").join(lines), "chosen"))
    return found


def maps(sweeps: list[Sweep], config: StudyConfig, lang: str) -> list[Section]:
    """The heat maps of every arm, and all cells as a table."""
    made = [_map(sweep, config, lang) for sweep in sweeps if sweep.cells]
    head = [text("study_report.column.arm", lang), *(setting_name(name, lang) for name, _ in config.axes)]
    head += [text(f"figure.heatmap.{quantity}", lang) for quantity in QUANTITIES]
    rows = [
        [
            sweep.arm,
            *(shown(value) for _, value in cell.cell),
            percent(cell.validation),
            percent(cell.kept_fraction),
            f"{cell.seconds:.1f}",
            str(len(cell.runs)),
        ]
        for sweep in sweeps
        for cell in sweep.cells
    ]
    table = Table([*head, text("study_report.column.runs", lang)], rows)
    return [*made, Section(text("study_report.cells", lang), [Folded(text("study_report.cells.all", lang), [table])])]


def _map(sweep: Sweep, config: StudyConfig, lang: str) -> Section:
    from dynmask_core.report import figures

    blocks: list[Block] = [Words(text("study_report.map.read", lang))]
    further = config.axes[2:]
    slices = list(itertools.product(*([(name, value) for value in values] for name, values in further)))
    for quantity in QUANTITIES:
        for fixed in slices[:MOST_SLICES]:
            if fixed:
                blocks.append(Words(said(fixed, lang)))
            draw = partial(figures.heatmap, sweep, quantity, lang, config.axes, dict(fixed))
            blocks.append(Picture(draw, _plain(sweep, quantity, config, dict(fixed), lang), colored=True))
    return Section(text("study_report.map", lang, arm=sweep.arm), blocks)


def _plain(sweep: Sweep, quantity: str, config: StudyConfig, fixed: dict[str, float | int | str], lang: str) -> str:
    from dynmask_core.report.heatmap import cut, worth

    axes, best = config.axes, sweep.choice and sweep.choice.cell.cell
    cells = [
        ["-" if c is None else f"{worth(c, quantity):.1f}{'*' if c.cell == best else ' '}" for c in row]
        for row in cut(sweep, axes, fixed)
    ]
    across = axes[1] if len(axes) > 1 else axes[0]
    down = [str(value) for value in axes[0][1]] if len(axes) > 1 else [""]
    sides = f"{axes[0][0]} ↓  {across[0]} →" if len(axes) > 1 else f"{across[0]} →"
    title = f"{text(f'figure.heatmap.{quantity}', lang)}   {sides}   * {text('study_report.map.chosen', lang)}"
    return grid(title, [f"{value} " for value in across[1]], down, cells)


def curve_findings(curve: Curve, lang: str) -> list[Block]:
    """Per arm the sizes at which it is told from the baseline, and the picture."""
    from dynmask_core.report import figures

    if not curve.comparisons:
        return [Words(text("figure.empty", lang), "note")]
    found: list[Block] = []
    baseline = curve.arms[0]
    for arm in curve.arms[1:]:
        decided = {
            size: next(d.decision for d in curve.differences(size) if d.arm == arm) for size in curve.comparisons
        }
        said = {"arm": arm, "baseline": baseline}
        before = len(found)
        for decision in ("better", "worse"):
            sizes = [str(size) for size, one in decided.items() if one == decision]
            if sizes:
                told = text(f"study_report.curve.{decision}", lang, sizes=", ".join(sizes), **said)
                found.append(Words(told, decision))
        if len(found) == before:
            few = all(one == "too_few" for one in decided.values())
            told = text("study_report.curve.too_few" if few else "study_report.curve.undetected", lang, **said)
            found.append(Words(told, "too_few" if few else "undetected"))
    plain = [
        strips([(f"{size}: {p.arm}", [100 * s for s in p.seeds], 100 * p.mean, (100 * p.ci95[0], 100 * p.ci95[1]))
                for arm in curve.arms for p in curve.points(arm) if p.size == size])
        for size in curve.comparisons
    ]  # fmt: skip
    found.append(Picture(partial(figures.learning_curve, curve, lang), "\n\n".join(plain)))
    return [*found, Words(text("study_report.curve.read", lang, sizes=len(curve.comparisons)))]


def curve_table(curve: Curve, lang: str) -> list[Section]:
    if not curve.comparisons:
        return []
    heads = ("size", "accuracy", "interval", "points", "interval", "p", "adjusted", "decision")
    head = [text("study_report.column.arm", lang), *(text(f"study_report.column.{name}", lang) for name in heads)]
    rows = []
    for arm in curve.arms:
        for point in curve.points(arm):
            row = [arm, str(point.size), percent(point.mean), span(point.ci95)]
            difference = next((d for d in curve.differences(point.size) if d.arm == arm), None)
            if difference is None:
                row += ["–"] * 5
            else:
                told = difference.statistics
                row += [points(told.mean), span(told.ci95, signed=True), p_value(told.p_value)]
                decided = text(f"study_report.decision.{difference.decision}", lang)
                row += [p_value(difference.adjusted_p), decided]
            rows.append(row)
    return [Section(text("study_report.sizes", lang), [Table(head, rows)])]

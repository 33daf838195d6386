"""Every cell of a grid of settings: which one validation chooses, and what it is worth."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from dynmask_core.blocks import Beside, Block, Choice, Column, Figure, Finding, Folded, Paragraph, Section, Table
from dynmask_core.config import Controls
from dynmask_core.messages import Words, say, several
from dynmask_core.recipes import Recipe
from dynmask_core.studies.config import StudyConfig, require
from dynmask_core.studies.kinds.base import StudyKind, column
from dynmask_core.studies.results import Result
from dynmask_core.studies.settings import LETTERS, Value, cell_words, listed, setting_words
from dynmask_core.studies.sweep import QUANTITIES, Sweep, sweep, to_json
from dynmask_core.studies.sweep import Choice as Chosen

MOST_SLICES = 12
"""Maps of one arm and quantity: of a grid with more slices the first are drawn, the table holds all."""


class SettingsSweep(StudyKind[tuple[Sweep, ...]]):
    name: ClassVar[str] = "sweep"
    seeds: ClassVar[int] = 3
    least_seeds: ClassVar[int] = 1
    start: ClassVar[Recipe] = Recipe(("repaired",))
    asks: ClassVar[tuple[str, ...]] = ("axes",)
    one_arm: ClassVar[bool] = True
    reading: ClassVar[tuple[str, ...]] = ("seeds", "interval", "choosing", "limits")

    def check(self, config: StudyConfig) -> None:
        super().check(config)
        require(bool(config.axes), "axes", "–", "step_size, evidence_threshold …")

    def options(self, config: StudyConfig) -> Iterator[tuple[str, Value]]:
        names = [name for name, _ in config.axes]
        controls = [(name, getattr(config.base.controls, name)) for name in LETTERS if name not in names]
        controls = [(name, value) for name, value in controls if value != getattr(Controls(), name)]
        # The command reads α, τ and θ first, whatever their place; elsewhere only --vary keeps the order of the axes.
        live = [name for name in LETTERS if name in names]
        short = not controls and names[: len(live)] == live
        for name, values in [*config.axes, *((name, (value,)) for name, value in controls)]:
            if short and name in LETTERS:
                yield name, listed(values)
            else:
                yield "vary", f"{name}={listed(values)}"

    def analyse(self, found: Sequence[Result], config: StudyConfig) -> tuple[Sweep, ...]:
        return tuple(sweep(found, arm) for arm in config.base.arms)

    def to_json(self, result: tuple[Sweep, ...]) -> dict[str, Any]:
        return to_json(result)

    def findings(self, result: tuple[Sweep, ...], config: StudyConfig, *, final: bool) -> list[Block]:
        return [
            Finding(_worth(own.arm, own.choice), "chosen") if own.choice else Finding(say("figure.empty"), "note")
            for own in result
        ]

    def sections(self, result: tuple[Sweep, ...], config: StudyConfig, *, final: bool) -> list[Section]:
        done = [own for own in result if own.cells]
        return [*(_map(own, config) for own in done), _cells(done, config)] if done else []


def _worth(arm: str, choice: Chosen) -> Words:
    """Which cell validation chooses, what the choosing flatters, and what the tests say."""

    def percent(share: float) -> str:
        return f"{100 * share:.2f}"

    cells, reached = choice.cells, percent(choice.validation)
    lines = [say("study_report.chosen", arm=arm, settings=cell_words(choice.cell.cell), cells=cells)]
    if choice.honest is None or choice.flattery is None:
        lines.append(say("study_report.chosen.one_seed", reached=reached))
    else:
        numbers = {"flattery": f"{100 * choice.flattery:+.2f}", "honest": percent(choice.honest), "cells": cells}
        lines.append(say("study_report.chosen.flattery", reached=reached, **numbers))
    worth = {"test": percent(choice.test), "texts": choice.texts, "seeds": choice.seeds}
    if choice.seeds > 1:
        lines.append(say("study_report.chosen.test", ends=" … ".join(map(percent, choice.ci95)), **worth))
    else:
        lines.append(say("study_report.chosen.test_once", **worth))
    return several(*lines)


def _map(own: Sweep, config: StudyConfig) -> Section:
    def maps(fixed: tuple[tuple[str, Value], ...]) -> list[Block]:
        options = {"axes": config.axes, "fixed": dict(fixed)}
        return [
            Beside([
                Figure("heatmap", own, {"quantity": quantity, **options}, f"heat_{quantity}", colored=True)
                for quantity in QUANTITIES
            ])
        ]  # fmt: skip

    further = config.axes[2:]
    slices = list(itertools.product(*([(name, value) for value in values] for name, values in further)))
    title = several(*(setting_words(name) for name, _ in further), between=", ")
    options = [(cell_words(fixed), maps(fixed)) for fixed in slices[:MOST_SLICES]]
    drawn = [Choice("slice", title, options, on_paper="titled")] if further else options[0][1]
    return Section(say("study_report.map", arm=own.arm), [Paragraph(say("study_report.map.read")), *drawn])


def _cells(done: Sequence[Sweep], config: StudyConfig) -> Section:
    columns = [
        column("arm"),
        *(Column(name, setting_words(name), "setting") for name, _ in config.axes),
        *(
            Column(quantity, say(f"figure.heatmap.{quantity}"), "tenths" if quantity == "seconds" else "percent")
            for quantity in QUANTITIES
        ),
        column("runs", "whole"),
    ]
    rows = [
        [own.arm, *(value for _, value in cell.cell), *(getattr(cell, q) for q in QUANTITIES), len(cell.runs)]
        for own in done
        for cell in own.cells
    ]
    table = Table("study_cells", columns, rows)
    return Section(say("study_report.cells"), [Folded(say("study_report.cells.all"), [table])])

"""A grid of settings: each cell's scores, which cell is best on validation, and how much that choice flatters it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dynmask_core.blocks import Beside, Block, Choice, Column, Figure, Finding, Folded, Paragraph, Section, Table
from dynmask_core.config import Controls
from dynmask_core.evaluate.statistics import interval
from dynmask_core.masks import brief
from dynmask_core.masks.naming import named
from dynmask_core.messages import Words, say, several
from dynmask_core.recipes import Recipe
from dynmask_core.studies.config import Cell, StudyConfig, require
from dynmask_core.studies.kinds.base import StudyKind, column
from dynmask_core.studies.results import Result
from dynmask_core.studies.settings import LETTERS, Value, cell_words, listed, setting_words

QUANTITIES = ("validation", "kept_fraction", "seconds")
"""What is reported for each cell."""
MOST_SLICES = 12
"""At most this many slices of a grid are drawn as maps, per arm and quantity; the table holds all."""


@dataclass(frozen=True)
class CellResult:
    """One arm in one cell: means over the finished seeds. runs: names of the runs, by seed."""

    cell: Cell
    runs: tuple[str, ...]
    validation: float
    kept_fraction: float
    seconds: float


@dataclass(frozen=True)
class Chosen:
    """The cell that is best on validation, and how good it is.

    validation: its mean validation accuracy, too high because the cell was chosen by it. honest: the same without
    that bias: each seed is scored in the cell that the other seeds choose; None with one seed. flattery: validation −
    honest. test: mean test accuracy of the cell, not used for choosing; ci95: its interval over seeds. texts: number
    of test texts per seed.
    """

    cell: CellResult
    cells: int
    seeds: int
    validation: float
    honest: float | None
    test: float
    ci95: tuple[float, float]
    texts: int

    @property
    def flattery(self) -> float | None:
        return None if self.honest is None else self.validation - self.honest


@dataclass(frozen=True)
class Sweep:
    """One arm's grid. cells: those with at least one finished run, in the order of the study."""

    arm: str
    cells: tuple[CellResult, ...]
    choice: Chosen | None


def sweep(found: Sequence[Result], arm: str) -> Sweep:
    """Chooses only among complete cells: those with every seed that any cell has finished."""
    own = [result for result in found if result.arm == arm]
    by_cell: dict[Cell, list[Result]] = {}
    for result in own:
        by_cell.setdefault(result.cell, []).append(result)
    cells = tuple(_cell(cell, results) for cell, results in by_cell.items())
    seeds = sorted({result.seed for result in own})
    complete = {cell: results for cell, results in by_cell.items() if len(results) == len(seeds)}
    return Sweep(arm, cells, _choose(complete, {cell.cell: cell for cell in cells}) if complete else None)


def _cell(cell: Cell, results: Sequence[Result]) -> CellResult:
    def mean(name: str) -> float:
        return float(np.mean([result.values[name] for result in results]))

    validation = float(np.mean([result.score("accuracy", "validation") for result in results]))
    runs = tuple(result.run for result in sorted(results, key=lambda result: result.seed))
    return CellResult(cell, runs, validation, mean("kept_fraction"), mean("seconds"))


def _choose(by_cell: dict[Cell, list[Result]], cells: dict[Cell, CellResult]) -> Chosen:
    ordered = {cell: sorted(results, key=lambda result: result.seed) for cell, results in by_cell.items()}
    scores = np.array([[r.score("accuracy", "validation") for r in results] for results in ordered.values()])
    best = int(_means(scores.mean(1)).argmax())  # the first one if several are equal
    cell, results = list(ordered.items())[best]
    test = np.array([result.score("accuracy") for result in results])
    return Chosen(
        cells[cell],
        len(ordered),
        len(test),
        float(scores[best].mean()),
        left_out(scores),
        float(test.mean()),
        interval(test),
        int(np.sum(results[0].values["test"]["confusion"])),
    )


def left_out(scores: np.ndarray) -> float | None:
    """scores float [cells, seeds] → mean over seeds of each seed's score in the cell that is best for the other seeds.

    No seed is used both to choose and to score, so choosing does not flatter the mean. None with one seed.
    """
    seeds = scores.shape[1]
    if seeds < 2:
        return None
    others = _means((scores.sum(1, keepdims=True) - scores) / (seeds - 1))
    return float(scores[others.argmax(0), np.arange(seeds)].mean())


def _means(values: np.ndarray) -> np.ndarray:
    """Rounds, so that means that are equal in theory are equal: the order of summation changes the last digits."""
    return values.round(12)


class SettingsSweep(StudyKind[tuple[Sweep, ...]]):
    name: ClassVar[str] = "sweep"
    seeds: ClassVar[int] = 3
    least_seeds: ClassVar[int] = 1
    start: ClassVar[Recipe] = Recipe(("repaired",))
    asks: ClassVar[tuple[str, ...]] = ("axes",)
    one_arm: ClassVar[bool] = True
    axes_by: ClassVar[str] = "vary"
    reading: ClassVar[tuple[str, ...]] = ("seeds", "interval", "choosing", "limits")

    def check(self, config: StudyConfig) -> None:
        super().check(config)
        require(bool(config.axes), "axes", "–", "step_size, evidence_threshold …")

    def options(self, config: StudyConfig) -> Iterator[tuple[str, Value]]:
        names = [name for name, _ in config.axes]
        controls = [(name, getattr(config.base.controls, name)) for name in LETTERS if name not in names]
        controls = [(name, value) for name, value in controls if value != getattr(Controls(), name)]
        # The command puts the axes from options for α, τ and θ first; in any other order, use --vary for all axes.
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
        cells = [
            {"arm": own.arm, "settings": dict(cell.cell), "runs": list(cell.runs)}
            | {quantity: getattr(cell, quantity) for quantity in QUANTITIES}
            for own in result
            for cell in own.cells
        ]
        return {"cells": cells, "chosen": [_chosen(own.arm, own.choice) for own in result if own.choice]}

    def findings(self, result: tuple[Sweep, ...], config: StudyConfig, *, final: bool) -> list[Block]:
        return [
            Finding(_worth(own.arm, own.choice), "chosen") if own.choice else Finding(say("figure.empty"), "note")
            for own in result
        ]

    def sections(self, result: tuple[Sweep, ...], config: StudyConfig, *, final: bool) -> list[Section]:
        done = [own for own in result if own.cells]
        return [*(_map(own, config) for own in done), _cells(done, config)] if done else []


def _worth(arm: str, choice: Chosen) -> Words:
    """Which cell is best on validation, how much the choice flatters it, and its test accuracy."""

    def percent(share: float) -> str:
        return f"{100 * share:.2f}"

    cells, reached = choice.cells, percent(choice.validation)
    lines = [say("study_report.chosen", arm=brief(arm), settings=cell_words(choice.cell.cell), cells=cells)]
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
    return Section(say("study_report.map", arm=named(own.arm)), [Paragraph(say("study_report.map.read")), *drawn])


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
        [named(own.arm), *(value for _, value in cell.cell), *(getattr(cell, q) for q in QUANTITIES), len(cell.runs)]
        for own in done
        for cell in own.cells
    ]
    table = Table("study_cells", columns, rows)
    return Section(say("study_report.cells"), [Folded(say("study_report.cells.all"), [table])])


def _chosen(arm: str, choice: Chosen) -> dict[str, Any]:
    return {
        "arm": arm,
        "settings": dict(choice.cell.cell),
        "cells": choice.cells,
        "seeds": choice.seeds,
        "validation": choice.validation,
        "validation_without_flattery": choice.honest,
        "test_accuracy": choice.test,
        "test_ci95": choice.ci95,
        "test_texts": choice.texts,
    }

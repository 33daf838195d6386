"""A grid of settings: what each cell reaches, which one validation chooses, and how much choosing flatters it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dynmask_core.evaluate.statistics import interval
from dynmask_core.studies.config import Cell
from dynmask_core.studies.results import Result

QUANTITIES = ("validation", "kept_fraction", "seconds")
"""What is known of a cell."""


@dataclass(frozen=True)
class CellResult:
    """One arm in one cell: means over the seeds that are done. runs: their names, in the order of the seeds."""

    cell: Cell
    runs: tuple[str, ...]
    validation: float
    kept_fraction: float
    seconds: float


@dataclass(frozen=True)
class Choice:
    """The cell that is best on validation, and what it is worth.

    validation: its mean there, which being chosen flatters. honest: the same without the flattery: each seed is scored
    in the cell that the other seeds choose; None with one seed. flattery: how much less that is. test: mean test
    accuracy of the chosen cell, which no choice has looked at; ci95: over seeds. texts: test texts of a seed.
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
    """One arm's grid. cells: those with at least one run that is done, in the order of the study."""

    arm: str
    cells: tuple[CellResult, ...]
    choice: Choice | None


def sweep(found: Sequence[Result], arm: str) -> Sweep:
    """Cells are chosen among those in which all seeds are done that any cell has done."""
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


def _choose(by_cell: dict[Cell, list[Result]], cells: dict[Cell, CellResult]) -> Choice:
    ordered = {cell: sorted(results, key=lambda result: result.seed) for cell, results in by_cell.items()}
    scores = np.array([[r.score("accuracy", "validation") for r in results] for results in ordered.values()])
    best = int(_means(scores.mean(1)).argmax())  # the first of equals
    cell, results = list(ordered.items())[best]
    test = np.array([result.score("accuracy") for result in results])
    return Choice(
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
    """scores float [cells, seeds] → the mean over seeds of each seed's score in the cell that is best for the others.

    Choosing and scoring never share a seed, so what is left is what the choice is worth. None with one seed.
    """
    seeds = scores.shape[1]
    if seeds < 2:
        return None
    others = _means((scores.sum(1, keepdims=True) - scores) / (seeds - 1))
    return float(scores[others.argmax(0), np.arange(seeds)].mean())


def _means(values: np.ndarray) -> np.ndarray:
    """Means that are equal on paper made equal: the order in which they were summed shows in the last digits."""
    return values.round(12)


def to_json(grids: Sequence[Sweep]) -> dict[str, Any]:
    """`cells` and `chosen` of `dynmask sweep --json`. grids: one per arm."""
    return {
        "cells": [
            {
                "arm": grid.arm,
                "settings": dict(cell.cell),
                "validation": cell.validation,
                "kept_fraction": cell.kept_fraction,
                "seconds": cell.seconds,
                "runs": list(cell.runs),
            }
            for grid in grids
            for cell in grid.cells
        ],
        "chosen": [_chosen(grid.arm, grid.choice) for grid in grids if grid.choice is not None],
    }


def _chosen(arm: str, choice: Choice) -> dict[str, Any]:
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

"""A grid of settings: what validation chooses, and what the choice is worth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_results import A, B, result

from dynmask_core.studies.kinds import KINDS
from dynmask_core.studies.kinds import sweep as sweeps
from dynmask_core.studies.results import Result


def left_out_slowly(scores: np.ndarray) -> float:
    """Every seed in the cell that the mean of the other seeds prefers; the first of equals."""
    worth = []
    for seed in range(scores.shape[1]):
        means = [round(sum(own for s, own in enumerate(row) if s != seed), 9) for row in scores.tolist()]
        worth.append(scores[means.index(max(means)), seed])
    return float(np.mean(worth))


grids = st.integers(1, 6).flatmap(
    lambda cells: st.integers(2, 5).flatmap(
        lambda seeds: st.lists(
            st.lists(st.integers(0, 10).map(lambda n: n / 10), min_size=seeds, max_size=seeds),
            min_size=cells,
            max_size=cells,
        )
    )
)


@given(grids)
def test_what_a_choice_is_worth_agrees_with_a_slow_loop_and_flatters_nobody(grid: list[list[float]]) -> None:
    scores = np.array(grid)
    honest = sweeps.left_out(scores)
    assert honest == pytest.approx(left_out_slowly(scores))
    assert honest <= scores.mean(1).max() + 1e-12


def test_one_seed_cannot_tell_what_its_choice_is_worth() -> None:
    assert sweeps.left_out(np.array([[0.5], [0.7]])) is None


def cells_of(scores: dict[Any, Sequence[float]], test: float = 0.5) -> list[Result]:
    return [
        result("topk", seed, test + 0.01 * seed, validation=score, cell=cell, kept_fraction=0.5)
        for cell, own in scores.items()
        for seed, score in enumerate(own)
    ]


def test_validation_chooses_the_cell_and_the_test_only_says_what_it_is_worth() -> None:
    found = cells_of({A: [0.6, 0.7, 0.8], B: [0.7, 0.8, 0.6]})
    found = [replace(r, values=r.values | {"test": r.values["test"] | {"accuracy": 1.0}}) if r.cell == B else r
             for r in found]  # fmt: skip
    grid = sweeps.sweep([*found, result("none", 0, cell=A)], "topk")
    assert [(cell.cell, cell.validation, cell.kept_fraction) for cell in grid.cells] == [
        (A, pytest.approx(0.7), 0.5), (B, pytest.approx(0.7), 0.5),
    ]  # fmt: skip
    choice = grid.choice
    assert choice is not None
    assert choice.cell.cell == A  # the first of equals, although the test prefers the other
    assert (choice.cells, choice.seeds, choice.texts) == (2, 3, 100)
    assert choice.test == pytest.approx(0.51)
    assert choice.ci95[0] <= choice.test <= choice.ci95[1]
    assert choice.honest == pytest.approx(left_out_slowly(np.array([[0.6, 0.7, 0.8], [0.7, 0.8, 0.6]])))
    assert choice.flattery == pytest.approx(choice.validation - choice.honest)


def test_a_cell_that_is_not_done_is_shown_and_not_chosen() -> None:
    grid = sweeps.sweep(cells_of({A: [0.6, 0.6], B: [0.9]}), "topk")
    assert [len(cell.runs) for cell in grid.cells] == [2, 1]
    assert grid.choice is not None
    assert grid.choice.cell.cell == A
    assert sweeps.sweep([], "topk") == sweeps.Sweep("topk", (), None)
    told = json.loads(json.dumps(KINDS["sweep"].to_json([sweeps.sweep(cells_of({A: [0.6], B: [0.9]}), "topk")])))
    assert told["chosen"][0]["settings"] == {"dropout": 0.2}
    assert told["chosen"][0]["validation_without_flattery"] is None

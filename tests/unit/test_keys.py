"""Random numbers are named by what they are for."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, kstest

from dynmask_core.keys import bits_at, bits_grid, digests, generator, seed_of, uniform_grid

parts = st.lists(st.one_of(st.integers(-(2**40), 2**40), st.text(max_size=5)), min_size=1, max_size=4)


@given(parts)
def test_equal_names_give_equal_numbers(names: list[int | str]) -> None:
    assert generator(*names).random(4).tolist() == generator(*names).random(4).tolist()


@given(parts, parts)
def test_different_names_give_different_numbers(one: list[int | str], other: list[int | str]) -> None:
    plain = [tuple((type(part), part) for part in names) for names in (one, other)]
    if plain[0] != plain[1] and not any("\x1f" in str(part) for part in (*one, *other)):
        assert seed_of(*one) != seed_of(*other)


@pytest.mark.parametrize("other", [1, "0", 2**32])
def test_zero_is_a_seed_like_any_other(other: int | str) -> None:
    assert seed_of(0, "order") == seed_of(0, "order")
    assert seed_of(0, "order") != seed_of(other, "order")


def test_seeds_fit_what_they_are_given_to() -> None:
    seeds = [seed_of(i, "dropout") for i in range(1000)]
    assert len(set(seeds)) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_drawing_for_one_purpose_leaves_the_others_alone() -> None:
    alone = generator(0, "order", 2).random()
    generator(0, "order", 1).random(100)
    assert generator(0, "order", 2).random() == alone


def test_seeds_do_not_depend_on_the_process() -> None:
    code = "from dynmask_core.keys import seed_of; print(seed_of(0, 'order', 1))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert printed == {f"{seed_of(0, 'order', 1)}\n"}


# A grid of numbers: one per (seed, row, column)

ROWS = np.arange(2000)
GRID = uniform_grid(seed_of(0, "test"), ROWS, 50)


def test_a_grids_numbers_are_uniform_in_every_column_and_row() -> None:
    assert GRID.dtype == np.float32
    assert (GRID >= 0).all()
    assert (GRID < 1).all()
    assert kstest(GRID.ravel(), "uniform").pvalue > 0.001
    # The least of 50 p-values is about 1/50.
    assert min(kstest(GRID[:, column], "uniform").pvalue for column in range(50)) > 1e-4
    assert np.abs(GRID.mean(1) - 0.5).max() < 5 / np.sqrt(12 * 50)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (GRID[:, :-1], GRID[:, 1:]),  # neighbouring columns
        (GRID[:-1], GRID[1:]),  # neighbouring rows
        (GRID, uniform_grid(seed_of(0, "test") + 1, ROWS, 50)),  # neighbouring seeds
        (GRID, uniform_grid(seed_of(0, "test"), -1 - ROWS, 50)),  # texts from elsewhere
        (GRID[:-1, :-1], GRID[1:, 1:]),
    ],
)
def test_neighbours_in_a_grid_are_independent(one: np.ndarray, other: np.ndarray) -> None:
    table, *_ = np.histogram2d(one.ravel(), other.ravel(), bins=10, range=[[0, 1], [0, 1]])
    expected = one.size / 100
    assert chi2.sf(((table - expected) ** 2 / expected).sum(), 99) > 0.001


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=6, unique=True), st.integers(1, 9))
def test_a_row_of_a_grid_does_not_depend_on_the_others_or_on_the_width(rows: list[int], columns: int) -> None:
    together = uniform_grid(7, np.array(rows), columns + 3)
    for place, row in enumerate(rows):
        alone = uniform_grid(7, np.array([row]), columns)
        assert alone[0].tolist() == together[place, :columns].tolist()


def test_a_grids_seed_zero_is_a_seed_like_any_other() -> None:
    grids = [uniform_grid(seed, np.arange(20), 20) for seed in (0, 1, 2**62)]
    assert len(np.unique(np.concatenate([grid.ravel() for grid in grids]))) > 1190
    assert kstest(grids[0].ravel(), "uniform").pvalue > 0.001


def test_no_two_rows_of_a_grid_are_alike() -> None:
    rows = np.concatenate([np.arange(-50_000, 50_000), 2 ** np.arange(17, 62)])
    assert len(np.unique(uniform_grid(0, rows, 3), axis=0)) == len(rows)


@given(st.integers(0, 2**62), st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=5))
def test_single_places_have_the_bits_of_the_grid(seed: int, rows: list[int]) -> None:
    grid = bits_grid(seed, np.array(rows), 7)
    row, column = (index.ravel() for index in np.indices(grid.shape))
    assert (bits_at(seed, np.array(rows), row, column) == grid.ravel()).all()
    assert ((grid >> np.uint64(40)) * 2.0**-24 == uniform_grid(seed, np.array(rows), 7)).all()


def test_a_digest_names_a_text_by_its_words_and_their_order() -> None:
    ids = np.array([[5, 6, 7, 0], [0, 5, 6, 7], [5, 7, 6, 0], [5, 6, 7, 7], [5, 6, 0, 0], [0, 0, 0, 0]])
    there = ids > 0
    names = digests(ids, np.cumsum(there, axis=1), there).tolist()
    assert names[0] == names[1]  # padding does not count, nor the side on which it stands
    assert len(set(names)) == 5
    many = np.random.default_rng(0).integers(0, 2**31, (100_000, 2))
    assert len(set(digests(many, np.indices(many.shape)[1], many >= 0).tolist())) == len(np.unique(many, axis=0))

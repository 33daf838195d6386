"""Runs of visitors are deleted by age and size; those of the command line, of a class, and those at work never."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.jobs.limits import Limits
from dynmask_core.learn.classroom import create
from dynmask_core.runs import Run, list_runs
from dynmask_core.runs.sweep import DOOMED, USED, Swept, entrust, sweep, use
from dynmask_core.ui import keeper

Make = Callable[..., Run]
DAY = 86_400


def age(run: Run, days: float) -> None:
    """As if nobody had looked at the run for so many days."""
    past = time.time() - days * DAY
    for name in (USED, "alive", "lease", "watched"):
        if (run.path / name).exists():
            os.utime(run.path / name, (past, past))


@pytest.fixture
def make(runs_root: Path, settings: Callable[..., ExperimentConfig], dataset: Dataset) -> Make:
    def make_one(days: float, *, entrusted: bool = True) -> Run:
        run = Run.create(runs_root, settings(), dataset)
        if entrusted:
            entrust(run)
        age(run, days)
        return run

    return make_one


def names(root: Path) -> set[str]:
    return {run.name for run in list_runs(root)}


def test_what_nobody_has_looked_at_for_long_is_deleted_and_nothing_else(runs_root: Path, make: Make) -> None:
    old, young, own = make(31), make(29), make(400, entrusted=False)
    swept = sweep(runs_root, 30, 0)
    assert names(runs_root) == {young.name, own.name}
    assert (swept.folders, swept.kept) == (1, 1)
    assert swept.size > 0
    assert not old.path.exists()


def test_above_a_size_the_one_used_least_recently_goes_first(runs_root: Path, make: Make) -> None:
    third, first, second = make(4), make(2), make(3)
    own = make(90, entrusted=False)
    each = sum(path.stat().st_size for path in first.path.rglob("*"))
    swept = sweep(runs_root, 0, int(2.5 * each))
    assert names(runs_root) == {first.name, second.name, own.name}
    assert not third.path.exists()
    assert swept.left <= 2.5 * each
    assert sweep(runs_root, 0, int(2.5 * each)).folders == 0


def test_no_older_one_stays_where_a_newer_one_had_to_go(runs_root: Path, make: Make) -> None:
    for days, size in ((2, 900), (3, 300), (4, 50)):
        (make(days).path / "filler").write_bytes(bytes(size * 1000))
    new, *older = sorted(list_runs(runs_root), key=lambda run: run.silence(USED))
    sweep(runs_root, 0, 1_000_000)
    assert names(runs_root) == {new.name}
    assert len(older) == 2


def test_without_limits_nothing_is_deleted(runs_root: Path, make: Make) -> None:
    run = make(1000)
    assert sweep(runs_root, 0, 0).folders == 0
    assert run.exists()


def test_one_that_was_used_within_a_day_stays_however_full_it_is(runs_root: Path, make: Make) -> None:
    run = make(0.9)
    assert sweep(runs_root, 0, 1).folders == 0
    assert run.exists()


@pytest.mark.parametrize("sign", ["alive", "lease", "watched"])
def test_one_that_trains_or_has_a_reader_stays(sign: str, runs_root: Path, make: Make) -> None:
    run = make(90)
    (run.path / sign).touch()
    assert sweep(runs_root, 30, 1).folders == 0
    assert run.exists()


def test_one_that_a_process_holds_stays(runs_root: Path, make: Make) -> None:
    run = make(90)
    with run.held():
        assert sweep(runs_root, 30, 1).folders == 0
    assert sweep(runs_root, 30, 1).folders == 1


def test_to_look_at_a_run_is_to_use_it(runs_root: Path, make: Make) -> None:
    looked_at, own = make(90), make(90, entrusted=False)
    for run in (looked_at, own):
        use(run)
    assert not (own.path / USED).exists()
    assert sweep(runs_root, 30, 0).folders == 0


def test_runs_on_the_board_of_a_class_stay_while_there_is_the_class(runs_root: Path, make: Make) -> None:
    on_board, other = make(40), make(40)
    room, _ = create(runs_root, "what-is-a-mask", "en", 3)
    who = room.join("").who
    assert room.started(who, on_board.name)
    assert keeper.clean(runs_root, Limits(keep_days=30)).folders == 1
    assert names(runs_root) == {on_board.name}
    assert not other.path.exists()


def test_what_a_sweep_that_was_cut_off_has_left_is_deleted(runs_root: Path, make: Make) -> None:
    run = make(1)
    left = runs_root / f"{DOOMED}{run.name}"
    run.path.rename(left)
    assert names(runs_root) == set()
    assert sweep(runs_root, 30, 0) == Swept()
    assert not left.exists()

"""A run has one trainer at a time, keeps the settings it began with, and begins again where it cannot go on."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest
import torn

from dynmask_core.bench.kill import learned
from dynmask_core.cli import main
from dynmask_core.errors import InputError
from dynmask_core.jobs import execute
from dynmask_core.runs import Run, list_runs

Capture = pytest.CaptureFixture[str]
forks = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> torn.Shelf:
    return torn.shelf(tmp_path_factory.mktemp("one") / "runs", study=True)


@pytest.fixture
def shelf(made: torn.Shelf, tmp_path: Path) -> torn.Shelf:
    return made.copy(tmp_path / "runs")


def hold(path: Path) -> None:
    with Run(path).held():
        (path / "is_held").touch()
        time.sleep(600)


@forks
def test_a_second_process_is_refused_and_a_killed_one_holds_nothing(shelf: torn.Shelf, until: torn.Until) -> None:
    run = shelf.stopped
    run.command("run")  # it was stopped by a wish
    other = multiprocessing.get_context("fork").Process(target=hold, args=(run.path,))
    other.start()
    try:
        until((run.path / "is_held").exists)
        before = run.status()
        with pytest.raises(InputError) as told:
            execute(run.path, patience=0.1)
        assert told.value.code == "run_active"
        assert run.status() == before
    finally:
        other.kill()
        other.join()
    assert execute(run.path) == "finished"
    assert learned(run) == learned(shelf.finished)


def test_the_command_is_refused_while_another_one_trains_the_run(shelf: torn.Shelf, capsys: Capture) -> None:
    run = shelf.stopped
    run.renew_lease()
    with run.held():
        assert main(["train", "--resume", run.name, "--runs-dir", str(shelf.root)]) == 2
        run.mark_interrupted()
    assert "under way" in capsys.readouterr().err
    assert run.status().state == "stopped"
    assert (run.path / "lease").exists()  # the other one's viewers are still there


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--epochs", "5"], ["--epochs"]),
        (["--seed", "1", "--arms", "none,repaired"], ["--seed"]),
        (["x.csv", "--model", "medium"], ["DATA", "--model"]),
        (["--header", "--step-size", "0.5"], ["--header", "--step-size"]),
    ],
)
def test_a_resumed_run_keeps_its_settings_and_others_are_refused(
    shelf: torn.Shelf, options: list[str], named: list[str], capsys: Capture
) -> None:
    run = shelf.stopped
    for way in ("--resume", "--anew"):
        assert main(["train", *options, way, run.name, "--runs-dir", str(shelf.root)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"which {', '.join(named)} would change" in line
    assert run.status().state == "stopped"
    assert len(list_runs(shelf.root)) == 3


def test_settings_that_are_the_run_s_own_may_be_said_again(shelf: torn.Shelf) -> None:
    run = shelf.stopped
    options = ["--seed", "0", "--epochs", "2", "--arms", "none,repaired", "--device", "cpu"]
    assert main(["train", *options, "--resume", run.name, "--runs-dir", str(shelf.root)]) == 0
    assert run.status().state == "finished"


@pytest.mark.parametrize("how", ["cut", "deleted"])
def test_a_run_without_its_checkpoint_says_so_and_is_trained_anew_to_the_same_numbers(
    shelf: torn.Shelf, how: str, capsys: Capture
) -> None:
    run = shelf.stopped
    torn.harm(run.checkpoint_file, how)
    assert main(["train", "--resume", run.name, "--runs-dir", str(shelf.root)]) == 2
    assert f"dynmask train --anew {run.name}" in capsys.readouterr().err
    assert run.epochs() == [0, 1]
    assert main(["train", "--anew", run.name, "--runs-dir", str(shelf.root)]) == 0
    new = list_runs(shelf.root)[0]
    assert new.name != run.name
    assert learned(new) == learned(shelf.finished)


@pytest.mark.parametrize(("file", "state"), [("result.json", "failed"), ("config.json", "finished")])
def test_a_damaged_run_of_a_study_is_trained_again(shelf: torn.Shelf, file: str, state: str) -> None:
    study = shelf.study
    assert study is not None
    job, dataset = study.jobs[0], study.dataset()
    run = study.run(job)
    before = learned(run)
    torn.harm(run.path / file, "noise")
    assert study.status(job).state == state
    assert study.prepare(job, dataset).config() == job.config
    assert execute(run.path) == "finished"
    assert learned(run) == before


def test_a_finished_run_of_a_study_is_left_as_it_is(shelf: torn.Shelf) -> None:
    study = shelf.study
    assert study is not None
    dataset = study.dataset()
    before = learned(study.run(study.jobs[0]))
    assert learned(study.prepare(study.jobs[0], dataset)) == before

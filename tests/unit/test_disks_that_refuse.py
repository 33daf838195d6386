"""A full, read-only or vanished disk is one sentence with the path; the last complete epoch stays."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
import torn

from dynmask_core.analysis.standing import standing
from dynmask_core.cli import main
from dynmask_core.data import build, planted
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.jobs.queue import Queue
from dynmask_core.runs import Run, Status


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path / "runs", torn.config(), build(planted(texts=60, noise_words=40).table)[0])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left"),
        (OSError(errno.ENOSPC, "No space left on device", "/runs/x"), "The disk is full: /runs/x"),
        (PermissionError(errno.EACCES, "Permission denied", "/runs/x"), "/runs/x"),
        (OSError(errno.EROFS, "Read-only file system", "/runs/x"), "/runs/x (Read-only file system)"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "x.csv"), "x.csv: No such file"),
        (TimeoutError(), "no answer in time (TimeoutError)"),
        (OSError("odd"), "odd"),
    ],
)
def test_whatever_the_system_refuses_is_one_sentence_that_says_all_it_knows(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("dynmask_core.cli.runs.list_runs", refuse)
    assert main(["runs"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert "None" not in line


def test_a_disk_that_fills_up_keeps_the_last_epoch_and_the_run_goes_on_when_there_is_room(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def fill(event: object) -> None:
            if isinstance(event, EpochEnd) and event.epoch == 1:
                patch.setattr("dynmask_core.runs.files.os.replace", torn.full)

        with pytest.raises(InputError) as told:
            execute(run.path, fill)
        assert told.value.code == "disk_full"
        assert str(run.path) in str(told.value)
    progress = run.checkpoint("progress")
    assert progress is not None
    assert progress[""][0] == 1
    assert run.status().state == "interrupted"
    assert not list(run.path.rglob(".part-*"))
    assert execute(run.path) == "finished"


def test_a_disk_that_refuses_once_is_told_in_the_status_without_the_server_s_folders(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def refuse(source: str, target: Path) -> None:
        if target.suffix == ".safetensors":
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        real(source, target)

    monkeypatch.setattr("dynmask_core.runs.files.os.replace", refuse)
    with pytest.raises(InputError):
        execute(run.path)
    status = run.status()
    assert status.state == "interrupted"
    assert status.error is not None
    assert status.error[0] == "not_allowed"
    assert status.error[1]["path"].startswith(run.name)


def test_a_folder_that_is_removed_in_mid_training_is_said_and_not_made_again(run: Run) -> None:
    def remove(event: object) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 1:
            shutil.rmtree(run.path)

    with pytest.raises(InputError) as told:
        execute(run.path, remove)
    assert told.value.code == "folder_gone"
    assert not run.path.exists()


def test_a_run_that_cannot_be_written_leaves_no_half_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def refuse(source: str, target: Path) -> None:
        if target.name == "config.json":
            torn.full()
        real(source, target)

    monkeypatch.setattr("dynmask_core.runs.files.os.replace", refuse)
    with pytest.raises(OSError, match=r"config\.json"):
        Run.create(tmp_path, torn.config(), build(planted(texts=60, noise_words=40).table)[0])
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(run.path, torn.stop_after(run, 1))
    monkeypatch.setattr("dynmask_core.runs.files.os.replace", torn.full)
    assert standing(run).early


def test_a_waiting_run_whose_folder_is_removed_does_not_stop_the_line(run: Run, tmp_path: Path) -> None:
    line = Queue(lambda: pytest.fail("not needed"), slots=1, warm_after=3600.0)
    try:
        shutil.rmtree(run.path)
        line._stand(run, "queued", 1)
        assert not run.path.exists()
    finally:
        line.close()


def test_a_damaged_run_is_refused_by_the_queue_to_who_brings_it(run: Run) -> None:
    line = Queue(lambda: pytest.fail("not needed"), slots=1, warm_after=3600.0)
    try:
        torn.harm(run.path / "config.json", "cut")
        with pytest.raises(InputError) as told:
            line.submit(run)
        assert told.value.code == "file_damaged"
        assert run.status() == Status("stopped", epochs=2)
    finally:
        line.close()

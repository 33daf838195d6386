"""The run folder: complete or absent, readable at any time, silent runs shown as interrupted."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dynmask_core.config import Controls, ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.runs import ACTIVE, Run, Status, default_root, files, find_run, list_runs
from dynmask_core.runs.folder import ALIVE_FOR
from dynmask_core.runs.run import LEASE
from dynmask_core.runs.store import export_run, open_export

Settings = Callable[..., ExperimentConfig]


@pytest.fixture
def run(tmp_path: Path, settings: Settings, dataset: Dataset) -> Run:
    return Run.create(tmp_path / "runs", settings(), dataset)


def age(run: Run, name: str, seconds: float) -> None:
    """Makes a sign (of life, of a viewer) that many seconds old."""
    then = time.time() - seconds
    os.utime(run.path / name, (then, then))


def same_dataset(one: Dataset, other: Dataset) -> bool:
    plain = (one.name, one.texts, one.classes) == (other.name, other.texts, other.classes)
    arrays = (one.labels == other.labels).all() and (one.split == other.split).all()
    spans = all((a == b).all() for a, b in zip(one.spans, other.spans, strict=True))
    return bool(plain and arrays and spans)


# Files


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "value.json"
    files.write_json(path, {"old": 1})

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        files.write_json(path, {"new": 2})
    assert files.read_json(path) == {"old": 1}
    assert os.listdir(tmp_path) == ["value.json"]


def test_readers_never_see_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "value.json"
    files.write_json(path, {"old": 1})
    seen = []
    real = os.replace

    def spy(source: str, target: Path) -> None:
        seen.append((files.read_json(path), json.loads(Path(source).read_bytes())))
        real(source, target)

    monkeypatch.setattr(os, "replace", spy)
    files.write_json(path, {"new": 2})
    assert seen == [({"old": 1}, {"new": 2})]


def test_a_missing_file_reads_as_none(tmp_path: Path) -> None:
    assert files.read_json(tmp_path / "missing.json") is None
    assert files.read_lines(tmp_path / "missing.jsonl") == []


def test_half_a_line_at_the_end_is_passed_over_and_the_next_line_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    files.append_line(log, {"n": 1})
    with log.open("ab") as file:
        file.write('{"n": 2, "text": "半'.encode()[:-1])
    assert files.read_lines(log) == [{"n": 1}]
    files.append_line(log, {"n": 3})
    assert files.read_lines(log) == [{"n": 1}, {"n": 3}]


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    arrays = {"a/b": np.arange(6, dtype=np.uint8).reshape(2, 3), "empty": np.zeros((0, 2), dtype=np.float16)}
    files.write_arrays(tmp_path / "a.npz", arrays)
    back = files.read_arrays(tmp_path / "a.npz")
    assert {name: (a.dtype, a.shape, a.tobytes()) for name, a in back.items()} == {
        name: (a.dtype, a.shape, a.tobytes()) for name, a in arrays.items()
    }


# A run's folder


def test_a_new_run_holds_its_settings_and_its_data(run: Run, settings: Settings, dataset: Dataset) -> None:
    assert run.exists()
    assert run.config() == settings()
    assert same_dataset(run.dataset(), dataset)
    assert dataset.rationale is not None
    assert all((a == b).all() for a, b in zip(run.dataset().rationale or [], dataset.rationale, strict=True))
    assert run.status().state == "stopped"
    assert (run.events(), run.epochs(), run.probes(), run.result(), run.vocabulary()) == ([], [], [], None, None)


def test_data_without_marks_come_back_without_marks(tmp_path: Path, settings: Settings, dataset: Dataset) -> None:
    bare = replace(dataset, rationale=None, name="中文，数据")
    assert same_dataset(Run.create(tmp_path, settings(), bare).dataset(), bare)
    assert Run.create(tmp_path, settings(), bare).dataset().rationale is None


def test_names_cannot_be_guessed_and_do_not_repeat(tmp_path: Path, settings: Settings, dataset: Dataset) -> None:
    names = {Run.create(tmp_path, settings(), dataset).name for _ in range(3)}
    assert len(names) == 3
    assert all(len(name.rsplit("-", 1)[1]) == 16 for name in names)


def test_a_finished_run_tells_everything(finished_run: Run) -> None:
    run, arms = finished_run, finished_run.config().arms
    assert run.status().state == "finished"
    assert run.status().fraction == 1
    assert run.status().remaining == 0
    assert run.epochs() == [0, 1, 2, 3]
    said = [(event["arm"], event["epoch"]) for event in run.events() if event["type"] == "arm_epoch"]
    assert said == [(arm, epoch) for epoch in (1, 2, 3) for arm in arms]
    vocabulary = run.vocabulary()
    assert vocabulary is not None
    assert len(vocabulary.words) == len(vocabulary.counts)
    result = run.result()
    assert result is not None
    assert [arm["name"] for arm in result["arms"]] == list(arms)
    for epoch in run.epochs():
        snapshot = run.snapshot(epoch)
        assert snapshot.keep_threshold == pytest.approx(0.1)
        for arm in arms:
            mask = snapshot.word_mask(arm)
            assert mask is not None
            assert mask.dtype == np.float32
            assert mask.shape == (len(vocabulary),)
            for index in range(len(run.probes())):
                probe = snapshot.probe(index, arm)
                assert probe is not None
                assert probe.attention.dtype == np.uint8
                assert probe.probabilities.sum() == pytest.approx(1, abs=1e-4)
                assert ((probe.mask >= 0) & (probe.mask <= 1)).all()
        assert snapshot.probe(99, "static") is None


def test_snapshots_are_small(finished_run: Run) -> None:
    for snapshot in (finished_run.path / "snapshots").iterdir():
        assert snapshot.stat().st_size < 100_000


def test_recorded_masks_are_those_of_the_vocabulary_to_a_255th(finished_run: Run) -> None:
    from dynmask_core.data.tokenize import Tokenizer

    vocabulary = finished_run.vocabulary()
    snapshot = finished_run.snapshot(3)
    mask = snapshot.word_mask("repaired")
    for index, probe in enumerate(finished_run.probes()):
        record = snapshot.probe(index, "repaired")
        for word, value in zip(Tokenizer().tokens(probe.text), record.mask, strict=True):
            if word in vocabulary.words:
                assert abs(value - mask[vocabulary.words.index(word)]) < 1 / 255 + 1e-3


# Status


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_an_active_run_that_fell_silent_is_shown_as_interrupted(run: Run, state: str) -> None:
    run.write_status(Status(state, epoch=2, epochs=5))  # type: ignore[arg-type]
    assert run.status().state == state
    age(run, "alive", ALIVE_FOR + 1)
    assert run.status() == Status("interrupted", epoch=2, epochs=5)
    run.sign_of_life()
    assert run.status().state == state


@pytest.mark.parametrize("state", ["stopped", "finished", "failed"])
def test_a_run_at_rest_need_not_give_signs_of_life(run: Run, state: str) -> None:
    files.write_json(run.path / "result.json", {"arms": []})
    run.write_status(Status(state))  # type: ignore[arg-type]
    age(run, "alive", 10 * ALIVE_FOR)
    assert run.status().state == state


def test_only_active_runs_can_be_marked_interrupted(run: Run) -> None:
    run.write_status(Status("training", epoch=1))
    run.mark_interrupted()
    assert run.status() == Status("interrupted", epoch=1)
    files.write_json(run.path / "result.json", {"arms": []})
    run.write_status(Status("finished"))
    run.mark_interrupted()
    assert run.status().state == "finished"


def test_an_error_comes_back_with_its_parameters(run: Run) -> None:
    status = Status("failed", error=("no_device", {"device": "mps", "available": "cpu"}))
    run.write_status(status)
    assert run.status() == status


def test_the_time_to_go_follows_the_pace() -> None:
    assert Status("training", elapsed=10, fraction=0.25).remaining == pytest.approx(30)
    assert Status("training", elapsed=0, fraction=0).remaining is None


# Wishes


def test_wishes_are_written_and_read(run: Run) -> None:
    assert run.wanted() == ("run", None)
    run.command("run", until=3)
    assert run.wanted() == ("run", 3)
    run.command("stop")
    assert run.wanted() == ("stop", None)
    assert run.controls() == run.config().controls
    run.set_controls(Controls(step_size=0.5))
    assert run.controls() == Controls(step_size=0.5)
    run.add_probe("one")
    run.add_probe("two")
    run.add_probe("one")
    assert run.asked_probes() == ["one", "two"]


def test_a_run_is_unwatched_only_if_a_viewer_came_and_went(run: Run) -> None:
    assert not run.unwatched()
    run.renew_lease()
    assert not run.unwatched()
    age(run, "lease", LEASE + 1)
    assert run.unwatched()
    run.renew_lease()
    assert not run.unwatched()


# Where runs lie


def test_runs_are_listed_newest_first_and_nothing_else_is(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    older = root / ("20200101-000000-" + "0" * 16)
    older.mkdir()
    (older / "config.json").write_text("{}")
    (root / "something else").mkdir()
    (root / ("20200101-000001-" + "0" * 16)).mkdir()  # without settings
    assert [found.name for found in list_runs(root)] == [run.name, older.name]
    assert list_runs(tmp_path / "nowhere") == []


def test_the_environment_names_the_default_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DYNMASK_RUNS", str(tmp_path))
    assert default_root() == tmp_path
    monkeypatch.delenv("DYNMASK_RUNS")
    assert default_root().name == "runs"


def test_a_run_is_found_by_its_name(run: Run, tmp_path: Path) -> None:
    assert find_run(tmp_path / "runs", run.name).config() == run.config()


@pytest.mark.parametrize("pattern", ["../{name}", "./{name}", "{root}/{name}", "{name}/", "{name}\n", "", ".", "x"])
def test_a_name_is_never_a_path(pattern: str, run: Run, tmp_path: Path) -> None:
    inner = tmp_path / "runs" / "inner"
    inner.mkdir()
    name = pattern.format(name=run.name, root=tmp_path / "runs")
    for root in (tmp_path / "runs", inner):
        with pytest.raises(InputError) as caught:
            find_run(root, name)
        assert caught.value.code == "unknown_run"


def test_an_exported_run_shows_the_same_and_keeps_the_texts_at_home(finished_run: Run, tmp_path: Path) -> None:
    export_run(finished_run, tmp_path / "run.zip")
    shown = open_export(tmp_path / "run.zip")
    assert shown.exists()
    assert shown.config() == finished_run.config()
    assert shown.status() == finished_run.status()
    assert shown.events() == finished_run.events()
    assert shown.probes() == finished_run.probes()
    assert shown.result() == finished_run.result()
    assert shown.epochs() == finished_run.epochs()
    assert shown.vocabulary().words == finished_run.vocabulary().words
    for epoch in shown.epochs():
        ours, theirs = shown.snapshot(epoch).arrays, finished_run.snapshot(epoch).arrays
        assert {name: array.tobytes() for name, array in ours.items()} == {
            name: array.tobytes() for name, array in theirs.items()
        }
    assert shown.controls() == finished_run.controls()
    assert shown.asked_probes() == []
    with pytest.raises(TypeError, match="cannot be written"):
        shown.command("stop")
    raw = (tmp_path / "run.zip").read_bytes()
    assert b"dataset.npz" not in raw
    assert b"safetensors" not in raw


def test_an_export_of_an_unfinished_run_can_be_looked_at(run: Run, tmp_path: Path) -> None:
    export_run(run, tmp_path / "run.zip")
    shown = open_export(tmp_path / "run.zip")
    assert (shown.events(), shown.epochs(), shown.probes()) == ([], [], [])
    assert shown.result() is None
    assert shown.vocabulary() is None

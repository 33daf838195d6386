"""The run that a lesson carries: unpacked once, the same on every server, asked and never trained; hostile ones."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from carrying import lesson

from dynmask_core.analysis.subject import Subject
from dynmask_core.errors import InputError
from dynmask_core.learn import limits, recorded
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.recorded import runs_of, unpacked
from dynmask_core.runs import Run, find_run, list_runs
from dynmask_core.runs.store import export_run

LESSON = lesson("train?run=lesson", run="run.zip")


def parcel(run: Run, **options: bool) -> bytes:
    buffer = io.BytesIO()
    export_run(run, buffer, **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def whole(finished_run: Run) -> bytes:
    return parcel(finished_run, models=True)


def test_a_run_with_its_models_answers_as_it_did_at_home(whole: bytes, finished_run: Run, tmp_path: Path) -> None:
    bundle = Bundle.read(Bundle(LESSON, run=whole).to_bytes(), "x.zip")
    here, there = unpacked(bundle, tmp_path / "here"), unpacked(bundle, tmp_path / "there")
    assert here.name == there.name
    assert here.recorded
    assert not finished_run.recorded
    arm = finished_run.config().arms[-1]
    text = finished_run.dataset().texts[0]
    expected = Subject.open(finished_run, arm).probabilities([text])
    for run in (here, there):
        assert run.result() == finished_run.result()
        assert run.dataset().texts == finished_run.dataset().texts
        assert np.array_equal(Subject.open(run, arm).probabilities([text]), expected)
        assert run.status().state == "finished"


def test_it_is_unpacked_once_and_found_by_its_name_but_not_listed(whole: bytes, runs_root: Path) -> None:
    bundle = Bundle(LESSON, run=whole)
    first = unpacked(bundle, runs_root)
    before = (first.path / "config.json").stat().st_ino
    assert (unpacked(bundle, runs_root).path / "config.json").stat().st_ino == before
    assert find_run(runs_root, first.name).path == first.path
    assert list_runs(runs_root) == []
    assert [path.name for path in runs_of(runs_root).iterdir()] == [first.name]


def test_without_its_models_it_can_be_looked_at_and_says_what_is_missing(finished_run: Run, runs_root: Path) -> None:
    run = unpacked(Bundle(LESSON, run=parcel(finished_run)), runs_root)
    assert run.snapshot(1).arrays.keys() == finished_run.snapshot(1).arrays.keys()
    with pytest.raises(InputError, match="without its texts"):
        run.dataset()
    with pytest.raises(InputError) as refused:
        Subject.open(run, run.config().arms[0])
    assert refused.value.code == "no_weights"


def test_the_least_recently_used_go_when_there_are_too_many(
    whole: bytes, finished_run: Run, runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "MOST", 1)
    first = unpacked(Bundle(LESSON, run=whole), runs_root)
    second = unpacked(Bundle(LESSON, run=parcel(finished_run)), runs_root)
    assert not first.exists()
    assert second.exists()


Change = Callable[[dict[str, bytes]], None]


def with_pickle_among_arrays(files: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, words=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    files["snapshots/epoch_0001.npz"] = buffer.getvalue()


def with_zeros(files: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, zeros=np.zeros(limits.RUN_UNPACKED + 1, dtype=np.uint8))
    files["dataset.npz"] = buffer.getvalue()


def setting(part: str, **values: Any) -> Change:
    def change(files: dict[str, bytes]) -> None:
        config = json.loads(files["config.json"])
        config[part] |= values
        files["config.json"] = json.dumps(config).encode()

    return change


def named(name: str, content: bytes = b"x") -> Change:
    def change(files: dict[str, bytes]) -> None:
        files[name] = content

    return change


HOSTILE: dict[str, Change] = {
    "a pickle among arrays": with_pickle_among_arrays,
    "a pickle as a file": named("weights/static.pt", b"\x80\x04."),
    "a pickle that is called weights": named("weights/static.safetensors", b"\x80\x04]."),
    "a checkpoint": named("checkpoint.safetensors"),
    "a command for the trainer": named("command.json", b'{"action": "run"}'),
    "answers that nobody gave": named("thresholds.json", b"{}"),
    "a path out of the folder": named("weights/../../../x.safetensors"),
    "a path from the root": named("/etc/x"),
    "a backslash": named("weights\\..\\x.safetensors"),
    "zeros that fill the memory": with_zeros,
    "a model too large to build": setting("model", dim=1024, layers=24, ff_multiple=16),
    "maps too large to draw": setting("model", layers=24, heads=32, dim=1024),
    "settings of another version": setting("model", colour="red"),
    "a text in the place of a number": setting("model", dim="many"),
    "texts that are none": named("dataset.npz", b"PK"),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_run_is_refused_with_one_sentence(change: Change, whole: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(InputError) as refused:
        replace(Bundle(LESSON), run=buffer.getvalue()).check()
    assert refused.value.code == "lesson_bundle_run"

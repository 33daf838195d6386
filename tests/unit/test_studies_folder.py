"""A study's folder: its runs, who works on it, how far it is, and what its runs say."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from study_results import refused

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset, Report, build, planted
from dynmask_core.data.split import TRAIN, UNKNOWN
from dynmask_core.data.variants import resplit, shorten
from dynmask_core.events import Started
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES
from dynmask_core.runs import Run, Status, files, find_run, list_runs
from dynmask_core.runs.folder import ALIVE_FOR, NAME
from dynmask_core.studies import Study, StudyConfig, find_study, list_studies, same_study
from dynmask_core.studies.results import results

Settings = Callable[..., ExperimentConfig]


@pytest.fixture(scope="session")
def report() -> Report:
    return build(planted(texts=80, noise_words=60).table)[1]


@pytest.fixture
def new(runs_root: Path, settings: Settings, dataset: Dataset, report: Report) -> Callable[..., Study]:
    """new(kind, **what): a study of the 80 texts; six seeds unless told otherwise."""

    def make(kind: Any = "compare", data: Dataset = dataset, **what: Any) -> Study:
        config = StudyConfig(kind, **{"base": settings("none", "repaired", epochs=1), "seeds": 6, **what})
        return Study.create(runs_root, config, data, report)

    return make


def prepared(study: Study) -> list[Run]:
    """All runs of a study, with their folders."""
    dataset = study.dataset()
    return [study.prepare(job, dataset) for job in study.jobs]


def test_runs_are_named_after_their_jobs_and_their_study_and_by_nobody_guessed(new: Callable[..., Study]) -> None:
    study, other = new(), new()
    named = [study.run(job).name for job in study.jobs]
    assert named == [Study(study.path).run(job).name for job in StudyConfig.from_json(study.config.to_json()).jobs()]
    assert len(set(named)) == len(named)
    assert not set(named) & {other.run(job).name for job in other.jobs}
    assert all(NAME.fullmatch(name) for name in (study.name, *named))
    assert study.name != other.name


def test_runs_share_one_file_of_texts_and_divide_them_by_their_seeds(
    new: Callable[..., Study], dataset: Dataset
) -> None:
    study = new()
    runs = prepared(study)
    assert {os.stat(run.path / "dataset.npz").st_ino for run in runs} == {os.stat(study.path / "dataset.npz").st_ino}
    for job, run in zip(study.jobs, runs, strict=True):
        assert run.config() == job.config
        assert (run.dataset().split == resplit(dataset, job.seed).split).all()
        assert run.status() == Status("stopped", epochs=1)
    before = runs[0].path.stat().st_mtime_ns
    assert study.prepare(study.jobs[0], study.dataset()).path.stat().st_mtime_ns == before


def test_a_run_of_a_study_is_found_and_opened_like_any_other(new: Callable[..., Study], runs_root: Path) -> None:
    study = new()
    run = prepared(study)[2]
    assert find_run(runs_root, run.name).path == run.path
    assert find_run(runs_root, run.name).config() == study.jobs[2].config
    assert list_runs(runs_root) == []
    assert [found.name for found in list_studies(runs_root)] == [study.name]
    assert execute(run.path) == "finished"
    assert [job for job, _ in study.finished()] == [study.jobs[2]]


def test_runs_of_a_curve_are_cut_to_their_size(new: Callable[..., Study], dataset: Dataset) -> None:
    study = new("curve", sizes=(8, 20), seeds=2)
    for job, run in zip(study.jobs, prepared(study), strict=True):
        assert job.size is not None
        expected = shorten(resplit(dataset, job.seed), job.size, job.seed)
        assert (run.dataset().split == expected.split).all()
        assert (run.dataset().split == TRAIN).sum() == job.size


def test_what_is_not_used_is_not_learned_from(new: Callable[..., Study]) -> None:
    study = new("curve", sizes=(8, 20), seeds=2)
    run = prepared(study)[0]
    seen: list[Started] = []
    execute(run.path, lambda event: seen.append(event) if isinstance(event, Started) else None)
    dataset = run.dataset()
    assert (dataset.split == UNKNOWN).any()
    used = {word for row in dataset.rows("train") for word in dataset.texts[row].split()}
    assert set(seen[0].vocabulary.words[4:]) <= used | {"[CLS]", "[MASK]", "[UNK]", "[PAD]"}


def test_runs_that_share_a_smaller_number_of_training_texts_have_that_number(
    new: Callable[..., Study], settings: Settings
) -> None:
    base = settings("none", "repaired", epochs=1)
    study = new(base=replace(base, data=replace(base.data, train_rows=12)))
    assert {len(run.dataset().rows("train")) for run in prepared(study)} == {12}


def test_a_study_is_found_by_its_name_alone(new: Callable[..., Study], runs_root: Path) -> None:
    study = new()
    assert find_study(runs_root, study.name).config == study.config
    for name in (f"../runs/{study.name}", f"{study.name}/", "x", "", "20260101-000000-0123456789abcdef"):
        assert refused(lambda name=name: find_study(runs_root, name)).code == "unknown_study"
    assert list_studies(runs_root / "nowhere") == []


def test_only_the_same_settings_on_the_same_texts_are_gone_on_with(
    new: Callable[..., Study], runs_root: Path, dataset: Dataset
) -> None:
    study = new()
    config, labels = study.config, dataset.labels.copy()
    labels[0] = 1 - labels[0]
    assert same_study(runs_root, StudyConfig.from_json(config.to_json()), study.dataset()).name == study.name  # type: ignore[union-attr]
    assert same_study(runs_root, replace(config, seeds=7), dataset) is None
    others = [
        replace(dataset, texts=[*dataset.texts[:-1], "another text"]),
        replace(dataset, labels=labels),
        replace(dataset, classes=("class_0", "class_9")),
        replace(dataset, given=dataset.split),
    ]
    assert [same_study(runs_root, config, other) for other in others] == [None] * 4
    assert same_study(runs_root / "nowhere", config, dataset) is None
    shutil.copytree(study.path, runs_root / ("20200101-000000-" + "0" * 16))
    assert same_study(runs_root, config, dataset).name == study.name  # type: ignore[union-attr]


def test_progress_counts_what_is_done_under_way_and_failed(new: Callable[..., Study]) -> None:
    study = new()
    first = study.progress()
    assert (first.state, first.done, first.working, first.failed, first.total) == ("stopped", 0, 0, 0, 6)
    assert (first.fraction, first.remaining, first.error) == (0.0, None, None)
    runs = prepared(study)
    study.sign_of_life()
    for run in runs:
        files.write_json(run.path / "result.json", {"arms": []})
    runs[0].write_status(Status("finished", elapsed=10, fraction=1.0))
    runs[1].write_status(Status("training", elapsed=5, fraction=0.5))
    runs[2].write_status(Status("queued"))
    runs[3].write_status(Status("failed", error=("no_device", {"device": "mps", "available": "cpu"})))
    now = study.progress()
    assert (now.state, now.done, now.working, now.failed) == ("working", 1, 2, 1)
    assert now.fraction == pytest.approx(1.5 / 6)
    # 15 seconds for 1.5 of 6 runs: 45 more, two at a time.
    assert now.remaining == pytest.approx(22.5)
    assert now.error == ("no_device", {"device": "mps", "available": "cpu"})
    study.let_go()
    assert study.progress().state == "failed"
    for run in runs:
        run.write_status(Status("finished", fraction=1.0))
    done = study.progress()
    assert (done.state, done.done, done.failed, done.fraction, done.remaining) == ("finished", 6, 0, 1.0, None)


def test_a_study_is_taken_by_one_and_by_the_next_only_once_that_one_fell_silent(new: Callable[..., Study]) -> None:
    study = new()
    assert not study.worked_on()
    assert study.take()
    assert study.worked_on()
    assert not Study(study.path).take()
    past = time.time() - ALIVE_FOR - 1
    os.utime(study.path / "alive", (past, past))
    assert not study.worked_on()
    assert Study(study.path).take()
    study.let_go()
    assert study.take()


def test_wishes_and_what_was_found_in_the_texts_are_kept(new: Callable[..., Study], report: Report) -> None:
    study = new()
    assert study.wanted() == "run"
    study.command("stop")
    assert Study(study.path).wanted() == "stop"
    assert all(study.data_report(lang) == json.loads(json.dumps(report.to_json(lang))) for lang in LANGUAGES)


def test_results_are_those_of_the_runs_that_are_done(new: Callable[..., Study]) -> None:
    study = new("sweep", axes=(("topk.keep", (0.4, 0.8)),), seeds=1, base=replace(
        new().config.base, arms=("none", "topk"),
    ))  # fmt: skip
    runs = prepared(study)
    assert results(study) == []
    assert execute(runs[1].path) == "finished"
    found = results(study)
    assert [(r.arm, r.seed, r.cell, r.run) for r in found] == [
        ("none", 0, (("topk.keep", 0.8),), runs[1].name),
        ("topk", 0, (("topk.keep", 0.8),), runs[1].name),
    ]
    stored = runs[1].result()
    assert stored is not None
    assert [r.values for r in found] == stored["arms"]
    for r in found:
        assert r.right is not None
        assert r.right.mean() == pytest.approx(r.score("accuracy"))
        assert len(r.right) == np.sum(r.values["test"]["confusion"])
        assert json.dumps(r.to_json())

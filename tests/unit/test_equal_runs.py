"""An experiment is found again by what it was made of, unless it was changed, waits, or is a visitor's own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from dynmask_core.config import Controls, ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.data.samples import PREFIX
from dynmask_core.runs import Run, Status, equal, files
from dynmask_core.ui.visitor import _token


@pytest.fixture
def config(settings: Callable[..., ExperimentConfig]) -> ExperimentConfig:
    made = settings("static", "repaired")
    return replace(made, data=replace(made.data, source=PREFIX + "fruit"))


@pytest.fixture
def entered(runs_root: Path, config: ExperimentConfig, dataset: Dataset) -> Run:
    run = Run.create(runs_root, config, dataset)
    run.write_status(Status("queued", epochs=2, place=1))
    equal.enter(run, equal.key_of(config, dataset), "anna")
    return run


def found(config: ExperimentConfig, dataset: Dataset, root: Path) -> str | None:
    run = equal.find(root, equal.key_of(config, dataset))
    return run.name if run else None


def test_equal_experiments_have_one_key(config: ExperimentConfig, dataset: Dataset) -> None:
    key = equal.key_of(config, dataset)
    assert key == equal.key_of(ExperimentConfig.from_json(config.to_json()), replace(dataset))
    others = [
        equal.key_of(replace(config, arms=("repaired", "static")), dataset),
        equal.key_of(replace(config, controls=Controls(step_size=0.5)), dataset),
        equal.key_of(replace(config, train=replace(config.train, seed=1)), dataset),
        equal.key_of(config, replace(dataset, texts=[*dataset.texts[:-1], "another"])),
        equal.key_of(config, replace(dataset, split=dataset.split[::-1])),
    ]
    assert len({key, *others}) == 6


def test_another_version_of_the_code_is_another_experiment(
    config: ExperimentConfig, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = equal.key_of(config, dataset)
    monkeypatch.setattr(equal, "code", lambda: "another")
    assert equal.key_of(config, dataset) != before


def test_a_visitors_own_text_is_never_compared(config: ExperimentConfig, dataset: Dataset, runs_root: Path) -> None:
    own = replace(config, data=replace(config.data, source="mine.csv"))
    assert equal.key_of(own, dataset) == ""
    run = Run.create(runs_root, own, dataset)
    equal.enter(run, "", "anna")
    assert found(own, dataset, runs_root) is None
    assert not (runs_root / equal.FOLDER).exists()


def test_a_run_is_found_while_it_goes_on_and_when_it_has_finished(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path
) -> None:
    expected = {"queued": True, "starting": True, "training": True}
    expected |= dict.fromkeys(("paused", "stopped", "interrupted", "failed"), False)
    for state, there in expected.items():
        entered.write_status(Status(state))  # type: ignore[arg-type]
        assert (found(config, dataset, runs_root) == entered.name) is there, state
    files.write_json(entered.path / "result.json", {"arms": []})
    entered.write_status(Status("finished"))
    assert found(config, dataset, runs_root) == entered.name


def test_a_server_that_is_busy_for_some_seconds_does_not_start_the_experiment_twice(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path
) -> None:
    for seconds, there in ((15, True), (60, False)):
        silent = time.time() - seconds
        os.utime(entered.path / "alive", (silent, silent))
        assert (found(config, dataset, runs_root) == entered.name) is there


def test_a_run_that_will_pause_or_stop_is_not_found(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path
) -> None:
    for wish in ("pause", "stop"):
        entered.command(wish)  # type: ignore[arg-type]
        assert found(config, dataset, runs_root) is None
    entered.command("run", until=1)
    assert found(config, dataset, runs_root) is None
    entered.command("run")
    assert found(config, dataset, runs_root) == entered.name


def test_a_run_that_was_changed_is_not_found(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path
) -> None:
    entered.set_controls(Controls(step_size=0.5))
    assert found(config, dataset, runs_root) is None
    entered.set_controls(config.controls)
    assert found(config, dataset, runs_root) == entered.name
    files.append_line(entered.path / "events.jsonl", {"type": "controls_changed", "epoch": 1, "controls": {}})
    assert found(config, dataset, runs_root) is None  # it was moved there and back


def test_a_run_that_records_somebodys_sentence_is_not_found(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path
) -> None:
    entered.add_probe("a secret")
    assert found(config, dataset, runs_root) is None


def test_a_run_can_be_left_out_until_somebody_looks_on(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path
) -> None:
    equal.watch(entered, "anna")
    assert not equal.has_onlookers(entered)
    assert equal.leave(entered)
    assert found(config, dataset, runs_root) is None
    equal.watch(entered, "ben")
    assert not equal.leave(entered)
    assert equal.looks_on(entered, "ben")
    assert not equal.looks_on(entered, "anna")


def test_a_run_leaves_the_place_of_another_alone(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path
) -> None:
    later = Run.create(runs_root, config, dataset)
    later.write_status(Status("queued", epochs=2, place=1))
    equal.enter(later, equal.key_of(config, dataset), "ben")
    equal.leave(entered)
    assert found(config, dataset, runs_root) == later.name


def test_a_deleted_run_is_not_found(entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path) -> None:
    (entered.path / "config.json").unlink()
    assert found(config, dataset, runs_root) is None


def test_entries_of_runs_that_are_gone_do_not_pile_up(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Run.create(runs_root, config, dataset)
    equal.enter(gone, "gone", "anna")
    shutil.rmtree(gone.path)
    assert equal.tidy(runs_root) == 0, "looked through a moment ago"
    monkeypatch.setattr(equal, "AGAIN", 0.0)
    assert equal.tidy(runs_root) == 1
    assert found(config, dataset, runs_root) == entered.name
    assert len(list((runs_root / equal.FOLDER).iterdir())) == 1


def test_what_a_run_keeps_of_its_visitor_does_not_join_two_runs(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path
) -> None:
    other = Run.create(runs_root, config, dataset)
    equal.enter(other, "", "anna")
    marks = [(run.path / equal.MARK).read_text() for run in (entered, other)]
    assert "anna" not in "".join(marks)
    assert files.read_json(entered.path / equal.MARK)["owner"] != files.read_json(other.path / equal.MARK)["owner"]
    assert equal.started_by(entered, "anna")
    assert not equal.started_by(entered, "ben")


def test_finding_does_not_look_at_all_runs(
    entered: Run, config: ExperimentConfig, dataset: Dataset, runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(*_: object) -> None:
        raise AssertionError("all runs were listed")

    monkeypatch.setattr(Run, "listed", looked)
    monkeypatch.setattr(Path, "iterdir", looked)
    assert found(config, dataset, runs_root) == entered.name


def test_a_browser_is_known_again_by_its_cookie_whose_form_changes() -> None:
    first, second = (generate_xsrf_token_string(b"0123456789abcdef") for _ in range(2))
    assert first != second
    assert _token(first) == _token(f'"{second}"') == b"0123456789abcdef".hex()
    assert _token(generate_xsrf_token_string(b"another token 16")) != _token(first)
    for odd in ("", "2|00", "2||aa|1", "2|zz|zz|1"):
        assert _token(odd) == ""

"""Runs keep the models of several epochs with their masks; runs of a study only if asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from dynmask_core.analysis.subject import Subject
from dynmask_core.config import Controls, ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd, Event
from dynmask_core.jobs import execute
from dynmask_core.runs import Run, writer

Make = Callable[..., ExperimentConfig]


def test_every_epoch_can_be_opened_with_the_mask_it_had(tmp_path: Path, settings: Make, dataset: Dataset) -> None:
    run = Run.create(tmp_path, settings("none", "repaired", epochs=3, controls=Controls(0.1, 0.0, 0.1)), dataset)
    masks: dict[int, np.ndarray] = {}

    def listen(event: Event) -> None:
        if isinstance(event, EpochEnd):
            masks[event.epoch] = event.word_masks["repaired"]

    execute(run.path, listen)
    assert run.kept_epochs() == [0, 1, 2, 3]
    steps = Subject.open(run, "repaired", 1).step
    assert steps >= 1
    for epoch in run.kept_epochs():
        opened = Subject.open(run, "repaired", epoch)
        mask = opened.strategy.word_mask()
        assert mask is not None
        assert (mask == masks[epoch]).all()
        assert opened.epoch == epoch
        assert opened.step == epoch * steps
    assert (masks[0] != masks[3]).any()


def test_weights_are_halved_and_masks_stay_exact(finished_run: Run) -> None:
    stored = load_file(finished_run.kept_file(3))
    kinds = {name.split(".")[0]: {array.dtype for n, array in stored.items() if n[0] == name[0]} for name in stored}
    assert kinds["0"] == kinds["1"] == {np.dtype(np.float16)}
    masks = [array for name, array in stored.items() if name.startswith("mask.1.") and array.dtype.kind == "f"]
    assert masks
    assert all(array.itemsize > 2 for array in masks)


def test_the_answers_of_a_kept_epoch_are_those_that_were_recorded(finished_run: Run) -> None:
    probes = [probe.text for probe in finished_run.probes()]
    for epoch in (0, 3):
        for arm in finished_run.config().arms:
            said = Subject.open(finished_run, arm, epoch).probabilities(probes)
            for index, chances in enumerate(said):
                recorded = finished_run.snapshot(epoch).probe(index, arm)
                assert recorded is not None
                np.testing.assert_allclose(chances, recorded.probabilities, atol=0.005)


@pytest.mark.parametrize(("asked", "kept"), [(None, []), (1, [0, 2]), (5, [0, 1, 2])])
def test_a_run_of_a_study_keeps_models_only_if_asked(
    tmp_path: Path, settings: Make, dataset: Dataset, asked: int | None, kept: list[int]
) -> None:
    whole = Run.create(tmp_path / "all", settings(), dataset)
    config = settings("none", keep_epochs=asked)
    run = Run.derive(tmp_path / "one", config, whole.path / "dataset.npz", dataset.split)
    execute(run.path)
    assert run.kept_epochs() == kept
    assert run.config().train.keep_epochs == asked


def test_of_large_models_fewer_epochs_are_kept(
    tmp_path: Path, settings: Make, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.create(tmp_path, settings("none", epochs=5), dataset)
    sizes: list[int] = []

    def listen(event: Event) -> None:
        if isinstance(event, EpochEnd) and not event.epoch:
            sizes.append(sum(array.nbytes for array in writer.kept(event.state).values()))
            monkeypatch.setattr(writer, "MOST_KEPT", 2 * sizes[0])

    execute(run.path, listen)
    assert run.kept_epochs() == [0, 3, 5]


def test_the_setting_leaves_the_name_of_other_experiments_alone(settings: Make) -> None:
    config = settings()
    assert "keep_epochs" not in config.to_json()["train"]
    asked = replace(config, train=replace(config.train, keep_epochs=3))
    assert ExperimentConfig.from_json(asked.to_json()) == asked
    assert asked.digest() != config.digest()


def test_a_run_without_kept_models_can_still_be_asked_at_its_best_epoch(
    tmp_path: Path, settings: Make, dataset: Dataset
) -> None:
    run = Run.create(tmp_path, settings("none", keep_epochs=0), dataset)
    execute(run.path)
    result = run.result()
    assert result is not None
    assert run.kept_epochs() == []
    assert Subject.open(run, "none").epoch == result["arms"][0]["best_epoch"]
    with pytest.raises(InputError) as caught:
        Subject.open(run, "none", 1)
    assert caught.value.code == "epoch_not_kept"
    with pytest.raises(InputError) as caught:
        Subject.open(run, "nobody")
    assert caught.value.code == "bad_setting"


def test_a_stopped_run_is_opened_at_its_best_epoch_so_far(tmp_path: Path, settings: Make, dataset: Dataset) -> None:
    run = Run.create(tmp_path, settings("none", epochs=4), dataset)

    def stop(event: Event) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 2:
            run.command("stop")

    assert execute(run.path, stop) == "stopped"
    best = max((e for e in run.events() if e["type"] == "arm_epoch"), key=lambda e: e["epoch"])["best_epoch"]
    assert Subject.open(run, "none").epoch == best in (1, 2)
    assert run.kept_epochs() == [0, 1, 2]
    assert Subject.open(run, "none", 2).probabilities(["a b"]).shape == (1, 2)

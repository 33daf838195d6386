"""Restoring hidden patches: what is hidden, what is asked, and what the scores mean."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from examples import example

from dynmask_core.cli import main
from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, RestoreSettings, TrainConfig
from dynmask_core.data import load_sample
from dynmask_core.data.corpus import build_corpus
from dynmask_core.errors import InputError
from dynmask_core.inputs import INPUTS, fit_to
from dynmask_core.inputs.numeric import Numeric
from dynmask_core.model import Output
from dynmask_core.tasks.restore import Restore
from dynmask_core.training.learner import Learner

ARMS = ("static", "dynamic")


@pytest.fixture(scope="module")
def task() -> Restore:
    torch.set_num_threads(1)
    base = ExperimentConfig(
        DataConfig("digits"),
        ModelConfig(16, 2, 1),
        train=TrainConfig(epochs=3, batch_size=8, device="cpu"),
        arms=ARMS,
        task=RestoreSettings(),
    )
    data = example("image")
    return Restore.of(fit_to(base, data, given=("arms", "epochs", "batch_size")), data)


def learner(task: Restore, arm: str) -> Learner:
    return Learner(arm, task, torch.device("cpu"), 10)


def hidden(task: Restore, arm: str, split: str, epoch: int) -> torch.Tensor:
    masked = learner(task, arm).averaged
    rows = task.corpus.rows("train")[:6]
    context = masked.batch([task.corpus.ids[row] for row in rows], rows, split, epoch)  # type: ignore[arg-type]
    plan = masked.strategy.plan(context)
    assert plan.labels is not None
    assert plan.token_gate is not None
    assert ((plan.labels >= 0) == (plan.token_gate == 0)).all()
    assert not (plan.labels >= 0)[~context.maskable].any()
    return plan.labels >= 0


def test_static_hides_the_same_patches_dynamic_others_and_both_as_many(task: Restore) -> None:
    found = {arm: [hidden(task, arm, "train", epoch) for epoch in (1, 2)] for arm in ARMS}
    assert torch.equal(*found["static"])
    assert not torch.equal(*found["dynamic"])
    for masks in found.values():
        for mask in masks:
            assert set(mask.sum(1).tolist()) <= {9, 10}  # .6 of 16


def test_all_arms_are_judged_on_the_same_hidden_patches(task: Restore) -> None:
    assert torch.equal(hidden(task, "static", "validation", 1), hidden(task, "dynamic", "validation", 1))


def test_a_model_that_says_the_average_explains_nothing_and_one_that_sees_explains_all(task: Restore) -> None:
    made = learner(task, "dynamic")
    with torch.no_grad():
        made.averaged.model.head.weight.zero_()
        made.averaged.model.head.bias.zero_()
    scores = task.evaluate(made.averaged, "validation", 1).scores
    assert scores["accuracy"] == pytest.approx(0, abs=1e-6)
    rows = task.corpus.rows("train")
    context = made.averaged.batch([task.corpus.ids[row] for row in rows], rows, "train", 1)
    plan = made.strategy.plan(context)
    row, place = (plan.labels >= 0).nonzero(as_tuple=True)
    truth = (context.units[row, place] - torch.from_numpy(task.average)[place]) / task.scale
    output = Output(torch.zeros_like(truth), torch.ones(1, len(rows)), (2,), None, None)
    nothing = task.loss(output, context, plan)
    assert float(nothing.mean) == pytest.approx(1, abs=0.1)
    assert int(nothing.right) == 0
    seen = task.loss(replace(output, logits=truth), context, plan)
    assert float(seen.mean) == 0
    assert int(seen.right) == seen.count == len(truth)


def test_what_is_hidden_is_not_read(task: Restore) -> None:
    masked = learner(task, "dynamic").averaged
    row = task.corpus.rows("train")[:1]
    units = task.corpus.ids[row[0]]
    context = masked.batch([units], row, "train", 1)
    plan = masked.strategy.plan(context)
    asked = (plan.labels[0] >= 0).numpy()
    changed = np.where(asked[:, None], np.random.default_rng(0).normal(size=units.shape), units).astype(np.float32)
    other = masked.batch([changed], row, "train", 1)
    assert torch.equal(masked.forward(context, plan).logits, masked.forward(other, plan).logits)


def test_the_average_is_that_of_training_alone(task: Restore) -> None:
    samples = np.stack([task.corpus.ids[row] for row in task.corpus.rows("train")])
    np.testing.assert_allclose(task.average, samples.mean(0), atol=1e-5)
    assert task.scale == pytest.approx((samples - samples.mean(0))[:, 1:].std(), rel=1e-4)


def test_the_share_of_patches_ever_hidden_grows_only_if_masks_change(task: Restore) -> None:
    static, dynamic = ([task.told(arm, epoch)["ever_asked"] for epoch in (1, 2, 3)] for arm in ARMS)
    assert static[0] == static[2] == pytest.approx(0.6, abs=0.03)
    assert dynamic[0] < dynamic[1] < dynamic[2]


def test_mlm_restores_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--epochs", "2", "--max-rows", "60", "--model", "tiny", "--refresh", "dynamic", "--json")
    assert main(["mlm", "sample:digits", *options, "--runs-dir", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["corpus"]["parts"] == {"train": 54, "validation": 6}
    assert len(told["arms"][0]["accuracy"]) == 2
    assert 0.5 < told["arms"][0]["validation_loss"][-1] < 1.5


def test_mlm_restores_sounds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--epochs", "1", "--max-rows", "60", "--model", "tiny", "--refresh", "dynamic", "--json")
    assert main(["mlm", "sample:spoken_words", *options, "--runs-dir", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 0.5 < told["arms"][0]["validation_loss"][-1] < 1.5


@pytest.mark.parametrize("kind", [kind for kind in INPUTS.values() if issubclass(kind, Numeric)])
def test_units_that_are_numbers_can_be_restored_whatever_they_are_of(kind: type[Numeric]) -> None:
    assert Restore.needs <= kind.provides


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(InputError) as told:
        build_corpus(load_sample("digits"), DataConfig("digits", max_rows=10), 0)
    assert told.value.code == "corpus_few_media"

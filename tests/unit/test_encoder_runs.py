"""Runs that start from a pre-trained encoder: what learns, what is stored, and that the folder is needed once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from small_encoders import DIM, LAYERS, bert, small_bert

from dynmask_core.analysis.model_file import ModelFile
from dynmask_core.analysis.predict import predict
from dynmask_core.analysis.standing import standing
from dynmask_core.analysis.subject import Subject
from dynmask_core.cli import main
from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd, Event
from dynmask_core.inputs import fit_to, make_input
from dynmask_core.jobs import execute
from dynmask_core.masks import MaskPlan
from dynmask_core.model import Backbone
from dynmask_core.runs import Run, RunWriter
from dynmask_core.runs.parcel import FETCHED, SENT, pack
from dynmask_core.runs.store import export_run, open_export
from dynmask_core.tasks import offered, task_of
from dynmask_core.training.depth import by_rate
from dynmask_core.training.fit import fit
from dynmask_core.training.learner import Learner

ARMS = ("none", "repaired")
TEXTS = ["ba bo bu film", "good film", ""]


def config(folder: Path | None = None, *arms: str, **training: Any) -> ExperimentConfig:
    torch.set_num_threads(1)
    train = TrainConfig(**{"epochs": 2, "batch_size": 16, "device": "cpu", "trained_blocks": 1, **training})
    encoder = str(folder or small_bert())
    data = DataConfig("planted", max_tokens=40)
    return ExperimentConfig(data, train=train, arms=arms or ARMS, input="pieces", encoder=encoder)


def fitted(dataset: Dataset, made: ExperimentConfig) -> ExperimentConfig:
    return fit_to(made, dataset, given=("arms", "epochs", "batch_size", "trained_blocks"))


def learner(dataset: Dataset, made: ExperimentConfig) -> Learner:
    task = task_of(made).of(fitted(dataset, made), dataset)
    found = Learner(made.arms[-1], task, torch.device("cpu"), 10)
    found.begin_with(task.reader.weights())
    return found


def step(one: Learner) -> None:
    rows = one.task.corpus.rows("train")[:8]
    context = one.averaged.batch([one.task.corpus.ids[row] for row in rows], rows, "train", 1)
    one.strategy.on_epoch(1, one.config.controls)
    one.model.train()
    one.train_step(context.with_labels(torch.from_numpy(one.task.corpus.labels[rows])))


def values(model: Backbone) -> dict[str, np.ndarray]:
    return {name: weight.detach().numpy().copy() for name, weight in model.named_parameters()}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Run:
    """A finished run whose folder is gone."""
    root = tmp_path_factory.mktemp("encoded")
    folder = bert(root / "encoder")
    run = Run.create(root, fitted(dataset, config(folder)), dataset)
    execute(run.path)
    shutil.rmtree(folder)
    return run


def test_the_model_is_that_of_the_folder(dataset: Dataset) -> None:
    made = fitted(dataset, config())
    assert (made.model.dim, made.model.layers, made.model.norm) == (DIM, LAYERS, "post")
    start = learner(dataset, made)
    given = make_input(made)
    given.encode(dataset)
    for name, weight in given.weights().items():
        np.testing.assert_array_equal(values(start.model)[name], weight.numpy())
        np.testing.assert_array_equal(values(start.averaged.model)[name], weight.numpy())


@pytest.mark.parametrize("trained", [0, 1, 2, 24, None])
def test_only_the_last_blocks_and_the_head_learn(dataset: Dataset, trained: int | None) -> None:
    one = learner(dataset, config(trained_blocks=trained))
    before = values(one.model)
    step(one)
    moved = {name for name, value in values(one.model).items() if (value != before[name]).any()}
    places = {name.split(".")[2] if name.startswith("encoder") else name.split(".")[0] for name in moved}
    blocks = LAYERS if trained is None else min(trained, LAYERS)
    expected = {"head", *(str(block) for block in range(LAYERS - blocks, LAYERS))}
    assert places == (expected | {"embedding"} if trained is None else expected)


def test_lower_blocks_learn_more_slowly(dataset: Dataset) -> None:
    one = learner(dataset, config(trained_blocks=None))
    names = {id(weight): name for name, weight in one.model.named_parameters()}
    rates = {names[id(weight)]: rate for rate, group in by_rate(one.model, 0.5) for weight in group}
    assert rates["head.weight"] == rates["encoder.blocks.1.up.weight"] == 1
    assert rates["encoder.blocks.0.up.weight"] == 0.5
    assert rates["embedding.token.weight"] == 0.25
    assert len(rates) == len(names)


@pytest.mark.parametrize("arm", offered(ExperimentConfig(input="pieces", encoder=str(small_bert()))))
def test_every_mask_works_on_it(arm: str, dataset: Dataset) -> None:
    one = learner(dataset, config(None, arm))
    step(one)
    assert all(np.isfinite(value).all() for value in values(one.model).values())
    rows = one.task.corpus.rows("test")
    masked = one.averaged
    for answered in masked.answer([one.task.corpus.ids[row] for row in rows], rows, "test", 1):
        context, plan = answered.context, answered.plan
        in_place = masked.forward(context, plan, trace=True)
        torch.testing.assert_close(answered.output.logits, in_place.logits, atol=1e-5, rtol=1e-4)
        if plan.token_gate is not None:
            assert (plan.token_gate[context.special] == 1).all()
        if plan.keep is not None:
            assert plan.keep[context.special & context.attention_mask].all()


def test_heads_that_are_cut_out_give_the_numbers_of_closed_ones(dataset: Dataset) -> None:
    masked = learner(dataset, config()).averaged
    context = masked.batch([masked.reader.read(text) for text in TEXTS], np.array([-1, -2, -3]), "test", 1)
    keep = torch.tensor([[True, False], [False, False]])
    cut = masked.forward(context, MaskPlan(head_keep=keep))
    closed = masked.forward(context, MaskPlan(head_gate=keep.float()))
    torch.testing.assert_close(cut.logits, closed.logits, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(cut.logits, masked.forward(context, MaskPlan()).logits)


def test_what_never_changes_is_stored_once(done: Run) -> None:
    frozen = load_file(done.frozen_file)
    assert "embedding.token.weight" in frozen
    files = [done.weights_file(arm) for arm in ARMS] + [done.kept_file(epoch) for epoch in done.kept_epochs()]
    assert len(files) == 5
    for path in files:
        assert not [name for name in load_file(path) if "embedding." in name or "blocks.0." in name]


def test_a_run_is_opened_without_the_folder(done: Run, tmp_path: Path) -> None:
    said = predict(done, TEXTS)
    assert said.predicted["none"][2] == ""
    for arm in ARMS:
        best = Subject.open(done, arm)
        again = Subject.open(done, arm, best.epoch) if best.epoch else best
        np.testing.assert_allclose(best.probabilities(TEXTS), again.probabilities(TEXTS), atol=5e-3)
        path = tmp_path / f"{arm}.zip"
        path.write_bytes(ModelFile.of_run(done, arm).to_bytes())
        np.testing.assert_array_equal(ModelFile.read(path).subject().probabilities(TEXTS), best.probabilities(TEXTS))


def test_its_pieces_travel_with_it(done: Run, tmp_path: Path) -> None:
    export_run(done, tmp_path / "run.zip")
    found = open_export(tmp_path / "run.zip").vocabulary()
    assert found is not None
    assert found.tokenizer
    assert found.tokenizer == done.vocabulary().tokenizer  # type: ignore[union-attr]
    assert b"tokenizer.json" in pack(done, FETCHED)
    assert b"frozen.safetensors" in pack(done, SENT)


def test_a_stopped_run_goes_on_without_the_folder_to_the_same_numbers(
    tmp_path: Path, dataset: Dataset, plain: Callable[[Any], Any]
) -> None:
    folder = bert(tmp_path / "encoder")
    made = fitted(dataset, config(folder, epochs=3))
    whole: list[Event] = [event for event in fit(made, dataset) if not isinstance(event, EpochEnd)]
    run = Run.create(tmp_path, made, dataset)
    writer = RunWriter(run)
    for event in fit(made, dataset):
        writer.write(event)
        if isinstance(event, EpochEnd) and event.epoch == 1:
            break
    shutil.rmtree(folder)
    early = standing(run)
    assert early.early
    assert early.epoch == 1
    again = RunWriter(run)
    resumed = list(fit(again.config, dataset, resume=again.resume_state()))
    assert plain(resumed[-1]) == plain(whole[-1])


def test_without_the_folder_no_run_begins(dataset: Dataset, tmp_path: Path) -> None:
    made = replace(config(), encoder=str(tmp_path / "gone"))
    with pytest.raises(InputError, match="no folder"):
        fitted(dataset, made)


def test_settings_without_an_encoder_are_written_as_before() -> None:
    values = ExperimentConfig().to_json()
    assert "encoder" not in values
    assert "norm" not in values["model"]
    assert not {"trained_blocks", "rate_decay"} & set(values["train"])
    encoded = ExperimentConfig(
        model=ModelConfig(norm="post", ff_dim=40, activation="relu", norm_epsilon=1e-12, embedding_norm=True),
        train=TrainConfig(trained_blocks=2, rate_decay=0.9),
        encoder="small",
    )
    assert ExperimentConfig.from_json(encoded.to_json()) == encoded


def test_a_model_that_is_pre_trained_already_is_not_pre_trained(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["train", "sample:planted", "--encoder", str(small_bert()), "--arms", "pretrained"]
    assert main(command) == 2
    assert "pre-trained already" in capsys.readouterr().err


def test_the_command_trains_asks_and_predicts(
    runs_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "sample:planted", "--max-rows", "60", "--encoder", str(small_bert()), "--epochs", "1", "--json"]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert [arm["name"] for arm in told["arms"]] == ["none", "repaired"]
    settings = Run(runs_root / told["run"]).config()
    assert (settings.train.trained_blocks, settings.train.rate_decay) == (2, 0.9)
    (tmp_path / "new.txt").write_text("ba bo\nla film\n")
    assert main(["predict", told["run"], str(tmp_path / "new.txt"), "--json"]) == 0
    for what, *more in (
        ("errors",), ("lens", "--text", "Good movie"), ("act", "--text", "Good movie"), ("trajectories",),
    ):  # fmt: skip
        assert main(["ask", told["run"], "--what", what, *more, "--json"]) == 0, capsys.readouterr().err
    assert main(["train", "sample:planted", "--encoder", "nowhere", "--json"]) == 2
    assert main(["train", "sample:planted", "--encoder", str(small_bert()), "--trained-blocks", "x"]) == 2

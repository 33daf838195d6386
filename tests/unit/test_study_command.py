"""The command that a study shows repeats that study."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from dynmask_core.cli import compare, curve, sweep
from dynmask_core.cli.main import parser
from dynmask_core.config import PRESETS, Controls, DataConfig, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.studies import StudyConfig
from dynmask_core.studies.command import command_of

THREE = ExperimentConfig(arms=("none", "static", "repaired"))
ONE = ExperimentConfig(arms=("repaired",))
ODD = ExperimentConfig(
    DataConfig("my 'odd' $(file).csv", "the text", "-label", "part", "characters", 500, 100),
    PRESETS["tiny"],
    MaskConfig("constant", 0.25, "per_example", "multiply"),
    Controls(0.05, 0.0, 1.0),
    TrainConfig(epochs=3, batch_size=8, seed=7, device="cpu"),
    ("none", "repaired+topk:0.5", "dropout:0.5..0@cosine:refresh=forward"),
)
CASES = [
    StudyConfig("compare", THREE),
    StudyConfig("compare", ODD, seeds=6),
    StudyConfig("compare", ODD, axes=(("learning_rate", (0.001, 1e-05)), ("topk.keep", (0.2, 1.0)))),
    StudyConfig("compare", THREE, test_on="sample:negation"),
    StudyConfig("compare", replace(THREE, data=DataConfig("-dash.csv")), test_on="-other file.csv"),
    StudyConfig("sweep", ONE, seeds=3, axes=(("step_size", (0.01, 0.1)), ("evidence_threshold", (0.0, 1.5)))),
    StudyConfig("sweep", ONE, seeds=1, axes=(("keep_threshold", (0.1,)), ("preset", ("tiny", "small")))),
    StudyConfig("sweep", ONE, seeds=1, axes=(("dropout", (0.1, 0.2)), ("step_size", (0.1, 0.2)))),
    StudyConfig("sweep", ONE, seeds=1, axes=(("evidence_threshold", (1.0,)), ("step_size", (0.1, 0.2)))),
    StudyConfig("curve", THREE, seeds=7, sizes=(50, 100, 200, 400)),
    StudyConfig("curve", ODD, seeds=2, sizes=(20, 40)),
]


def read_back(command: str, monkeypatch: pytest.MonkeyPatch) -> StudyConfig:
    """The study that the command would work on."""
    words = shlex.split(command, comments=True)
    assert words[0] == "dynmask"
    arguments = parser().parse_args(words[1:])
    seen: list[StudyConfig] = []

    def instead(_: Any, config: StudyConfig) -> dict[str, Any]:
        seen.append(config)
        return {}

    for module in (compare, sweep, curve):
        monkeypatch.setattr(module, "run_study", instead)
    arguments.run(arguments)
    return seen[0]


@pytest.mark.parametrize("config", CASES, ids=lambda config: config.kind)
def test_the_command_read_back_is_the_same_study(config: StudyConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    command = command_of(config)
    assert "\n" not in command
    assert read_back(command, monkeypatch) == config


@pytest.mark.parametrize("config", [CASES[0], CASES[5], CASES[9]], ids=lambda config: config.kind)
def test_what_a_command_does_unasked_is_not_said(config: StudyConfig) -> None:
    assert "--arms" not in command_of(config)
    assert "--seeds" not in command_of(config)
    assert "--epochs" not in command_of(config)


def test_a_sweep_with_other_controls_than_usual_trains_the_same_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    base = replace(ONE, controls=Controls(keep_threshold=0.3))
    config = StudyConfig("sweep", base, seeds=1, axes=(("step_size", (0.1, 0.2)),))
    again = read_back(command_of(config), monkeypatch)
    assert [job.digest for job in again.jobs()] == [job.digest for job in config.jobs()]


@pytest.mark.parametrize("config", [
    StudyConfig("curve", THREE, seeds=2, axes=(("step_size", (0.1, 0.2)),), sizes=(20, 40), test_on="sample:negation"),
    StudyConfig("sweep", ONE, seeds=1, axes=(("step_size", (0.1, 0.2)),), test_on="sample:negation"),
], ids=lambda config: config.kind)  # fmt: skip
def test_what_only_python_can_ask_of_a_kind_stands_in_comments(
    config: StudyConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = command_of(config)
    assert "# no option says this: test_on = sample:negation" in command
    assert ("# no option says this: axes.step_size = 0.1,0.2" in command) == (config.kind == "curve")
    left = {"axes": ()} if config.kind == "curve" else {}
    assert read_back(command, monkeypatch) == replace(config, test_on="", **left)


def test_settings_without_an_option_stand_in_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    base = replace(THREE, model=ModelConfig(dim=48, layers=1), train=TrainConfig(learning_rate=0.01))
    command = command_of(StudyConfig("compare", base))
    assert command.splitlines()[:-1] == [
        "# no option says this: model.dim = 48",
        "# no option says this: model.layers = 1",
        "# no option says this: train.learning_rate = 0.01",
    ]
    assert read_back(command, monkeypatch).base.model == PRESETS["small"]

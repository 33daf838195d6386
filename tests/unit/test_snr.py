"""How the models of a run answer in noise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from examples import example

from dynmask_core.analysis.kept import kept
from dynmask_core.analysis.snr import LEVELS, Finds, InNoise, known, snr
from dynmask_core.cli.main import main
from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data.sound.features import BANDS
from dynmask_core.data.sound.noise import NOISES
from dynmask_core.errors import InputError
from dynmask_core.inputs import fit_to
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text, told
from dynmask_core.report import run_report
from dynmask_core.report.figures import draw
from dynmask_core.report.questions.snr import blocks, said
from dynmask_core.report.run_content import sought
from dynmask_core.runs import Run

ARMS = ("none", "bandgate")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    torch.set_num_threads(1)
    made = ExperimentConfig(
        DataConfig("few"),
        ModelConfig(dim=16, heads=2, layers=2),
        train=TrainConfig(epochs=6, batch_size=16, device="cpu"),
        arms=ARMS,
    )
    data = example("sound")
    run = Run.create(tmp_path_factory.mktemp("sounds"), fit_to(made, data), data)
    assert execute(run.path) == "finished"
    return run


@pytest.fixture(scope="module")
def found(run: Run) -> dict[str, InNoise]:
    return snr(run)


def test_every_arm_answers_in_every_noise_at_every_level(run: Run, found: dict[str, InNoise]) -> None:
    data = run.dataset()
    for arm in ARMS:
        one = found[arm]
        assert set(one.noises) == set(NOISES)
        assert all(len(values) == len(LEVELS) for values in one.noises.values())
        assert one.sounds == one.given == len(data.rows("test"))
        assert not one.known  # the data have no targets
        np.testing.assert_allclose(one.mean, np.mean(list(one.noises.values()), axis=0))


def test_without_added_noise_the_accuracy_is_that_of_the_test(run: Run, found: dict[str, InNoise]) -> None:
    result = run.result()
    assert result is not None
    for arm in result["arms"]:
        assert found[arm["name"]].clean == pytest.approx(arm["test"]["accuracy"])


def test_only_a_mask_over_bands_is_asked_what_it_finds(found: dict[str, InNoise]) -> None:
    assert found["none"].finds is None
    finds = found["bandgate"].finds
    assert finds is not None
    assert 0 < finds.base < finds.energy < 1  # where it is loud there rather is sound than noise


def test_answers_are_kept_and_are_the_same_again(run: Run, found: dict[str, InNoise]) -> None:
    assert known(run) == found
    (run.path / "snr.json").unlink()
    assert snr(run, ["none"]) == {"none": found["none"]}
    assert set(kept(run, "snr")) == {"none"}
    snr(run)


def test_the_command_says_what_the_report_says(
    run: Run, found: dict[str, InNoise], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["ask", run.name, "--runs-dir", str(run.path.parent), "--what", "snr", "--json"]
    assert main(command) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["levels"] == list(LEVELS)
    assert [arm["mean"] for arm in result["arms"]] == [found[arm].mean for arm in ARMS]
    page = run_report(run, ".md", "en")
    assert all(sentence in page for sentence in result["said"])
    for lang in LANGUAGES:
        assert text("snr.title", lang) in run_report(run, ".html", lang)
        figures = [draw(block, lang) for block in blocks(list(found.values()), ARMS) if hasattr(block, "draw")]
        assert len(figures) == 1
        assert len(figures[0].data) == 2 * len(ARMS) + 1


def test_it_is_not_asked_of_texts(finished_run: Run, tmp_path: Path) -> None:
    assert "snr" not in sought(finished_run)
    with pytest.raises(InputError, match="sounds"):
        snr(finished_run)


@pytest.mark.parametrize("gate", [0.2, 0.9])
def test_a_mask_that_finds_less_than_loudness_does_is_not_praised(gate: float) -> None:
    one = InNoise(
        "bandgate", 10, 10, True, 1.0, {kind: [0.5] * len(LEVELS) for kind in NOISES}, [1.0] * len(LEVELS),
        Finds(gate, 0.4, 0.1),
    )  # fmt: skip
    assert ("does not find" in told(said([one])[0])) == (gate < 0.4)


def test_the_mask_of_every_band_is_recorded(run: Run) -> None:
    record = run.snapshot(6).probe(0, "bandgate")
    assert record is not None
    assert record.bands is not None
    assert record.bands.shape == (len(record.mask), BANDS)
    np.testing.assert_allclose(record.bands.mean(1) / 255, record.mask, atol=0.005)
    assert record.bands.std() > 0
    other = run.snapshot(6).probe(0, "none")
    assert other is not None
    assert other.bands is None

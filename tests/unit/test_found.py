"""Whether a mask finds an object whose pixels are known: the numbers themselves, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dynmask_core.analysis.found import BRIGHTNESS, MASK, RANDOM, Found, Source, _judged
from dynmask_core.cli import main
from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import build
from dynmask_core.data.media import picture_of
from dynmask_core.data.table import Table
from dynmask_core.inputs import fit_to
from dynmask_core.jobs import execute
from dynmask_core.runs import Run


def test_a_source_that_knows_the_object_is_told_from_one_that_does_not() -> None:
    rng = np.random.default_rng(0)
    truth = [rng.random(30) < 0.2 for _ in range(60)]
    values = {MASK: [one + 0.1 * rng.random(30) for one in truth], BRIGHTNESS: [rng.random(30) for _ in truth]}
    values[RANDOM] = [rng.random(30) for _ in truth]
    found = _judged("none", {"validation": values, "test": values}, {"validation": truth, "test": truth})
    by_name = {one.name: one for one in found.sources}
    assert by_name[MASK].precision == 1
    assert by_name[MASK].iou > 0.95  # a hundred thresholds are tried
    assert by_name[BRIGHTNESS].precision < 0.5
    assert by_name[BRIGHTNESS].p_value is None
    assert [one.key for one in found.said()] == ["found.better"]
    assert found.chance == pytest.approx(0.2, abs=0.05)


def test_equal_sources_are_said_to_be_equal() -> None:
    sources = [Source(MASK, 0.5, 0.4, p_value=0.5), Source(BRIGHTNESS, 0.5, 0.4)]
    assert [one.key for one in Found("none", sources, 9, 0.1).said()] == ["found.same"]


def test_the_command_compares_with_brightness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for number in range(40):
        pixels, known = rng.integers(0, 60, (8, 8), dtype=np.uint8), np.zeros((8, 8), dtype=np.uint8)
        place = slice(2, 4) if number % 2 else slice(4, 6)
        pixels[place, :4], known[place, :4] = 255, 1
        rows.append({"image": picture_of(pixels), "label": str(number % 2), "target": picture_of(known)})
    data, _ = build(Table(pd.DataFrame(rows, dtype=object), "png", name="bars"))
    made = ExperimentConfig(
        DataConfig("bars"), ModelConfig(16, 2, 2), train=TrainConfig(epochs=1, device="cpu"), arms=("none", "topk:0.5")
    )
    run = Run.create(tmp_path, fit_to(made, data, given=("arms", "epochs")), data)
    execute(run.path)
    assert main(["ask", run.name, "--what", "found", "--runs-dir", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    none, topk = ({one["name"]: one for one in arm["sources"]} for arm in told["arms"])
    assert set(none) == {"attention", "gradient", "brightness", "random"}  # no mask, no values
    assert set(topk) == {*none, "mask"}
    assert none["brightness"]["precision"] == none["brightness"]["iou"] == 1
    assert told["said"]


def test_data_without_known_pixels_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = ["--runs-dir", str(tmp_path)]
    settings = ["--epochs", "1", "--model", "tiny", "--max-rows", "60", "--arms", "none"]
    assert main(["train", "sample:planted", *settings, *runs, "--json"]) == 0
    name = json.loads(capsys.readouterr().out.splitlines()[-1])["run"]
    assert main(["ask", name, "--what", "found", *runs]) == 2
    assert "where objects are" in capsys.readouterr().err

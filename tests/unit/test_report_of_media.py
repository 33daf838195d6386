"""The report of a run on pictures or sounds shows them under their masks, and stays small and inert."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from examples import example

from dynmask_core.config import DataConfig, ExperimentConfig
from dynmask_core.inputs import fit_to
from dynmask_core.jobs import execute
from dynmask_core.report import run_report
from dynmask_core.report.questions.watched import MOST
from dynmask_core.runs import Run
from dynmask_core.ui.replay import make

LARGEST = 200_000
"""Bytes of all pictures of a report."""


@pytest.mark.parametrize("medium", ["image", "sound"])
def test_report_and_replay_hold_the_samples_under_their_masks(
    medium: str, settings: Callable[..., ExperimentConfig], tmp_path: Path
) -> None:
    data = example(medium)
    small = replace(settings("none", "dropout:0.5", epochs=1), data=DataConfig("few", max_tokens=64))
    run = Run.create(tmp_path, fit_to(small, data, given=("arms", "epochs", "batch_size")), data)
    assert execute(run.path) == "finished"
    page = run_report(run, ".html", "en")
    pictures = re.findall(r'<img src="([^"]*)" alt="([^"]+)">', page)
    shown = min(MOST, len(run.probes()))
    assert len(pictures) == 3 * shown
    assert all(re.fullmatch(r"data:image/png;base64,[A-Za-z0-9+/=]+", url) for url, _ in pictures)
    assert sum(len(url) for url, _ in pictures) < LARGEST
    assert len({url for url, _ in pictures[:3]}) == 2  # without a mask the sample is as it was; under one it is not
    plain = run_report(run, ".md", "zh")
    assert "base64" not in plain
    assert "//" in plain  # hidden parts, in characters
    assert make(run).sentences == len(run.probes())

"""The server's pre-trained encoders on the pages: a choice of names, never a path, and nothing where there are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_encoders import bert
from streamlit.testing.v1 import AppTest

from dynmask_core.config import ExperimentConfig
from dynmask_core.data.encoder_folder import SHELF
from dynmask_core.runs import Run, list_runs

Visit = Callable[..., AppTest]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    bert(tmp_path / "small")
    monkeypatch.setenv(SHELF, str(tmp_path))
    return tmp_path


def boxes(page: AppTest) -> list[Any]:
    return [box for box in page.selectbox if box.key == "encoder"]


@pytest.mark.parametrize("address", ["/train", "/compare"])
def test_without_encoders_there_is_no_choice(visit: Visit, address: str) -> None:
    assert not boxes(visit(address))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("address", ["/train", "/compare"])
def test_the_server_s_encoders_can_be_chosen_by_name(visit: Visit, shelf: Path, address: str, lang: str) -> None:
    (box,) = boxes(visit(f"{address}?lang={lang}"))
    assert len(box.options) == 2
    assert box.options[1] == "small"
    assert box.value == ""


def test_a_run_is_started_with_the_encoder(visit: Visit, shelf: Path, runs_root: Path) -> None:
    page = visit("/train?data=planted&encoder=small&epochs=2")
    page.button(key="do_start").click().run()
    assert not page.exception
    (run,) = list_runs(runs_root)
    config: ExperimentConfig = Run(run.path).config()
    assert (config.encoder, config.input, config.model.norm) == ("small", "pieces", "post")
    assert (config.train.epochs, config.train.trained_blocks) == (2, 2)


@pytest.mark.parametrize("written", ["../small", "/etc", "nowhere"])
def test_an_address_cannot_name_a_folder(visit: Visit, shelf: Path, written: str) -> None:
    page = visit(f"/train?encoder={written}")
    assert boxes(page)[0].value == ""
    assert not page.exception

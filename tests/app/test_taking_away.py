"""The section "Take it away" on the page of a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.analysis.tables import TABLES
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.runs import Run, Status

FINISHED = "20260501-093000-0123456789abcdef"


@pytest.fixture
def run(finished_run: Run, runs_root: Path) -> Run:
    shutil.copytree(finished_run.path, runs_root / FINISHED)
    return Run(runs_root / FINISHED)


def offered(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finished_run_offers_all_its_files(run: Run, visit: Callable[..., AppTest], lang: str) -> None:
    app = visit(f"/train?run={FINISHED}&view=scores&lang={lang}")
    assert not app.exception
    assert text("take.title", lang) in [heading.value for heading in app.subheader]
    names = [text(f"take.{what}", lang) for what in ("replay", "script", "model", *TABLES)]
    assert set(names) <= set(offered(app))


def test_while_a_run_trains_what_needs_its_models_is_not_offered(run: Run, visit: Callable[..., AppTest]) -> None:
    (run.path / "result.json").unlink()
    run.write_status(Status("training", epoch=3, epochs=9))
    app = visit(f"/train?run={FINISHED}&view=scores")
    assert not app.exception
    assert text("take.replay") in offered(app)
    assert not {text("take.model"), text("take.predictions")} & set(offered(app))

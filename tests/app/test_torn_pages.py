"""A page of a run with one harmed file says which, and shows what remains; it never breaks.

DYNMASK_LONG=1 takes every file with every harm, and every view.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import torn
from streamlit.testing.v1 import AppTest

Visit = Callable[..., AppTest]
VIEWS = {"finished": ("watch", "words", "ask", "errors", "scores", "beside"), "stopped": ("watch", "scores")}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> torn.Shelf:
    return torn.shelf(tmp_path_factory.mktemp("torn") / "runs", study=torn.LONG)


@pytest.fixture
def placed(shelf: torn.Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], torn.Shelf]:
    """Puts a new copy of the runs where the app looks for them."""

    def place() -> torn.Shelf:
        root = tmp_path / "runs"
        shutil.rmtree(root, ignore_errors=True)
        monkeypatch.setenv("DYNMASK_RUNS", str(root))
        st.cache_resource.clear()
        st.cache_data.clear()
        return shelf.copy(root)

    return place


def said(app: AppTest) -> str:
    return "\n".join(str(one.value).replace("\\", "") for one in (*app.error, *app.warning, *app.info))


def broken(app: AppTest) -> list[str]:
    return [str(one.value)[:120] for one in app.exception]


def test_no_harmed_file_breaks_a_page(visit: Visit, placed: Callable[[], torn.Shelf], shelf: torn.Shelf) -> None:
    found: dict[str, Any] = {}
    for number, (folder, file, how) in enumerate(shelf.cases(seed=1)[:: 1 if torn.LONG else 3]):
        here = placed()
        harmed = getattr(here, folder)
        torn.harm(harmed.path / file, how)
        views = VIEWS.get(folder, ("",))
        for view in views if torn.LONG else (views[number % len(views)],):
            page = f"/compare?study={harmed.name}" if folder == "study" else f"/train?run={harmed.name}&view={view}"
            if wrong := broken(visit(page)):
                found[f"{folder} {file} {how} {view}"] = wrong
    assert found == {}


def test_a_run_whose_settings_are_damaged_is_a_sentence_and_the_page_can_be_used(
    visit: Visit, placed: Callable[[], torn.Shelf]
) -> None:
    here = placed()
    torn.harm(here.finished.path / "config.json", "noise")
    app = visit(f"/train?run={here.finished.name}")
    assert not broken(app)
    assert f"{here.finished.name}/config.json" in said(app)
    assert not app.button(key="do_start").disabled


def test_a_lost_epoch_costs_its_picture_alone(visit: Visit, placed: Callable[[], torn.Shelf]) -> None:
    here = placed()
    torn.harm(here.finished.path / "snapshots" / "epoch_0001.npz", "cut")
    app = visit(f"/train?run={here.finished.name}&view=scores")
    assert not broken(app)
    assert not app.error
    assert "snapshots/epoch_0001.npz" in said(app)
    assert app.subheader  # the scores are there


def test_a_run_without_its_checkpoint_is_started_anew(
    visit: Visit, line: Any, placed: Callable[[], torn.Shelf]
) -> None:
    here = placed()
    torn.harm(here.stopped.path / "checkpoint.safetensors", "cut")
    app = visit(f"/train?run={here.stopped.name}")
    assert not broken(app)
    assert "checkpoint.safetensors" in said(app)
    app.button(key="do_anew").click().run()
    assert not broken(app)
    (begun,) = line.submitted
    assert begun.name != here.stopped.name
    assert begun.config() == here.stopped.config()
    assert here.stopped.epochs() == [0, 1]


def test_a_disk_that_refuses_is_a_sentence_without_the_server_s_folders(
    visit: Visit, placed: Callable[[], torn.Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = placed()
    app = visit("/train?data=fruit")
    monkeypatch.setattr("dynmask_core.runs.files.os.replace", torn.full)
    app.button(key="do_start").click().run()
    assert not broken(app)
    assert "The disk is full" in said(app)
    assert str(here.root) not in said(app)

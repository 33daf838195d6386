"""`data=lesson` and `run=lesson`: the pages show what the lesson of the address carries, the same on every server."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from carrying import lesson
from streamlit.testing.v1 import AppTest

from dynmask_core.config import DataConfig
from dynmask_core.data import read_bytes
from dynmask_core.data.load import load
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.kept import KeptLesson
from dynmask_core.messages import text
from dynmask_core.runs import Run
from dynmask_core.runs.store import export_run

Visit = Callable[..., AppTest]
WITH_DATA = lesson("train?data=lesson&model=tiny&epochs=1", "data?data=lesson", data="rated texts.csv")
WITH_RUN = lesson("train?run=lesson", run="run.zip")
ROWS = "stars,what they said\n" + "".join(
    f"{mark},{words} number {n}\n" for n in range(30) for mark, words in ((5, "a fine film"), (1, "a dull film"))
)


@pytest.fixture
def with_data(runs_root: Path) -> str:
    return KeptLesson.create(runs_root, Bundle(WITH_DATA, ROWS.encode())).name


def with_run(run: Run, root: Path, **options: bool) -> str:
    buffer = io.BytesIO()
    export_run(run, buffer, **options)
    return KeptLesson.create(root, Bundle(WITH_RUN, run=buffer.getvalue())).name


def test_the_file_of_a_lesson_becomes_the_same_data_set_as_the_readers_own(
    visit: Visit, line: object, with_data: str
) -> None:
    app = visit(f"/train?data=lesson&lesson={with_data}&model=tiny&epochs=1")
    assert not app.exception
    assert app.session_state["data"] == "lesson"
    assert app.query_params["lesson"] in (with_data, [with_data])
    app.button(key="do_start").click().run()
    assert not app.exception
    (run,) = line.submitted  # type: ignore[attr-defined]
    at_home = DataConfig("rated texts.csv", "what they said", "stars", "")
    expected, _ = load(read_bytes(ROWS.encode(), "rated texts.csv"), at_home, 0)
    assert run.config().data == at_home
    assert run.dataset().texts == expected.texts
    assert run.dataset().classes == expected.classes
    assert np.array_equal(run.dataset().split, expected.split)


@pytest.mark.parametrize("page", ["data", "masks", "compare"])
def test_other_pages_take_it_too(visit: Visit, with_data: str, page: str) -> None:
    app = visit(f"/{page}?data=lesson&lesson={with_data}")
    assert not app.exception
    assert not app.error
    assert app.query_params["data"] in ("lesson", ["lesson"])
    box = app.selectbox(key="data")
    assert box.value == "lesson"
    assert text("data.lesson_title", "en", name="rated texts.csv") in box.options


def test_texts_without_labels_are_taken_from_it_to_guess_words(visit: Visit, with_data: str) -> None:
    app = visit(f"/mlm?corpus=lesson&lesson={with_data}")
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="corpus").value == "lesson"


def test_a_lesson_that_is_gone_or_carries_nothing_is_told_in_one_sentence(visit: Visit, runs_root: Path) -> None:
    for name in ("20200101-000000-0123456789abcdef", "what-is-a-mask"):
        app = visit(f"/train?data=lesson&lesson={name}")
        assert not app.exception
        assert app.session_state["data"] != "lesson"
        assert any(r"data\=lesson" in warning.value for warning in app.warning)
        app = visit(f"/train?run=lesson&lesson={name}")
        assert not app.exception
        assert len(app.warning) == 1
        assert not app.button(key="do_start").disabled


def test_the_panel_and_the_whole_page_know_the_lesson(visit: Visit, with_data: str) -> None:
    app = visit(f"/learn?lesson={with_data}&step=2")
    assert not app.exception
    (frame,) = app.get("iframe")
    assert f"data=lesson&lesson={with_data}" in frame.proto.src
    app.button(key="whole").click().run()
    assert not app.exception
    assert app.session_state["data"] == "lesson"


def test_a_recorded_run_is_replayed_without_training(visit: Visit, finished_run: Run, runs_root: Path) -> None:
    name = with_run(finished_run, runs_root)
    app = visit(f"/train?run=lesson&lesson={name}")
    assert not app.exception
    assert not app.warning
    assert app.query_params["run"] in ("lesson", ["lesson"])
    assert app.query_params["lesson"] in (name, [name])
    assert text("train.recorded", "en") in [caption.value for caption in app.caption]
    enabled = {key for key in ("start", "pause", "step", "stop", "reset") if not app.button(key=f"do_{key}").disabled}
    assert enabled == {"start", "step", "reset"}
    for view in ("words", "ask", "scores", "beside"):
        app.segmented_control(key="view").set_value(view).run()
        assert not app.exception, view
    app.segmented_control(key="view").set_value("errors").run()
    app.button(key="ask_wrong").click().run()
    assert not app.exception
    assert text("error.run_without_texts", "en") in [info.value.replace("\\", "") for info in app.info]


def test_its_models_answer_if_they_came_along(visit: Visit, finished_run: Run, runs_root: Path) -> None:
    name = with_run(finished_run, runs_root, models=True)
    app = visit(f"/train?run=lesson&lesson={name}&view=errors")
    app.button(key="ask_wrong").click().run()
    assert not app.exception
    assert not app.info
    assert app.dataframe


def test_the_lesson_of_the_address_comes_before_the_one_read_last(
    visit: Visit, finished_run: Run, runs_root: Path, with_data: str
) -> None:
    other = KeptLesson.create(runs_root, Bundle(WITH_DATA.replace("rated texts", "others"), ROWS.encode())).name
    app = visit(f"/train?data=lesson&lesson={with_data}", lesson=other)
    assert not app.exception
    assert text("data.lesson_title", "en", name="rated texts.csv") in app.selectbox(key="data").options
    assert app.query_params["lesson"] in (with_data, [with_data])
    recorded = with_run(finished_run, runs_root)
    app = visit(f"/train?run=lesson&lesson={recorded}", lesson=other)
    assert not app.exception
    assert not app.warning
    assert app.query_params["lesson"] in (recorded, [recorded])

"""The view in which a reader asks the trained models: their threshold, and whether their masks are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.analysis import faithfulness, thresholds
from dynmask_core.data import Dataset
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, catalogue, text, told
from dynmask_core.runs import Run, Status, default_root
from dynmask_core.ui.components.thresholds import STRING_KEYS, payload

Visit = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def few_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynmask_core.analysis.drops.BOUNDED_TEXTS", 2)


@pytest.fixture
def run(settings: Any, dataset: Dataset) -> Run:
    made = Run.create(default_root(), settings("static", "hardconcrete", epochs=1), dataset)
    assert execute(made.path) == "finished"
    return made


def said(app: AppTest) -> str:
    """All prose of the page, as it reads."""
    return "\n".join(
        one.value for kind in ("text", "caption", "info", "warning", "markdown") for one in getattr(app, kind)
    ).replace("\\", "")


def offered(app: AppTest) -> list[Any]:
    return [button for button in app.button if button.key in ("thresholds_ask", "faith_ask")]


def test_a_reader_asks_and_the_answers_stay(run: Run, visit: Visit) -> None:
    app = visit(f"/train?run={run.name}&view=ask")
    assert not app.exception
    assert {text(f"{part}.title") for part in ("thresholds", "faith")} <= {heading.value for heading in app.subheader}
    assert len(offered(app)) == 2
    assert not app.dataframe
    app.button(key="thresholds_ask").click().run()
    app.button(key="faith_ask").click().run()
    assert not app.exception
    assert not offered(app)
    tables = [list(one.value.columns) for one in app.dataframe]
    assert any("theta" in columns for columns in tables)
    assert any({"comprehensiveness", "precision", "f1"} <= set(columns) for columns in tables)
    assert set(thresholds.known(run)) == set(faithfulness.known(run)) == {"static", "hardconcrete"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_are_told_in_both_languages(run: Run, visit: Visit, lang: str) -> None:
    thresholds.thresholds(run)
    found = faithfulness.faithfulness(run)
    app = visit(f"/train?run={run.name}&view=ask&lang={lang}")
    assert not app.exception
    assert not offered(app)
    prose = said(app)
    assert text("thresholds.why.gates", lang, arm="hardconcrete") in prose
    assert text("thresholds.honest", lang) in prose
    assert text("faith.honest", lang) in prose
    for one in found.values():
        assert told(one.sentence, lang) in prose


def test_a_run_that_trains_is_not_asked(run: Run, visit: Visit) -> None:
    run.write_status(Status("training", 1, 2))
    app = visit(f"/train?run={run.name}&view=ask")
    assert not app.exception
    assert not offered(app)
    assert text("faith.later") in said(app)


def test_a_stopped_run_is_asked_as_it_stands(settings: Any, dataset: Dataset, visit: Visit) -> None:
    run = Run.create(default_root(), settings("none", "repaired", epochs=3), dataset)
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) and event.epoch == 1 else None)
    app = visit(f"/train?run={run.name}&view=ask")
    app.button(key="thresholds_ask").click().run()
    assert not app.exception
    assert text("thresholds.early", epoch=1) in said(app)
    assert text("thresholds.why.other", arm="none") in said(app)


def test_a_run_that_goes_on_while_it_is_asked_keeps_nothing_of_the_models_before(
    settings: Any, dataset: Dataset, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.create(default_root(), settings("none", "repaired", epochs=2), dataset)
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) and event.epoch == 1 else None)
    assert run.status().state == "stopped"
    measure = thresholds._measure

    def resumed(*asked: Any) -> Any:
        if not run.finished:
            run.command("run")
            assert execute(run.path) == "finished"
        return measure(*asked)

    monkeypatch.setattr(thresholds, "_measure", resumed)
    app = visit(f"/train?run={run.name}&view=ask")
    app.button(key="thresholds_ask").click().run()
    assert not app.exception
    assert thresholds.known(run) == {}
    app.run()
    assert {button.key for button in offered(app)} == {"thresholds_ask", "faith_ask"}
    app.button(key="thresholds_ask").click().run()
    assert not app.exception
    assert set(thresholds.known(run)) == {"none", "repaired"}
    assert text("thresholds.early", epoch=1) not in said(app)


def test_the_browser_gets_all_numbers_and_words(run: Run) -> None:
    shown = [thresholds.thresholds(run)["static"]]
    given = payload(shown, ["#d55e00"], run=run.name, strings=catalogue("zh"))
    assert set(given["strings"]) == set(STRING_KEYS)
    (arm,) = given["arms"]
    for part in thresholds.PARTS:
        assert {len(arm["parts"][part][name]) for name in ("accuracy", "kept", "flops", "lowest", "random_low")} == {
            len(arm["thetas"])
        }

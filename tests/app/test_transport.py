"""What the buttons do to a run, and what is shown of it in each state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.errors import InputError
from dynmask_core.messages import text
from dynmask_core.runs import Run
from dynmask_core.ui.clusters import Lines

Visit = Callable[..., AppTest]
QUICK = "/train?data=fruit&model=tiny&epochs=2"


def offered(app: AppTest) -> set[str]:
    """The transport's buttons that can be pressed."""
    return {
        (button.key or "").removeprefix("do_")
        for button in app.button
        if (button.key or "").startswith("do_") and not button.disabled
    }


def run_came_out(app: AppTest, run: Run) -> bool:
    """Whether the page says the accuracy of each arm in one sentence."""
    result = run.result()
    assert result is not None
    scores = [f"{arm['name']} {arm['test']['accuracy']:.1%}" for arm in result["arms"]]
    said = [markdown.value.replace("\\", "") for markdown in app.markdown]
    return any(all(score in words for score in scores) for words in said)


def test_before_the_first_start_one_can_start_or_step(visit: Visit) -> None:
    assert offered(visit(QUICK)) == {"start", "step"}


def test_start_puts_a_run_with_these_settings_in_line(visit: Visit, line: Any) -> None:
    app = visit(QUICK + "&alpha=0.5&tau=0.5&theta=0.2&seed=4&dynamic=article&initial=normal&gate=multiply")
    app.button(key="do_start").click().run()
    assert not app.exception
    (run,) = line.submitted
    config = run.config()
    assert config.data.source == "sample:fruit"
    assert (config.train.epochs, config.train.seed, config.model.dim) == (2, 4, 32)
    assert config.arms == ("static", "article")
    assert (config.mask.initial, config.mask.gate_mode) == ("normal", "multiply")
    assert config.controls.step_size == 0.5
    assert config.controls.keep_threshold == 0.2
    assert app.query_params["run"] in (run.name, [run.name])
    assert offered(app) == {"stop", "reset"}
    assert any(text("state.queued", place=1) == info.value for info in app.info)


def test_a_finished_run_shows_its_scores(visit: Visit, line: Any) -> None:
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    line.train()
    app.run()
    assert not app.exception
    assert offered(app) == {"start", "step", "reset"}
    assert run_came_out(app, line.submitted[0])
    app.button(key="to_scores").click().run()
    assert text("score.title") in [heading.value for heading in app.subheader]
    assert len(app.dataframe) >= 2
    assert any(text("cost.title") == heading.value for heading in app.subheader)


def test_each_state_offers_what_can_be_done(visit: Visit, line: Any) -> None:
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    run: Run = line.submitted[0]
    expected = {
        "starting": {"pause", "stop", "reset"},
        "training": {"pause", "stop", "reset"},
        "paused": {"resume", "step", "stop", "reset"},
        "stopped": {"continue", "step", "reset"},
        "interrupted": {"continue", "step", "reset"},
        "failed": {"start", "step", "reset"},
    }
    for state, buttons in expected.items():
        run.write_status(replace(run.status(), state=state))  # type: ignore[arg-type]
        app.run()
        assert not app.exception
        assert offered(app) == buttons, state


def test_pause_resume_and_stop_are_asked_of_the_run(visit: Visit, line: Any) -> None:
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    run: Run = line.submitted[0]
    for state, button, wanted in (
        ("training", "pause", ("pause", None)),
        ("paused", "resume", ("run", None)),
        ("paused", "step", ("run", 1)),
        ("training", "stop", ("stop", None)),
    ):
        run.write_status(replace(run.status(), state=state))  # type: ignore[arg-type]
        app.run()
        app.button(key=f"do_{button}").click().run()
        assert not app.exception
        assert run.wanted() == wanted


def test_a_live_setting_is_asked_of_the_run_under_way(visit: Visit, line: Any) -> None:
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    run: Run = line.submitted[0]
    app.slider(key="theta").set_value(0.4).run()
    assert run.controls().keep_threshold == 0.4
    run.write_status(replace(run.status(), state="finished"))
    app.run()
    app.slider(key="theta").set_value(0.8).run()
    assert run.controls().keep_threshold == 0.4


def test_who_arrives_by_a_runs_name_finds_its_live_settings(visit: Visit, line: Any) -> None:
    app = visit(QUICK + "&alpha=0.5&theta=0.3")
    app.button(key="do_start").click().run()
    other = visit(f"/train?run={line.submitted[0].name}")
    assert not other.exception
    assert other.select_slider(key="alpha").value == 0.5
    assert other.slider(key="theta").value == 0.3


def test_reset_asks_the_run_to_stop_and_leaves_it(visit: Visit, line: Any) -> None:
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    app.button(key="do_reset").click().run()
    assert not app.exception
    assert line.submitted[0].wanted()[0] == "stop"
    assert "run" not in app.query_params
    assert offered(app) == {"start", "step"}


def test_a_stopped_run_is_resumed_under_its_own_name(visit: Visit, line: Any) -> None:
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    run: Run = line.submitted[0]
    run.write_status(replace(run.status(), state="stopped"))
    app.run()
    app.button(key="do_continue").click().run()
    assert [r.name for r in line.submitted] == [run.name, run.name]
    line.train()
    app.run()
    assert run.status().state == "finished"


def test_a_full_line_is_said_in_one_sentence(visit: Visit, line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(run: Run, owner: str) -> None:
        raise InputError("line_full", limit=100)

    monkeypatch.setattr(line, "submit", full)
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    assert not app.exception
    assert [error.value.replace("\\", "") for error in app.error] == [text("error.line_full", limit=100)]
    assert "run" not in app.query_params


def test_a_failed_run_says_why(visit: Visit, line: Any) -> None:
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    run: Run = line.submitted[0]
    run.write_status(replace(run.status(), state="failed", error=("no_device", {"device": "mps", "available": "cpu"})))
    app.run()
    assert not app.exception
    said = [error.value.replace("\\", "") for error in app.error]
    assert said == [text("error.no_device", device="mps", available="cpu")]


def test_a_cluster_that_does_not_answer_is_said_and_the_run_is_trained_here(
    visit: Visit, line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNMASK_SCHEDULER", "127.0.0.1:1")
    monkeypatch.setattr(Lines, "_connect", no_cluster)
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    assert not app.exception
    assert len(line.submitted) == 1
    assert text("progress.here") in [caption.value for caption in app.caption]


def no_cluster(lines: Lines, scheduler: str) -> None:
    raise InputError("no_cluster", address=scheduler)

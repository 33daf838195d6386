"""Whoever starts an experiment that was started here before is led to that run, and may look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.learn import classroom
from dynmask_core.messages import text
from dynmask_core.runs import Run, equal

Visit = Callable[..., AppTest]
QUICK = "/train?data=fruit&model=tiny&epochs=2"


def started(visit: Visit, address: str = QUICK) -> AppTest:
    app = visit(address)
    app.button(key="do_start").click().run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    run = app.query_params["run"]
    return run[0] if isinstance(run, list) else run


def said(app: AppTest) -> set[str]:
    return {caption.value for caption in app.caption}


def can_press(app: AppTest) -> set[str]:
    keys = {(button.key or "") for button in app.button if not button.disabled}
    return {key.removeprefix("do_") for key in keys if key.startswith("do_")}


def set_state(run: Run, state: Any) -> None:
    run.write_status(replace(run.status(), state=state))


@pytest.mark.parametrize("address", [QUICK, "/mlm?corpus=chinese_prose&model=tiny&mlm_epochs=2"])
def test_the_second_who_starts_watches_the_run_of_the_first(visit: Visit, line: Any, address: str) -> None:
    first, second = started(visit, address), started(visit, address)
    assert len(line.submitted) == 1
    assert shown(first) == shown(second) == line.submitted[0].name
    assert text("equal.now") in said(second)
    first.run()
    assert text("equal.now") not in said(first)


def test_in_a_class_the_shared_run_is_of_all_who_started_it(visit: Visit, line: Any, runs_root: Path) -> None:
    room, _ = classroom.create(runs_root, "what-is-a-mask", "en", 9)
    people = [room.join().who for _ in range(2)]
    for who in people:
        started(visit, f"{QUICK}&class={room.code}&who={who}")
    (run,) = line.submitted
    assert room.runs() == tuple((who, run.name) for who in people)


def test_other_settings_are_another_run(visit: Visit, line: Any) -> None:
    apps = [started(visit, QUICK + more) for more in ("", "&seed=1", "&alpha=0.5", "&dynamic=article")]
    assert len({shown(app) for app in apps}) == len(line.submitted) == 4


def test_onlookers_look_and_leave(visit: Visit, line: Any) -> None:
    first, second = started(visit), started(visit)
    run = line.submitted[0]
    for state, may in {
        "queued": {"reset"},
        "training": {"reset"},
        "paused": {"reset"},
        "stopped": {"start", "step", "reset"},
    }.items():
        set_state(run, state)
        second.run()
        assert not second.exception
        assert can_press(second) == may, state
    set_state(run, "training")
    second.run()
    assert all(slider.disabled for slider in second.slider if (slider.key or "").startswith("others_"))
    assert "theta" not in {slider.key for slider in second.slider}
    assert text("equal.controls") in said(second)
    second.button(key="do_reset").click().run()
    first.button(key="do_reset").click().run()
    assert run.wanted()[0] == "run"  # others looked on


def test_who_started_the_run_keeps_its_buttons(visit: Visit, line: Any) -> None:
    first, _ = started(visit), started(visit)
    run = line.submitted[0]
    set_state(run, "training")
    first.run()
    assert can_press(first) == {"pause", "stop", "reset"}
    assert "theta" in {slider.key for slider in first.slider}


def test_onlookers_can_train_it_again_themselves(visit: Visit, line: Any) -> None:
    first, second = started(visit), started(visit)
    second.button(key="train_anew").click().run()
    assert not second.exception
    assert [run.config() for run in line.submitted] == [line.submitted[0].config()] * 2
    assert shown(second) == line.submitted[1].name != shown(first)
    assert text("equal.now") not in said(second)
    assert can_press(second) == {"stop", "reset"}


def test_a_finished_run_is_there_at_once(visit: Visit, line: Any) -> None:
    first = started(visit)
    line.train()
    second = started(visit)
    assert len(line.submitted) == 1
    assert text("equal.before") in said(second)
    assert second.button(key="to_scores")
    first.button(key="do_reset").click().run()
    first.button(key="do_start").click().run()
    assert shown(first) == line.submitted[0].name
    assert text("equal.before") in said(first)


def test_a_run_whose_settings_were_moved_is_not_shared(visit: Visit, line: Any) -> None:
    first = started(visit)
    first.slider(key="theta").set_value(0.4).run()
    first.slider(key="theta").set_value(0.5).run()
    second = started(visit)
    assert len(line.submitted) == 2
    assert text("equal.now") not in said(second)


def test_one_epoch_is_not_shared(visit: Visit, line: Any) -> None:
    app = visit(QUICK)
    app.button(key="do_step").click().run()
    set_state(line.submitted[0], "paused")
    started(visit)
    assert len(line.submitted) == 2


def test_nobody_is_led_to_a_sentence_that_somebody_typed(visit: Visit, line: Any) -> None:
    first = started(visit)
    line.train()
    run = line.submitted[0]
    set_state(run, "training")
    first.run()
    first.text_input(key="own_probe").set_value("my secret melon").run()
    assert run.asked_probes() == ["my secret melon"]
    (run.path / "result.json").unlink()
    started(visit)
    assert len(line.submitted) == 2


def test_a_sentence_is_not_recorded_where_others_look_on(visit: Visit, line: Any) -> None:
    first = started(visit)
    line.train()
    run = line.submitted[0]
    second = started(visit)
    set_state(run, "training")
    for app in (first, second):
        app.run()
        app.text_input(key="own_probe").set_value("my secret melon").run()
        assert not app.exception
        assert text("probe.not_kept") in said(app)
    assert run.asked_probes() == []


def test_before_anybody_was_led_there_the_address_is_the_key(visit: Visit, line: Any) -> None:
    started(visit)
    run = line.submitted[0]
    set_state(run, "training")
    phone = visit(f"/train?run={run.name}")
    assert can_press(phone) == {"pause", "stop", "reset"}
    assert not equal.has_onlookers(run)

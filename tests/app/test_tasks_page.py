"""The page of marking units and of writing: starting a run, watching it, its scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.config import ContinueSettings, MarkSettings
from dynmask_core.messages import text
from dynmask_core.runs import Run
from dynmask_core.ui.choose import purpose
from dynmask_core.ui.tasks import write

Visit = Callable[..., AppTest]
QUICK = {
    "mark": "/tasks?marked=tags_en&model=tiny&task_epochs=1&task_arms=none,dropout",
    "continue": "/tasks?task=continue&pairs=stories&model=tiny&task_epochs=1&task_arms=none",
}


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as training takes, so that it takes no time."""
    for name in ("build_marked", "build_sequences"):
        read = getattr(purpose, name)
        few = lambda table, config, seed, read=read: read(table, replace(config, max_rows=80), seed)  # noqa: E731
        monkeypatch.setattr(purpose, name, few)


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in (*app.header, *app.subheader)]


def started(visit: Visit, line: Any, address: str) -> tuple[AppTest, Run]:
    app = visit(address)
    app.button(key="do_start").click().run()
    assert not app.exception
    return app, line.submitted[-1]


def test_what_is_learned_is_shown_before_the_first_run(visit: Visit) -> None:
    app = visit("/tasks")
    assert text("tasks.first_look") in headings(app)
    assert len(app.dataframe[0].value) == 5
    assert text("tasks.empty") in [info.value for info in app.info]


def test_the_settings_of_marking_reach_the_run(visit: Visit, line: Any) -> None:
    app, run = started(visit, line, QUICK["mark"] + "&seed=3")
    config = run.config()
    assert isinstance(config.task, MarkSettings)
    assert "B-PER" in config.task.marks
    assert (config.arms, config.train.epochs, config.train.seed) == (("none", "dropout"), 1, 3)
    assert config.model.token_dropout == 0.1  # as the command does for texts
    assert app.query_params["run"] in (run.name, [run.name])


def test_the_settings_of_writing_reach_the_run(visit: Visit, line: Any) -> None:
    _, run = started(visit, line, QUICK["continue"] + "&sight=causal")
    config = run.config()
    assert config.task == ContinueSettings("causal", "left")
    assert (config.input, config.data.sentences) == ("pairs", True)


@pytest.mark.parametrize("bad", ["task=count", "marked=fruit", "task_arms=nonsense", "task_arms=", "task_epochs=0"])
def test_what_the_address_makes_up_is_passed_over(visit: Visit, bad: str) -> None:
    app = visit(f"/tasks?{bad}" if bad.startswith("marked") else f"/tasks?marked=tags_en&{bad}")
    assert not app.exception
    assert app.multiselect(key="task_arms_box").value == ["none", "dropout"]
    assert bad.split("=")[0] not in app.query_params


def test_a_mask_that_cannot_act_is_refused_and_the_others_stay(visit: Visit) -> None:
    app = visit("/tasks?task=continue&pairs=stories&model=tiny")
    app.multiselect(key="task_arms_box").set_value(["none", "topk"]).run()
    assert not app.exception
    assert app.multiselect(key="task_arms_box").value == ["none", "dropout:0.1"]
    assert app.warning


def test_masks_that_clash_with_the_way_of_writing_are_said_before_the_start(visit: Visit, line: Any) -> None:
    app = visit(QUICK["continue"].replace("task_arms=none", "task_arms=none,dropout:how=mask") + "&way=unmask")
    assert app.error
    app.button(key="do_start").click().run()
    assert not line.submitted


def test_another_task_begins_with_its_own_arms_and_epochs(visit: Visit) -> None:
    app = visit("/tasks?marked=tags_en&model=tiny")
    app.button_group(key="task").set_value("continue").run()
    assert not app.exception
    assert app.multiselect(key="task_arms_box").value == ["none", "dropout:0.1"]
    assert app.slider(key="task_epochs").value == 16


@pytest.mark.parametrize("task", QUICK)
def test_a_finished_run_shows_player_outcome_and_scores(visit: Visit, line: Any, task: str) -> None:
    app, run = started(visit, line, QUICK[task])
    line.train()
    assert run.status().state == "finished"
    app.run()
    assert not app.exception
    told = " ".join(markdown.value for markdown in app.markdown)
    assert text("score.f1" if task == "mark" else "score.exact").lower() in told.lower()
    app = visit(f"/tasks?run={run.name}&task_view=scores&lang=zh")
    assert not app.exception
    assert text("score.title", "zh") in headings(app)
    (table,) = app.dataframe
    assert len(table.value) >= len(run.config().arms)


def test_a_run_of_another_page_opens_there(visit: Visit, finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNMASK_RUNS", str(finished_run.path.parent))
    app = visit(f"/tasks?run={finished_run.name}")
    assert not app.exception
    assert app.title[0].value == text("train.title")


def test_a_source_of_ones_own_is_written_on_from(visit: Visit, line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(write, "writing", lambda lines, **options: given.append(lines))
    _, run = started(visit, line, QUICK["continue"])
    app = visit(f"/tasks?run={run.name}&task_view=write")
    assert not given  # before the first epoch nobody can write
    line.train()
    app = visit(f"/tasks?run={run.name}&task_view=write")
    assert not app.exception
    assert [text("writing.wanted", target="").strip() in told.value for told in app.text].count(True) == 1
    app.text_input(key="write_own").set_value("Mary went to the kitchen. Where is Mary?").run()
    assert not app.exception
    (of_own,) = given[-1]
    assert of_own.units[1] == "mary went to the kitchen." or "[UNK]" in of_own.units
    assert of_own.given == 4  # [CLS], two sentences, ⇒
    assert of_own.steps[0].place == 4
    assert not any(text("writing.wanted", target="").strip() in told.value for told in app.text)


PAIRS = "nr,deutsch,english\n" + "\n".join(f"{i},Haus Nummer {i},house number {i}" for i in range(60))


def test_pairs_of_ones_own_say_their_columns_which_a_click_turns_round(visit: Visit, line: Any) -> None:
    app = visit("/tasks?task=continue&model=tiny&task_epochs=1&task_arms=none")
    app.text_area(key="pasted_pairs").set_value(PAIRS)
    app.button(key="read_pairs").click().run()
    assert not app.exception
    boxes = [box for box in app.selectbox if str(box.key).startswith("column_")]
    assert [box.label for box in boxes] == [text("sequences.text_column"), text("sequences.target_column")]
    boxes[0].set_value("deutsch").run()
    next(box for box in app.selectbox if str(box.key).startswith("column_target")).set_value("english").run()
    app.button(key="turn_pairs").click().run()
    assert any("60" in told.value for told in app.text)
    app.button(key="do_start").click().run()
    assert not app.exception
    read = line.submitted[-1].config().data
    assert (read.text_column, read.target_column) == ("english", "deutsch")
    assert "Haus" not in str(app.query_params)


def test_marks_of_ones_own_are_read_from_json_lines(visit: Visit, line: Any) -> None:
    rows = "\n".join(f'{{"tokens": ["Ann", "sees", "{i}"], "tags": ["B-PER", "O", "O"]}}' for i in range(40))
    app = visit("/tasks?model=tiny&task_epochs=1&task_arms=none")
    app.text_area(key="pasted_marked").set_value(rows)
    app.button(key="read_marked").click().run()
    assert not app.exception
    app.button(key="do_start").click().run()
    task = line.submitted[-1].config().task
    assert isinstance(task, MarkSettings)
    assert task.marks == ("O", "B-PER")


def test_pairs_brought_to_be_marked_are_refused_with_the_way_to_the_other_task(visit: Visit) -> None:
    app = visit("/tasks?model=tiny")
    app.text_area(key="pasted_marked").set_value(PAIRS)
    app.button(key="read_marked").click().run()
    assert not app.exception
    (said,) = app.error
    assert "dynmask continue" in said.value


def test_prose_begins_with_masks_that_act_on_it(visit: Visit, line: Any) -> None:
    _, run = started(visit, line, "/tasks?task=continue&pairs=english_prose&model=tiny&task_epochs=1")
    assert run.config().arms == ("none", "window:3")
    assert run.config().data.max_tokens == 128


def test_drawn_words_take_temperature_and_top_k_from_the_address(visit: Visit) -> None:
    app = visit("/tasks?task=continue&draw=drawn&temperature=0.5&top_k=3")
    assert not app.exception
    state = app.session_state
    assert (state["draw"], state["temperature"], state["top_k"]) == ("drawn", 0.5, 3)

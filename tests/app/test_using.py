"""What a reader does with a trained run: is it worth it, which texts were wrong, use it on new texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.analysis.errors import answers
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.runs import Run, files
from dynmask_core.ui.arm_names import named

Visit = Callable[..., AppTest]
QUICK = "/train?data=english_sentiment&model=tiny&epochs=1&view=scores"


def sections(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader]


def scores_table(app: AppTest) -> Any:
    return next(one.value for one in app.dataframe if "best_epoch" in one.value.columns)


@pytest.fixture
def trained(visit: Visit, line: Any) -> tuple[AppTest, Run]:
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    line.train()
    app.run()
    assert not app.exception
    return app, line.submitted[0]


@pytest.fixture
def stopped(visit: Visit, line: Any) -> tuple[AppTest, Run]:
    app = visit("/train?data=english_sentiment&model=tiny&epochs=3&view=scores")
    app.button(key="do_start").click().run()
    run: Run = line.submitted[-1]
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) and event.epoch == 1 else None)
    app.run()
    assert not app.exception
    return app, run


def test_the_references_stand_beside_the_arms_with_a_sentence(trained: tuple[AppTest, Run]) -> None:
    app, run = trained
    result = run.result()
    assert result is not None
    table = scores_table(app)
    assert list(table["arm"])[len(result["arms"]) :] == [
        text("reference.largest_class"),
        text("reference.bag_of_words"),
    ]
    assert table["accuracy"].iloc[-1] == 100 * result["reference"][1]["test"]["accuracy"]
    said = [info.value.replace("\\", "") for info in app.info]
    assert any("bag of words" in sentence.lower() for sentence in said)


def test_a_run_from_before_there_were_references_still_opens(trained: tuple[AppTest, Run], visit: Visit) -> None:
    _, run = trained
    files.write_json(run.path / "result.json", {"arms": (run.result() or {})["arms"]})
    app = visit(f"/train?run={run.name}&view=scores")
    assert not app.exception
    assert list(scores_table(app)["arm"]) == [named(run.config(), arm, "en") for arm in run.config().arms]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sections_are_headings_in_both_languages(trained: tuple[AppTest, Run], visit: Visit, lang: str) -> None:
    for view, parts in {"scores": ("score", "cost", "use", "take"), "errors": ("wrong",), "words": ("paths",)}.items():
        app = visit(f"/train?run={trained[1].name}&lang={lang}&view={view}")
        assert not app.exception
        assert sections(app) == [text(f"{part}.title", lang) for part in parts]


def look(app: AppTest, view: str) -> None:
    """Chooses a view of the run."""
    app.segmented_control(key="view").set_value(view).run()


def wrong_table(app: AppTest) -> Any:
    return next(one.value for one in app.dataframe if "truth" in one.value.columns)


def test_the_wrong_texts_are_shown_when_asked_for_and_filtered(trained: tuple[AppTest, Run]) -> None:
    app, run = trained
    look(app, "errors")
    assert not any("truth" in one.value.columns for one in app.dataframe)
    app.button(key="ask_wrong").click().run()
    assert not app.exception
    found = answers(run)
    table = wrong_table(app)
    assert len(table) == int((found.predicted[-1] != found.truth).sum())
    assert list(table["loss"]) == sorted(table["loss"], reverse=True)
    assert (table["truth"] != table["predicted_1"]).all()

    app.selectbox(key="wrong_show").select("all").run()
    assert len(wrong_table(app)) == len(found)
    app.selectbox(key="wrong_arm").select(found.arms[0]).run()
    cell, texts = next(iter(found.cells(found.arms[0]).items()))
    app.selectbox(key="wrong_cell").select(cell).run()
    table = wrong_table(app)
    assert len(table) == texts
    assert set(table["truth"]) == {found.classes[cell[0]]}
    assert set(table["predicted_0"]) == {found.classes[cell[1]]}

    word = table["text"].iloc[0].split()[1]
    app.text_input(key="wrong_word").set_value(word).run()
    assert not app.exception
    assert all(word.lower() in one.lower() for one in wrong_table(app)["text"])

    app.text_input(key="wrong_word").set_value("").run()
    app.selectbox(key="wrong_cell").select((-1, -1)).run()
    app.selectbox(key="wrong_show").select("suspicious").run()
    assert not app.exception
    assert (wrong_table(app)["suspect"] != "").all()
    assert any("Northcutt" in caption.value for caption in app.caption)


def test_words_that_training_never_saw_are_named_beside_a_typed_sentence(trained: tuple[AppTest, Run]) -> None:
    app, _ = trained
    look(app, "watch")
    app.text_input(key="own_probe").set_value("The *zyzzyva* was good, <b>zyzzyva</b>").run()
    assert not app.exception
    assert any("zyzzyva" in one.value and "good" not in one.value for one in app.text)


def test_a_pasted_list_is_answered_and_kept_on_the_page(trained: tuple[AppTest, Run]) -> None:
    app, run = trained
    app.text_area(key="use_pasted").set_value("A wonderful film\n\n=1+1 qwertz")
    app.button(key="use_paste").click().run()
    assert not app.exception
    table = next(one.value for one in app.dataframe if "probability_0" in one.value.columns)
    assert list(table["text"]) == ["A wonderful film", "", "=1+1 qwertz"]
    assert list(table["predicted_0"])[1] == ""
    assert "qwertz" in table["unknown"].iloc[2]
    assert set(table["predicted_1"]) <= {*run.dataset().classes, ""}
    app.run()
    assert any("probability_0" in one.value.columns for one in app.dataframe)


def test_nothing_pasted_is_said_in_one_sentence(trained: tuple[AppTest, Run]) -> None:
    app, _ = trained
    app.button(key="use_paste").click().run()
    assert not app.exception
    assert [error.value.replace("\\", "") for error in app.error] == [text("error.nothing_pasted")]


def test_a_stopped_run_is_scored_when_asked_for_and_said_to_be_early(stopped: tuple[AppTest, Run]) -> None:
    app, run = stopped
    assert text("use.title") not in sections(app)
    assert run.result() is None
    app.button(key="score_now").click().run()
    assert not app.exception
    early = text("score.early", epoch=1, epochs=3)
    assert early in [warning.value for warning in app.warning]
    assert text("use.early", epoch=1) in [caption.value for caption in app.caption]
    app.text_area(key="use_pasted").set_value("A wonderful film")
    app.button(key="use_paste").click().run()
    assert not app.exception
    assert any("probability_0" in one.value.columns for one in app.dataframe)

    run.command("run")
    execute(run.path)
    app.run()
    assert not app.exception
    assert early not in [warning.value for warning in app.warning]
    assert text("use.early", epoch=1) not in [caption.value for caption in app.caption]

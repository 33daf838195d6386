"""The page of masked language modelling without a browser: what it offers, what it starts, what it shows of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.config import GUESS_TOKENS, GuessSettings
from dynmask_core.messages import text
from dynmask_core.runs import Run
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.guess.ends import _judged
from dynmask_core.ui.i18n import plain

Visit = Callable[..., AppTest]
QUICK = "/mlm?corpus=chinese_prose&model=tiny&mlm_epochs=2"
BEASTS = ["dog", "cat", "cow", "hen", "fox", "owl", "rat", "pig", "bee", "ant", "elk", "cod"]
LINES = "\n".join(
    f"the {old} {beast} {does} the farmer today"
    for old in ("old", "young")
    for beast in BEASTS
    for does in ("sees", "hears", "finds")
)


def started(visit: Visit, line: Any, address: str = QUICK) -> tuple[AppTest, Run]:
    app = visit(address)
    app.button(key="do_start").click().run()
    assert not app.exception
    return app, line.submitted[-1]


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader]


def test_the_masks_are_shown_before_anything_is_trained(visit: Visit, line: Any) -> None:
    app = visit("/mlm")
    assert not app.exception
    assert text("mlm.masks") in [heading.value for heading in app.header]
    assert text("mlm.lines", first=1, last=12, all=1747) in [caption.value for caption in app.caption]
    assert not line.submitted


def test_lines_are_turned_by_the_page(visit: Visit) -> None:
    app = visit("/mlm")
    app.button(key="lines_on").click().run()
    assert text("mlm.lines", first=13, last=24, all=1747) in [caption.value for caption in app.caption]
    app.button(key="lines_back").click().run()
    assert app.button(key="lines_back").disabled


@pytest.mark.parametrize(("epochs", "key", "alike"), [(10, "mlm.same_until", 9), (9, "mlm.same_always", 9)])
def test_until_when_taking_turns_is_the_same_as_ever_new_masks(visit: Visit, epochs: int, key: str, alike: int) -> None:
    app = visit(f"/mlm?mlm_epochs={epochs}&refresh=static:2,static:10,dynamic")
    assert text(key, cycle="static:10", epochs=alike) in [caption.value for caption in app.caption]


def test_start_puts_a_run_with_these_settings_in_line(visit: Visit, line: Any) -> None:
    address = QUICK + "&refresh=static,dynamic&select=span&rate=0.3..0.15&seed=4&batch=64&mask_share=0.6"
    _, run = started(visit, line, address)
    config = run.config()
    assert isinstance(config.task, GuessSettings)
    assert config.arms == ("static", "dynamic")
    assert (config.data.source, config.train.epochs, config.train.seed) == ("sample:chinese_prose", 2, 4)
    assert (config.task.selection, config.task.rate, config.task.mask_share) == ("span", "0.3..0.15", 0.6)
    assert config.model.dim == 32
    assert run.dataset().classes == ()


@pytest.mark.parametrize("bad", ["refresh=sometimes", "rate=7", "select=none", "mlm_epochs=0", "corpus=fruit_salad"])
def test_what_the_address_makes_up_is_passed_over(visit: Visit, bad: str) -> None:
    app = visit(f"/mlm?{bad}")
    assert not app.exception
    assert app.session_state["refresh"] == ["static", "static:10", "dynamic"]
    assert bad.split("=")[0] not in app.query_params


def test_shares_that_exceed_the_whole_are_cut(visit: Visit, line: Any) -> None:
    _, run = started(visit, line, QUICK + "&mask_share=0.9&random_share=0.5")
    mlm = run.config().task
    assert mlm is not None
    assert (mlm.mask_share, mlm.random_share) == (0.9, 0.1)


@pytest.mark.parametrize("share", ["0.125", "0.333", "0.333333", "0.99999"])
def test_shares_with_many_digits_are_cut_too(visit: Visit, line: Any, share: str) -> None:
    _, run = started(visit, line, f"{QUICK}&mask_share={share}&random_share=1")
    mlm = run.config().task
    assert mlm is not None
    assert mlm.mask_share + mlm.random_share == pytest.approx(1)


def test_own_text_is_read_and_trained_on(visit: Visit, line: Any) -> None:
    app = visit("/mlm?model=tiny&mlm_epochs=1")
    app.text_area(key="pasted_corpus").set_value(LINES)
    app.button(key="read_corpus").click().run()
    assert not app.exception
    assert app.session_state["corpus"] == "own"
    app.button(key="do_start").click().run()
    assert len(line.submitted[-1].dataset()) == 72


def test_too_little_text_is_said_and_starts_nothing(visit: Visit, line: Any) -> None:
    app = visit("/mlm")
    app.text_area(key="pasted_corpus").set_value("one line\nand another")
    app.button(key="read_corpus").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert "2" in app.error[0].value
    assert not [button for button in app.button if button.key == "do_start"]


def test_text_that_cannot_be_used_leaves_the_run_on_the_page(visit: Visit, line: Any) -> None:
    app, run = started(visit, line)
    line.train()
    app.text_area(key="pasted_corpus").set_value("one line\nand another")
    app.button(key="read_corpus").click().run()
    assert not app.exception
    assert app.button(key="to_scores")
    assert len(app.error) == 1
    app.button(key="do_start").click().run()
    assert not app.exception
    assert line.submitted == [run]
    assert len(app.error) == 2


def test_text_on_one_line_is_told_to_be_put_on_many(visit: Visit) -> None:
    app = visit("/mlm")
    app.text_area(key="pasted_corpus").set_value(LINES.replace("\n", ". ") * 10)
    app.button(key="read_corpus").click().run()
    assert app.error[0].value == plain(text("error.corpus_few_lines", lines=1))


def test_what_is_said_of_the_text_beside_a_run_is_said_of_the_next_one(visit: Visit, line: Any) -> None:
    app, _ = started(visit, line)
    said = [caption.value for caption in app.caption]
    assert any(caption.startswith(text("mlm.read.next")) for caption in said)
    app.button(key="do_reset").click().run()
    assert not any(caption.value.startswith(text("mlm.read.next")) for caption in app.caption)


def test_lines_that_were_cut_are_counted(visit: Visit) -> None:
    app = visit("/mlm")
    long = " ".join(["the dog sees the farmer"] * 40)
    app.text_area(key="pasted_corpus").set_value(f"{LINES}\n{long}\nthe end")
    app.button(key="read_corpus").click().run()
    assert not app.exception
    assert any(caption.value.endswith(text("mlm.read.cut", count=1, most=GUESS_TOKENS)) for caption in app.caption)


def test_a_stopped_run_does_not_speak_of_test_texts(visit: Visit, line: Any) -> None:
    app, run = started(visit, line)
    run.write_status(replace(run.status(), state="stopped", place=0))
    app.run()
    assert text("mlm.stopped", epoch=0) in [info.value for info in app.info]


@pytest.mark.parametrize(
    ("static", "dynamic", "verdict"),
    [
        ((5.8, 5.8), (5.78, 5.78), "early"),
        ((5.8, 6.5), (5.2, 5.2), "overfit"),
        ((5.8, 5.8), (5.2, 5.2), "apart"),  # it hardly matters? it does
        ((5.8, 6.5), (5.7, 6.6), "apart"),  # both learned by heart
        ((5.8, 6.5), (5.2, 5.4), "apart"),
        ((5.2, 5.2), (5.8, 5.8), "apart"),
    ],
)
def test_the_verdict_says_what_the_losses_say(
    static: tuple[float, float], dynamic: tuple[float, float], verdict: str
) -> None:
    assert _judged(*({"best": best, "last": last} for best, last in (static, dynamic))) == verdict


def test_a_finished_run_says_how_it_ended(visit: Visit, line: Any) -> None:
    app, run = started(visit, line)
    line.train()
    app.run()
    assert not app.exception
    static = next(event for event in reversed(run.events()) if event.get("arm") == "static")
    said = app.markdown[0].value.replace("\\", "")
    assert f"static {static['validation']['accuracy']:.1%}" in said
    app.button(key="to_scores").click().run()
    assert not app.exception
    assert text("mlm.ends") in headings(app)
    table = app.dataframe[0].value
    assert list(table["arm"]) == [named(run.config(), arm, "en") for arm in ("static", "static:10", "dynamic")]
    last = [event for event in run.events() if event["type"] == "arm_epoch" and event["epoch"] == 2]
    assert list(table["last"]) == [event["validation"]["loss"] for event in last]


@pytest.mark.parametrize(
    ("view", "title"), [("fills", "mlm.sentence"), ("inside", "mlm.inside"), ("after", "mlm.downstream")]
)
def test_every_view_has_an_address(visit: Visit, line: Any, view: str, title: str) -> None:
    _, run = started(visit, line)
    line.train()
    app = visit(f"/mlm?run={run.name}&mlm_view={view}")
    assert not app.exception
    assert text(f"views.{view}") in [heading.value for heading in app.header]
    assert text(title) in headings(app)


def test_punctuation_in_the_line_on_a_run_is_escaped_once(visit: Visit, line: Any) -> None:
    app, run = started(visit, line)
    said = app.expander[0].label
    # Escaped twice, a reader would see the backslashes.
    assert "\\\\" not in said
    assert f"rate {run.config().task.rate}" in said.replace("\\", "")


def test_a_run_of_the_other_kind_is_shown_by_its_own_page(visit: Visit, line: Any) -> None:
    _, run = started(visit, line)
    line.train()
    app = visit(f"/train?run={run.name}")
    assert not app.exception
    assert app.title[0].value == text("mlm.title")


def test_the_way_on_leads_to_a_comparison_with_pretrained_models(visit: Visit) -> None:
    app = visit("/mlm")
    app.button(key="go_downstream").click().run()
    assert not app.exception
    assert app.title[0].value == text("compare.title")
    assert app.session_state["dynamic"] == "pretrained:dataset"
    assert app.selectbox(key="train_rows").value == 200

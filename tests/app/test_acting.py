"""Acting on a trained model from its page: sentences, clicks, a pinned original, two sentences side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.analysis.act import Acted, act, open_arms
from dynmask_core.analysis.forced import Forced
from dynmask_core.analysis.subject import Subject
from dynmask_core.data import Dataset
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.runs import Run, Status
from dynmask_core.ui.components.act import Choice
from dynmask_core.ui.question import act as page
from dynmask_core.ui.question import against

Visit = Callable[..., AppTest]


class Drawn:
    """What the components were given. choice: what the reader has clicked."""

    def __init__(self) -> None:
        self.choice = Choice()
        self.acts: list[tuple[Acted, list[tuple[float, ...]]]] = []
        self.contrasts: list[tuple[Any, list[str]]] = []


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    drawn = Drawn()
    monkeypatch.setattr(page, "choice", lambda *_: drawn.choice)
    monkeypatch.setattr(page, "act_on", lambda data, **_: drawn.acts.append((data.acted, data.before)))
    monkeypatch.setattr(against, "side_by_side", lambda data, **_: drawn.contrasts.append((data.found, data.said)))
    return drawn


@pytest.fixture
def opened(visit: Visit, finished_run: Run, monkeypatch: pytest.MonkeyPatch, drawn: Drawn) -> AppTest:
    monkeypatch.setenv("DYNMASK_RUNS", str(finished_run.path.parent))
    app = visit(f"/train?run={finished_run.name}&view=ask")
    assert not app.exception
    return app


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def edit(app: AppTest, sentence: str) -> None:
    app.text_area(key="act_text").set_value(sentence).run()
    assert not app.exception


def test_a_recorded_sentence_is_answered_when_the_view_opens(opened: AppTest, drawn: Drawn, finished_run: Run) -> None:
    assert {text("act.title"), text("contrast.title")} <= {heading.value for heading in opened.subheader}
    acted, before = drawn.acts[-1]
    assert acted.text in [probe.text for probe in finished_run.probes()]
    assert [arm.arm for arm in acted.arms] == list(finished_run.config().arms)
    assert before == [arm.before for arm in acted.arms]
    assert acted.arms[0].word_drops
    assert text("act.caution") in captions(opened)
    assert not drawn.contrasts


def test_another_recorded_sentence_can_be_chosen(opened: AppTest, drawn: Drawn, finished_run: Run) -> None:
    opened.selectbox(key="act_probe").select_index(1).run()
    assert not opened.exception
    assert drawn.acts[-1][0].text == " ".join(finished_run.probes()[1].text.split())


def test_what_is_clicked_is_forced_in_every_model(opened: AppTest, drawn: Drawn, finished_run: Run) -> None:
    sentence = drawn.acts[-1][0].text
    drawn.choice = Choice((1, 3), (), ((0, 1),))
    opened.run()
    acted, before = drawn.acts[-1]
    expected = act(open_arms(finished_run), sentence, Forced(frozenset([1, 3]), heads_off=frozenset([(0, 1)])))
    assert acted == expected
    assert before == [arm.before for arm in expected.arms]


def test_a_pinned_original_is_compared_with_what_it_was_edited_into(opened: AppTest, drawn: Drawn) -> None:
    original = drawn.acts[-1][0]
    opened.button(key="act_pin").click().run()
    edited = " ".join(original.text.split()[1:])
    edit(opened, edited)
    acted, before = drawn.acts[-1]
    assert acted.text == edited
    assert before == [arm.before for arm in original.arms]
    found, said = drawn.contrasts[-1]
    assert (found.first, found.second) == (original.text, edited)
    assert len(said) == len(acted.arms)
    opened.button(key="act_unpin").click().run()
    assert not opened.exception
    assert drawn.acts[-1][1] == [arm.before for arm in drawn.acts[-1][0].arms]


def test_a_typed_second_sentence_is_compared_with_the_first(opened: AppTest, drawn: Drawn) -> None:
    first = drawn.acts[-1][0].text
    opened.text_input(key="act_other").set_value("*other* words\n" + first).run()
    assert not opened.exception
    assert drawn.contrasts[-1][0].first == first
    assert drawn.contrasts[-1][0].second == "*other* words " + first


@pytest.mark.parametrize("typed", ["", " \n "])
def test_a_sentence_without_words_is_said_to_have_none(opened: AppTest, drawn: Drawn, typed: str) -> None:
    count = len(drawn.acts)
    edit(opened, typed)
    assert text("probe.empty") in captions(opened)
    assert len(drawn.acts) == count


def test_words_of_a_long_text_are_measured_when_asked_for(opened: AppTest, drawn: Drawn) -> None:
    edit(opened, " ".join(["ba", "bo"] * 40))
    acted = drawn.acts[-1][0]
    assert acted.unread == 16
    assert acted.arms[0].word_drops == ()
    assert text("act.unread", read=64, unread=16) in captions(opened)
    opened.toggle(key="act_each").set_value(True).run()
    assert not opened.exception
    assert len(drawn.acts[-1][0].arms[0].word_drops) == 64


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_languages_have_the_section(opened: AppTest, visit: Visit, finished_run: Run, lang: str) -> None:
    app = visit(f"/train?run={finished_run.name}&view=ask&lang={lang}")
    assert not app.exception
    assert text("act.title", lang) in [heading.value for heading in app.subheader]


def test_a_run_that_trains_says_when_it_can_be_asked(
    opened: AppTest, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(drawn.acts)
    state = Status("training", epoch=1, epochs=3, elapsed=10.0, fraction=0.5)
    monkeypatch.setattr(Run, "status", lambda run: state)
    monkeypatch.setattr(Run, "renew_lease", lambda run: None)
    opened.run()
    assert not opened.exception
    assert text("act.later", epoch=1, epochs=3) in captions(opened)
    assert text("act.left", time="0:10") in captions(opened)
    monkeypatch.setattr(Run, "status", lambda run: replace(state, state="stopped", epoch=0))
    monkeypatch.setattr(page, "can_stand", lambda run: False)
    opened.run()
    assert text("act.nothing") in captions(opened)
    assert len(drawn.acts) == count


def test_a_run_that_goes_on_while_it_is_answered_is_opened_anew(
    settings: Any, dataset: Dataset, runs_root: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch, drawn: Drawn
) -> None:
    run = Run.create(runs_root, settings(epochs=2, learning_rate=0.02), dataset)
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) and event.epoch == 1 else None)
    open_arm = Subject.open

    def resumed(run: Run, arm: str, epoch: int | None = None) -> Subject:
        opened = open_arm(run, arm, epoch)
        if not run.finished:
            run.command("run")
            assert execute(run.path) == "finished"
        return opened

    monkeypatch.setattr(Subject, "open", resumed)
    app = visit(f"/train?run={run.name}&view=ask")
    assert not app.exception
    app.run()
    assert not app.exception
    now = drawn.acts[-1][0]
    assert now == act(open_arms(run), now.text)

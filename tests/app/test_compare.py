"""The page that compares: what it starts, what it shows of a study, and what it does with a bad one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import build, planted
from dynmask_core.data.variants import transfer_to
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, catalogue, text, told
from dynmask_core.studies import KINDS, Study, StudyConfig
from dynmask_core.studies.comparison import compare, verdict
from dynmask_core.studies.questions import QUESTIONS
from dynmask_core.studies.results import results
from dynmask_core.ui import studies

Visit = Callable[..., AppTest]
WHAT: dict[str, dict[str, Any]] = {
    "compare": {"seeds": 6, "test_on": "elsewhere"},
    "sweep": {"kind": "sweep", "seeds": 2, "axes": (("step_size", (0.1, 0.5)), ("keep_threshold", (0.0, 0.1)))},
    "curve": {"kind": "curve", "seeds": 2, "sizes": (10, 30)},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Study]:
    """A finished study of each kind; for reading only."""
    root = tmp_path_factory.mktemp("studies")
    dataset, report = build(planted(texts=80, noise_words=60).table)
    other, _ = build(planted(texts=40, noise_words=60, seed=5).table)
    made = {}
    for kind, what in WHAT.items():
        arms = ("none", "repaired") if kind == "sweep" else ("none", "static")  # each arm has maps of its own
        training = TrainConfig(epochs=1, batch_size=16, device="cpu")
        base = ExperimentConfig(DataConfig("sample:planted"), ModelConfig(8, 1, 1), train=training, arms=arms)
        texts = transfer_to(dataset, other)[0] if kind == "compare" else dataset
        study = made[kind] = Study.create(root, StudyConfig(base=base, **what), texts, report)
        for job in study.jobs:
            execute(study.prepare(job, texts).path)
    return made


@pytest.fixture
def there(made: dict[str, Study], runs_root: Path) -> Callable[[str], Study]:
    """The study of that kind, among the runs of this test."""

    def copy(kind: str) -> Study:
        path = runs_root / made[kind].name
        shutil.copytree(made[kind].path, path)
        return Study(path)

    return copy


def said(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "error", "warning")
    return "\n".join(element.value for kind in kinds for element in getattr(app, kind)).replace("\\", "")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", WHAT)
def test_a_finished_study_is_shown_to_whoever_has_its_address(
    visit: Visit, there: Callable[[str], Study], kind: str, lang: str
) -> None:
    study = there(kind)
    app = visit(f"/compare?study={study.name}&lang={lang}")
    assert not app.exception
    assert not app.error
    done = len(study.jobs)
    assert text("study.runs", lang, done=done, all=done) in app.get("progress")[0].proto.text
    names = [name for name in LANGUAGES if name != lang]
    for other in names:
        assert catalogue(other)["study.run"] != app.selectbox(key="study_run").label
    assert app.get("download_button")


def test_the_verdict_of_the_page_is_that_of_the_statistics(visit: Visit, there: Callable[[str], Study]) -> None:
    study = there("compare")
    app = visit(f"/compare?study={study.name}")
    comparison = compare(results(study), study.config.base.arms)
    assert verdict(comparison.of("accuracy")[0], comparison) in said(app)
    tables = [table.value for table in app.dataframe]
    means = next(table for table in tables if "sd" in table)
    assert np.allclose(means["accuracy"], [100 * comparison.scores(arm).mean() for arm in comparison.arms])
    assert any("away" in table for table in tables)


def test_no_verdict_while_seeds_are_missing_and_somebody_works_on_them(
    visit: Visit, there: Callable[[str], Study]
) -> None:
    study = there("compare")
    shutil.rmtree(study.run(study.jobs[-1]).path)
    with study.living():
        app = visit(f"/compare?study={study.name}")
        assert not app.exception
        assert text("compare.wait", seeds=5) in said(app)
        assert not any("adjusted" in table.value for table in app.dataframe)
        assert not [button for button in app.button if button.key is not None and button.key.startswith("over_")]
        assert app.button(key="do_start").disabled
        assert not app.button(key="do_cancel").disabled
        app.button(key="do_cancel").click().run()
    assert study.wanted() == "stop"


def test_what_was_stopped_can_be_gone_on_with(
    visit: Visit, there: Callable[[str], Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[Study] = []
    monkeypatch.setattr(studies, "conduct", lambda study, line: (began.append(study), study.sign_of_life()))
    study = there("curve")
    shutil.rmtree(study.run(study.jobs[0]).path)
    app = visit(f"/compare?study={study.name}")
    assert text("study.stopped", left=1) in said(app)
    app.button(key="do_continue").click().run()
    assert [one.name for one in began] == [study.name]
    assert not app.exception


@pytest.mark.parametrize("kind", WHAT)
def test_start_makes_the_study_that_the_controls_describe(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    began: list[Study] = []
    monkeypatch.setattr(studies, "conduct", lambda study, line: (began.append(study), study.sign_of_life()))
    app = visit(f"/compare?kind={kind}&data=negation&dynamic=repaired&baseline=none&{kind}_seeds=7&epochs=2&seed=3")
    app.button(key="do_start").click().run()
    assert not app.exception
    assert not app.error
    (study,) = began
    config = study.config
    assert (config.kind, config.seeds, config.base.train.seed, config.base.train.epochs) == (kind, 7, 3, 2)
    assert config.base.arms == (("repaired",) if kind == "sweep" else ("none", "repaired"))
    assert bool(config.axes) == (kind == "sweep")
    assert bool(config.sizes) == (kind == "curve")
    # The same controls again are the same study.
    study.let_go()
    again = visit(f"/compare?kind={kind}&data=negation&dynamic=repaired&baseline=none&{kind}_seeds=7&epochs=2&seed=3")
    again.button(key="do_start").click().run()
    assert [one.name for one in began] == [study.name] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_does_unasked_what_the_kind_says(visit: Visit, kind: str) -> None:
    app = visit(f"/compare?kind={kind}")
    assert app.slider(key=f"{kind}_seeds").value == KINDS[kind].seeds
    assert not app.warning


@pytest.mark.parametrize("lang", LANGUAGES)
def test_too_few_seeds_are_said_before_the_start(visit: Visit, lang: str) -> None:
    few = {"seeds": 5, "arms": 2, "p": "0.0625", "alpha": 0.05, "least": 6}
    app = visit(f"/compare?kind=curve&curve_seeds=5&lang={lang}")
    assert text("study.too_few", lang, **few) in said(app)
    assert not visit(f"/compare?kind=curve&curve_seeds=6&lang={lang}").warning


def test_what_cannot_be_started_is_said_in_a_sentence(visit: Visit) -> None:
    app = visit("/compare?kind=sweep")
    for key in ("vary_step_size", "vary_evidence_threshold"):
        app.multiselect(key=key).set_value([]).run()
    app.button(key="do_start").click().run()
    assert text("error.no_axes") in said(app)
    app = visit("/compare?dynamic=none&baseline=none")
    app.button(key="do_start").click().run()
    assert "arms" in said(app)
    app = visit("/compare?data=negation&test_on=english_news")
    app.button(key="do_start").click().run()
    assert "labels" in said(app)
    assert not app.exception


@pytest.mark.parametrize("name", ["nobody", "../../etc", "20260101-000000-0123456789abcdef"])
def test_an_unknown_study_is_said(visit: Visit, name: str) -> None:
    app = visit(f"/compare?study={name}")
    assert not app.exception
    assert app.warning[0].value == text("study.none")


def test_a_single_run_of_a_study_opens_like_any_other(visit: Visit, there: Callable[[str], Study]) -> None:
    study = there("sweep")
    app = visit(f"/compare?study={study.name}")
    name = app.selectbox(key="study_run").value
    app.button(key="study_open").click().run()
    assert not app.exception
    assert app.session_state["train_run"] == name
    assert app.title[0].value == text("train.title")


def test_the_models_of_all_seeds_are_asked_when_a_reader_wants_it_and_the_verdict_stays(
    visit: Visit, there: Callable[[str], Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dynmask_core.analysis.drops.BOUNDED_TEXTS", 4)
    study = there("compare")
    app = visit(f"/compare?study={study.name}")
    for question in QUESTIONS:
        app.button(key=f"over_{question}_ask").click().run()
        assert not app.exception
    app = visit(f"/compare?study={study.name}&lang=zh")
    assert not [button for button in app.button if button.key is not None and button.key.startswith("over_")]
    for question in QUESTIONS.values():
        kept = question.kept(study)
        assert kept is not None
        for one in kept.deciding:
            assert told(one.sentence, "zh") in said(app)


def test_other_kinds_of_study_are_not_asked(visit: Visit, there: Callable[[str], Study]) -> None:
    app = visit(f"/compare?study={there('curve').name}")
    assert not app.exception
    assert not [button for button in app.button if button.key is not None and button.key.startswith("over_")]
